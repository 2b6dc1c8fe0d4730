package dev.foretoken.drafters.recycling;

import dev.foretoken.engine.draft.DraftLesson;
import java.util.Arrays;

/**
 * The likely successors of tokens: for each token seen as an input, the best ids of the row it led to last. Rows come into
 * being on first use, above a frozen warm start. The arrays double while new tokens appear and then stay. Not thread-safe.
 */
final class SuccessorTable {
    static final int SUCCESSORS = DraftLesson.TOP_IDS;
    static final int UNKNOWN = -1;

    private static final int ROWS_AT_FIRST = 256;

    private final WarmStart warmStart;
    // Open addressing by token id: the row's index, or UNKNOWN where the slot is free.
    private int[] rowOfSlot;
    private int[] tokenOfRow = new int[ROWS_AT_FIRST];
    private int[] successors = new int[ROWS_AT_FIRST * SUCCESSORS];
    private byte[] streakOfRow = new byte[ROWS_AT_FIRST]; // right (or, negative, wrong) predictions in a row
    private int[] tokensBefore = new int[ROWS_AT_FIRST * 2]; // the last two before the row's token when it was learned
    private int rowCount;

    SuccessorTable(WarmStart warmStart) {
        this.warmStart = warmStart;
        rowOfSlot = freeSlots(ROWS_AT_FIRST * 4);
    }

    /** The row of a token, or {@link #UNKNOWN}. A token of the warm start gets its row here. */
    int rowOf(int token) {
        int slot = slotOf(token);
        if (rowOfSlot[slot] != UNKNOWN) {
            return rowOfSlot[slot];
        }
        int next = roomForRow();
        if (!warmStart.copyTo(token, successors, next * SUCCESSORS)) {
            return UNKNOWN;
        }
        return take(token);
    }

    int successor(int row, int rank) {
        return successors[row * SUCCESSORS + rank];
    }

    /**
     * What kind of row this is, see {@link SuccessorRates#kindOf}.
     *
     * @param before1 the token before the row's token now, negative if there is none
     * @param before2 the one before that
     */
    int kindOf(int row, int before1, int before2) {
        int agreement = 1;
        if (tokensBefore[2 * row] == before1) {
            agreement = tokensBefore[2 * row + 1] == before2 ? 3 : 2;
        }
        return SuccessorRates.kindOf(agreement, streakOfRow[row]);
    }

    /** Replaces a token's successors by those of a row of the lesson, before which stood these tokens. */
    void learn(DraftLesson lesson, int index, int before1, int before2) {
        int token = lesson.inputToken(index);
        int row = rowOf(token);
        if (row == UNKNOWN) {
            roomForRow();
            row = take(token);
        } else {
            boolean right = successor(row, 0) == lesson.emittedToken(index);
            streakOfRow[row] = (byte) SuccessorRates.streakAfter(streakOfRow[row], right);
        }
        tokensBefore[2 * row] = before1;
        tokensBefore[2 * row + 1] = before2;
        for (int rank = 0; rank < SUCCESSORS; rank++) {
            successors[row * SUCCESSORS + rank] = lesson.topId(index, rank);
        }
    }

    private int take(int token) {
        rowOfSlot[slotOf(token)] = rowCount;
        tokensBefore[2 * rowCount] = UNKNOWN - 1;
        tokenOfRow[rowCount] = token;
        return rowCount++;
    }

    private int roomForRow() {
        if (rowCount == tokenOfRow.length) {
            tokenOfRow = Arrays.copyOf(tokenOfRow, rowCount * 2);
            successors = Arrays.copyOf(successors, rowCount * 2 * SUCCESSORS);
            streakOfRow = Arrays.copyOf(streakOfRow, rowCount * 2);
            tokensBefore = Arrays.copyOf(tokensBefore, rowCount * 4);
            rowOfSlot = freeSlots(rowOfSlot.length * 2);
            for (int row = 0; row < rowCount; row++) {
                rowOfSlot[slotOf(tokenOfRow[row])] = row;
            }
        }
        return rowCount;
    }

    private static int[] freeSlots(int count) {
        int[] slots = new int[count];
        Arrays.fill(slots, UNKNOWN);
        return slots;
    }

    /** The slot of the token, or the free one where it belongs. */
    private int slotOf(int token) {
        int mask = rowOfSlot.length - 1;
        int slot = (token * 0x9E3779B1) >>> 9 & mask;
        while (rowOfSlot[slot] != UNKNOWN && tokenOfRow[rowOfSlot[slot]] != token) {
            slot = slot + 1 & mask;
        }
        return slot;
    }
}
