package dev.foretoken.engine.tokenizer;

import java.util.Arrays;

/** Finds the token whose bytes are a span of a text, without making an object of the span. Immutable, thread-safe. */
final class PieceTable {
    private static final int EMPTY = -1;

    private final HashKeys keys;
    private final byte[][] bytesById; // null where the token cannot be found this way
    private final int[] slots;
    private final int lengthMax;

    /** Of two tokens with the same bytes the lower id is found. */
    PieceTable(byte[][] bytesById) {
        this(bytesById, HashKeys.OWN);
    }

    PieceTable(byte[][] bytesById, HashKeys keys) {
        this.keys = keys;
        this.bytesById = bytesById;
        slots = new int[Integer.highestOneBit(Math.max(4, bytesById.length)) * 4];
        Arrays.fill(slots, EMPTY);
        int longest = 0;
        for (int id = 0; id < bytesById.length; id++) {
            byte[] bytes = bytesById[id];
            if (bytes != null && bytes.length > 0) {
                insert(id, bytes);
                longest = Math.max(longest, bytes.length);
            }
        }
        lengthMax = longest;
    }

    private void insert(int id, byte[] bytes) {
        int slot = slotOf(bytes, 0, bytes.length);
        if (slots[slot] == EMPTY) {
            slots[slot] = id;
        }
    }

    /** The token with the bytes [from, to), -1 if there is none. */
    int find(byte[] text, int from, int to) {
        return to - from > lengthMax ? -1 : slots[slotOf(text, from, to)];
    }

    private int slotOf(byte[] text, int from, int to) {
        int slot = keys.hash(text, from, to) & slots.length - 1;
        while (slots[slot] != EMPTY) {
            byte[] known = bytesById[slots[slot]];
            if (Arrays.equals(known, 0, known.length, text, from, to)) {
                return slot;
            }
            slot = slot + 1 & slots.length - 1;
        }
        return slot;
    }
}
