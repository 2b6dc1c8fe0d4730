package dev.foretoken.drafters.testing;

import dev.foretoken.engine.draft.DraftEnvironment;
import dev.foretoken.engine.draft.DraftSession;
import dev.foretoken.engine.draft.DraftStart;
import dev.foretoken.engine.draft.DraftText;
import dev.foretoken.engine.draft.Drafter;
import dev.foretoken.engine.draft.DrafterFactory;
import dev.foretoken.engine.tree.TokenTree;
import java.util.SplittableRandom;

/** Proposes trees of random shape, size and tokens: a function of its seed and the text's length. Almost always wrong. */
public final class RandomDrafter implements Drafter {
    private final long seed;

    public RandomDrafter(long seed) {
        this.seed = seed;
    }

    public static DrafterFactory factory(long seed) {
        return new DrafterFactory() {
            @Override
            public String name() {
                return "random";
            }

            @Override
            public Drafter create(DraftEnvironment environment) {
                return new RandomDrafter(seed);
            }
        };
    }

    @Override
    public String name() {
        return "random";
    }

    @Override
    public boolean needsOwnThread() {
        return false;
    }

    @Override
    public DraftSession open(DraftStart start) {
        int vocabularySize = start.vocabulary().size();
        return (text, depthMax, draftOut) -> propose(text, depthMax, vocabularySize, draftOut);
    }

    private void propose(DraftText text, int depthMax, int vocabularySize, TokenTree draftOut) {
        SplittableRandom random = new SplittableRandom(seed * 31 + text.length());
        int attempts = random.nextInt(1, 2 * draftOut.nodesMax() + 1);
        for (int i = 0; i < attempts && !draftOut.isFull(); i++) {
            int parent = random.nextInt(draftOut.nodeCount());
            if (draftOut.depth(parent) < depthMax) {
                float score = draftOut.score(parent) * (float) random.nextDouble();
                draftOut.add(parent, random.nextInt(vocabularySize), score, 0);
            }
        }
    }
}
