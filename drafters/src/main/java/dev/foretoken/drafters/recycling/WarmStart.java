package dev.foretoken.drafters.recycling;

import dev.foretoken.engine.draft.DraftLesson;
import java.util.Arrays;

/**
 * A frozen table of successors that all sessions share and none changes: the likely next tokens of some tokens. Its
 * fingerprint goes into traces, so that a replay knows whether it drafts from the same table. Immutable, thread-safe.
 */
public final class WarmStart {
    /** Nothing is known beforehand. */
    public static final WarmStart EMPTY = new WarmStart(new int[0], new int[0]);

    static final int SUCCESSORS = DraftLesson.TOP_IDS;
    private static final long FINGERPRINT_PRIME = 0x100000001B3L;

    private final int[] tokens;
    private final int[] successors;
    private final long fingerprint;

    /**
     * @param tokens ids with known successors, strictly ascending
     * @param successors [tokens, {@link DraftLesson#TOP_IDS}] row-major, best first
     */
    public WarmStart(int[] tokens, int[] successors) {
        if (successors.length != tokens.length * SUCCESSORS) {
            throw new IllegalArgumentException("%d tokens need %d successors each, not %d in all"
                    .formatted(tokens.length, SUCCESSORS, successors.length));
        }
        for (int i = 1; i < tokens.length; i++) {
            if (tokens[i] <= tokens[i - 1]) {
                throw new IllegalArgumentException(
                        "tokens must ascend, but %d follows %d".formatted(tokens[i], tokens[i - 1]));
            }
        }
        this.tokens = tokens.clone();
        this.successors = successors.clone();
        fingerprint = tokens.length == 0 ? 0 : hash(hash(0xCBF29CE484222325L, tokens), successors);
    }

    private static long hash(long start, int[] values) {
        long hash = start;
        for (int value : values) {
            hash = (hash ^ value) * FINGERPRINT_PRIME;
        }
        return hash;
    }

    /** A hash of the whole table, 0 if it is empty. */
    public long fingerprint() {
        return fingerprint;
    }

    /** Copies a token's successors to the start of a row; returns false, leaving it alone, if the token is not known. */
    boolean copyTo(int token, int[] rowsOut, int offset) {
        int index = Arrays.binarySearch(tokens, token);
        if (index < 0) {
            return false;
        }
        System.arraycopy(successors, index * SUCCESSORS, rowsOut, offset, SUCCESSORS);
        return true;
    }
}
