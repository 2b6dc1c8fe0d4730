package dev.foretoken.drafters.testing;

import dev.foretoken.engine.draft.DraftEnvironment;
import dev.foretoken.engine.draft.DraftSession;
import dev.foretoken.engine.draft.DraftStart;
import dev.foretoken.engine.draft.DraftText;
import dev.foretoken.engine.draft.Drafter;
import dev.foretoken.engine.draft.DrafterFactory;
import dev.foretoken.engine.tree.TokenTree;
import java.util.List;

/**
 * Knows the answers: proposes the chain that a reference continues the text with, and nothing where no reference does.
 * Every node it proposes is accepted if the target agrees with the reference.
 */
public final class OracleDrafter implements Drafter {
    private final List<int[]> references;

    /** @param references whole sequences, prompt and output */
    public OracleDrafter(List<int[]> references) {
        this.references = List.copyOf(references);
    }

    public static DrafterFactory factory(List<int[]> references) {
        return new DrafterFactory() {
            @Override
            public String name() {
                return "oracle";
            }

            @Override
            public Drafter create(DraftEnvironment environment) {
                return new OracleDrafter(references);
            }
        };
    }

    @Override
    public String name() {
        return "oracle";
    }

    @Override
    public boolean needsOwnThread() {
        return false;
    }

    @Override
    public DraftSession open(DraftStart start) {
        return this::propose;
    }

    private void propose(DraftText text, int depthMax, TokenTree draftOut) {
        for (int[] reference : references) {
            if (beginsWith(reference, text)) {
                int node = 0;
                for (int depth = 1; depth <= depthMax && text.length() - 1 + depth < reference.length; depth++) {
                    node = draftOut.add(node, reference[text.length() - 1 + depth], 0.97f * draftOut.score(node), 0);
                    if (node == TokenTree.FULL) {
                        return;
                    }
                }
                return;
            }
        }
    }

    private static boolean beginsWith(int[] reference, DraftText text) {
        for (int i = 0; i < text.length(); i++) {
            if (i >= reference.length || reference[i] != text.token(i)) {
                return false;
            }
        }
        return true;
    }
}
