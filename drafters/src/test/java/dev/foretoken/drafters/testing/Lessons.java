package dev.foretoken.drafters.testing;

import dev.foretoken.engine.draft.DraftLesson;
import dev.foretoken.engine.tree.TokenTree;
import dev.foretoken.engine.verify.StepVerdict;

/** Verdicts for tests, made from the tokens that the target would emit. */
public final class Lessons {
    private Lessons() {}

    /**
     * Judges a tree against the target's own continuation. The best ids of a row are the token emitted, then others.
     *
     * @param truth what the target says, a token per position; the verdict ends with it
     * @param from position of the first token after the root
     */
    public static void judge(TokenTree tree, int[] truth, int from, int vocabularySize, StepVerdict verdictOut) {
        verdictOut.restart(0, tree.token(0), DraftLesson.TOP_IDS);
        int node = 0;
        for (int index = 0; node != TokenTree.NONE && from + index < truth.length; index++) {
            int token = truth[from + index];
            verdictOut.emit(token, 1, 2);
            for (int rank = 0; rank < DraftLesson.TOP_IDS; rank++) {
                verdictOut.top(index, rank, (token + rank * 7) % vocabularySize, -rank);
            }
            node = tree.childOf(node, token);
            if (node != TokenTree.NONE) {
                verdictOut.acceptNode(node);
            }
        }
    }
}
