package dev.foretoken.engine.tokenizer;

import java.util.Arrays;

/** Token ids being collected. */
final class IntList {
    private int[] values;
    private int count;

    IntList(int capacity) {
        values = new int[Math.max(8, capacity)];
    }

    void add(int value) {
        if (count == values.length) {
            values = Arrays.copyOf(values, Math.multiplyExact(count, 2));
        }
        values[count++] = value;
    }

    int[] toArray() {
        return Arrays.copyOf(values, count);
    }
}
