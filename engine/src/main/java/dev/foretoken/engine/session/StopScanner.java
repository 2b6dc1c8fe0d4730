package dev.foretoken.engine.session;

import dev.foretoken.engine.tokenizer.Utf8Boundary;
import dev.foretoken.engine.tokenizer.Vocabulary;
import java.util.List;

/**
 * Looks for stop strings in a session's text and says how much of it may be shown. Text is the concatenation of
 * {@link Vocabulary#bytes} of the emitted tokens; stop strings are compared as UTF-8. The first stop string to be completed
 * counts; of several completed by the same byte, the one that begins first.
 * <p>One object per session, owned by the lane's verifier thread; allocates nothing per token.
 */
final class StopScanner {
    private final Vocabulary vocabulary;
    private final StopAutomaton automaton;
    private final Utf8Boundary characters = new Utf8Boundary();
    private int state = StopAutomaton.START;
    private int textBytes;
    private int releasedBytes;
    private boolean ended;

    /** @param stopStrings as {@link GenerationRequest} lets them in */
    StopScanner(Vocabulary vocabulary, List<String> stopStrings) {
        this.vocabulary = vocabulary;
        automaton = new StopAutomaton(stopStrings);
    }

    /**
     * Takes the next emitted token.
     *
     * @return true if it completed a stop string: the text ends before that string, and nothing more may be taken
     */
    boolean accept(int token) {
        assert !ended : "token " + token + " after the text's end";
        for (byte next : vocabulary.bytes(token)) {
            textBytes++;
            state = automaton.next(state, next);
            characters.accept(next);
            if (automaton.matchBytes(state) > 0) {
                releasedBytes = textBytes - automaton.matchBytes(state);
                ended = true;
                return true;
            }
        }
        // Both are ends of the same text at character boundaries; the longer one holds the other.
        releasedBytes = textBytes - Math.max(automaton.heldBytes(state), characters.pendingBytes());
        return false;
    }

    /** The text ends here without a stop string: what was held back is released too. */
    void flush() {
        if (!ended) {
            releasedBytes = textBytes;
            ended = true;
        }
    }

    /**
     * Bytes of the text, from its beginning, that may be shown: whole characters (or what can never become one) that
     * belong to no stop string. Never less than before.
     */
    int releasedBytes() {
        return releasedBytes;
    }
}
