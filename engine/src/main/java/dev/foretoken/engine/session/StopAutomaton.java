package dev.foretoken.engine.session;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * Finds stop strings in a stream of UTF-8 bytes: after each byte its state is the longest end of the stream with which a
 * stop string begins. Space and building time grow with the stop strings' total length only. Immutable.
 * <p>Source: Aho and Corasick 1975, "Efficient string matching".
 */
final class StopAutomaton {
    static final int START = 0;
    private static final int NONE = -1;

    private final byte[] label; // of the edge into a state
    private final int[] firstChild;
    private final int[] nextSibling;
    private final int[] fallback; // the next shorter end of the stream with which a stop string begins
    private final int[] depth;
    private final int[] matchBytes; // length of the longest stop string that ends here, 0 = none
    private int stateCount = 1;

    /** @param stopStrings whole characters only, none empty: {@link GenerationRequest} refuses others */
    StopAutomaton(List<String> stopStrings) {
        byte[][] patterns = stopStrings.stream()
                .map(text -> text.getBytes(StandardCharsets.UTF_8))
                .toArray(byte[][]::new);
        int statesMax = 1;
        for (byte[] pattern : patterns) {
            statesMax = Math.addExact(statesMax, pattern.length);
        }
        label = new byte[statesMax];
        firstChild = filled(statesMax);
        nextSibling = filled(statesMax);
        fallback = new int[statesMax];
        depth = new int[statesMax];
        matchBytes = new int[statesMax];
        for (byte[] pattern : patterns) {
            insert(pattern);
        }
        linkFallbacks();
    }

    private static int[] filled(int length) {
        int[] array = new int[length];
        Arrays.fill(array, NONE);
        return array;
    }

    private void insert(byte[] pattern) {
        int state = START;
        for (byte next : pattern) {
            int child = child(state, next);
            state = child == NONE ? addChild(state, next) : child;
        }
        matchBytes[state] = pattern.length;
    }

    private int addChild(int parent, byte edge) {
        int state = stateCount++;
        label[state] = edge;
        depth[state] = depth[parent] + 1;
        nextSibling[state] = firstChild[parent];
        firstChild[parent] = state;
        return state;
    }

    private int child(int state, byte edge) {
        int child = firstChild[state];
        while (child != NONE && label[child] != edge) {
            child = nextSibling[child];
        }
        return child;
    }

    /** Breadth first, so that a state's fallback, which is shorter, is complete before it. */
    private void linkFallbacks() {
        int[] queue = new int[stateCount];
        int tail = 1;
        for (int head = 0; head < tail; head++) {
            int parent = queue[head];
            for (int state = firstChild[parent]; state != NONE; state = nextSibling[state]) {
                fallback[state] = parent == START ? START : next(fallback[parent], label[state]);
                if (matchBytes[state] == 0) {
                    matchBytes[state] = matchBytes[fallback[state]];
                }
                queue[tail++] = state;
            }
        }
    }

    /** The state after one more byte. */
    int next(int state, byte next) {
        int from = state;
        int child = child(from, next);
        while (child == NONE && from != START) {
            from = fallback[from];
            child = child(from, next);
        }
        return child == NONE ? START : child;
    }

    /** Bytes at the end of the stream that a stop string begins with. */
    int heldBytes(int state) {
        return depth[state];
    }

    /** Length of the longest stop string that is complete in this state, 0 if none is. */
    int matchBytes(int state) {
        return matchBytes[state];
    }
}
