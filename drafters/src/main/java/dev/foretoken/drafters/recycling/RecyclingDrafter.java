package dev.foretoken.drafters.recycling;

import dev.foretoken.engine.draft.DraftSession;
import dev.foretoken.engine.draft.DraftStart;
import dev.foretoken.engine.draft.Drafter;

/**
 * Token recycling: the best ids of every emitted token's row are kept as successors of its input token, and the next tree
 * is grown from those successors. Learns from verdicts only, per session, above a frozen warm start shared by all.
 * <p>Source: Luo et al., "Turning Trash into Treasure: Accelerating Inference of Large Language Models with Token Recycling"
 * (2024). The tree is not their template: it grows by rank rates, which depend on how well a row foretold before and on how
 * far the text before it agrees. Thread-safe; its sessions are not.
 */
public final class RecyclingDrafter implements Drafter {
    public static final String NAME = "recycling";

    private final WarmStart warmStart;

    public RecyclingDrafter(WarmStart warmStart) {
        this.warmStart = warmStart;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public long warmStartFingerprint() {
        return warmStart.fingerprint();
    }

    @Override
    public boolean needsOwnThread() {
        return false;
    }

    @Override
    public DraftSession open(DraftStart start) {
        return new RecyclingSession(start, warmStart);
    }
}
