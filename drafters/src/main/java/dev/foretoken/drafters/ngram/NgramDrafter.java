package dev.foretoken.drafters.ngram;

import dev.foretoken.engine.draft.DraftSession;
import dev.foretoken.engine.draft.DraftStart;
import dev.foretoken.engine.draft.Drafter;

/**
 * Prompt lookup decoding: finds where the last few tokens occurred before, in prompt or output, and proposes what followed
 * there. All such places vote, the more the further they agree with the text's end; places that went on differently become
 * branches. Costs a few hash look-ups per token and no model.
 * <p>Source: Saxena, "Prompt Lookup Decoding" (2023); weighing all matches by their length, as prediction by partial matching
 * does (Cleary and Witten, 1984), and branches are ours. Thread-safe; its sessions are not.
 */
public final class NgramDrafter implements Drafter {
    public static final String NAME = "ngram";

    private static final int GRAM_MAX = 3;

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public boolean needsOwnThread() {
        return false;
    }

    @Override
    public DraftSession open(DraftStart start) {
        return new NgramSession(start, GRAM_MAX);
    }
}
