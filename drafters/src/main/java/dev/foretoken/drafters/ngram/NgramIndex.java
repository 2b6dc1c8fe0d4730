package dev.foretoken.drafters.ngram;

import dev.foretoken.engine.draft.DraftText;
import java.util.Arrays;

/**
 * Where every n-gram of one length ended last in a session's text, and where it ended before that. A slot of the table
 * holds an end position, and the text itself tells which n-gram that is, so a collision of hashes is never a match.
 * Sized at construction, nothing is allocated afterwards. Not thread-safe.
 */
final class NgramIndex {
    static final int NONE = -1;

    private final int gramLength;
    private final int[] lastEndOfSlot;
    private final int slotMask;
    private final int[] previousEnd;

    NgramIndex(int gramLength, int tokensMax) {
        this.gramLength = gramLength;
        int slots = Integer.highestOneBit(Math.max(8, tokensMax)) * 4;
        lastEndOfSlot = new int[slots];
        Arrays.fill(lastEndOfSlot, NONE);
        slotMask = slots - 1;
        previousEnd = new int[tokensMax];
    }

    /** Notes the n-gram that ends at a position; positions come in ascending order. */
    void add(DraftText text, int end) {
        if (end < gramLength - 1) {
            return;
        }
        int slot = slotOf(text, end);
        previousEnd[end] = lastEndOfSlot[slot];
        lastEndOfSlot[slot] = end;
    }

    /** Where the n-gram that ends at {@code end} ended last before, among the noted ones; or {@link #NONE}. */
    int lastEnd(DraftText text, int end) {
        return end < gramLength - 1 ? NONE : lastEndOfSlot[slotOf(text, end)];
    }

    /** Where the n-gram that ends at this noted position ended before, or {@link #NONE}. */
    int previousEnd(int end) {
        return previousEnd[end];
    }

    private int slotOf(DraftText text, int end) {
        int hash = 0;
        for (int back = gramLength - 1; back >= 0; back--) {
            hash = (hash + text.token(end - back)) * 0x9E3779B1;
        }
        int slot = (hash ^ hash >>> 15) & slotMask;
        while (lastEndOfSlot[slot] != NONE && !equal(text, lastEndOfSlot[slot], end)) {
            slot = slot + 1 & slotMask;
        }
        return slot;
    }

    private boolean equal(DraftText text, int end1, int end2) {
        for (int back = 0; back < gramLength; back++) {
            if (text.token(end1 - back) != text.token(end2 - back)) {
                return false;
            }
        }
        return true;
    }
}
