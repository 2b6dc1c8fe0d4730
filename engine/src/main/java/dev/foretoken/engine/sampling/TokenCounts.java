package dev.foretoken.engine.sampling;

import java.util.Arrays;

/**
 * Which tokens a session has seen and how often, for the penalties: every distinct id of prompt, output and the path now
 * being walked, with its number of occurrences in output and path. Path tokens are pushed and popped while a tree is
 * walked; committed tokens stay. Nothing is allocated after construction.
 * <p>Not thread-safe: owned by whoever chooses the session's tokens.
 */
public final class TokenCounts {
    private static final int EMPTY = -1;

    // Open addressing over the ids: entry index + 0 for each occupied slot. Entries are in order of first sight.
    private final int[] entryOfSlot;
    private final int slotMask;
    private final int[] id;
    private final int[] outputCount;
    private final int[] totalCount;
    private final int[] path;
    private int distinctCount;
    private int pathLength;

    /**
     * @param tokensMax most committed tokens of the session, prompt included
     * @param pathMax most tokens of a path above them
     */
    public TokenCounts(int tokensMax, int pathMax) {
        int entriesMax = Math.addExact(tokensMax, pathMax);
        int slots = Integer.highestOneBit(Math.max(8, entriesMax)) * 4;
        entryOfSlot = new int[slots];
        Arrays.fill(entryOfSlot, EMPTY);
        slotMask = slots - 1;
        id = new int[entriesMax];
        outputCount = new int[entriesMax];
        totalCount = new int[entriesMax];
        path = new int[pathMax];
    }

    /** Counts a prompt token: the repetition penalty sees it, the other two do not. */
    public void addPrompt(int token) {
        assert pathLength == 0 : "pathLength=" + pathLength;
        totalCount[entryFor(token)]++;
    }

    /** Counts an emitted token. The path must be empty. */
    public void addOutput(int token) {
        assert pathLength == 0 : "pathLength=" + pathLength;
        count(token);
    }

    /** Adds a token to the path being walked. */
    public void pushPath(int token) {
        count(token);
        path[pathLength++] = token;
    }

    /** Takes the last token of the path away. */
    public void popPath() {
        int token = path[--pathLength];
        int slot = slotOf(token);
        int entry = entryOfSlot[slot];
        outputCount[entry]--;
        if (--totalCount[entry] == 0) {
            // The path is a stack, so this is the youngest entry: no probe sequence runs across its slot.
            assert entry == distinctCount - 1 : "entry=" + entry + " distinctCount=" + distinctCount;
            entryOfSlot[slot] = EMPTY;
            distinctCount--;
        }
    }

    /** Empties the path. */
    public void clearPath() {
        while (pathLength > 0) {
            popPath();
        }
    }

    public int pathLength() {
        return pathLength;
    }

    /** Number of distinct ids in prompt, output and path. */
    public int distinctCount() {
        return distinctCount;
    }

    /** The distinct id with this index, 0 to {@link #distinctCount()} - 1, in no particular order. */
    public int distinctId(int index) {
        return id[index];
    }

    /** How often that id occurs in output and path; 0 if only the prompt has it. */
    public int outputCount(int index) {
        return outputCount[index];
    }

    private void count(int token) {
        int entry = entryFor(token);
        outputCount[entry]++;
        totalCount[entry]++;
    }

    private int entryFor(int token) {
        int slot = slotOf(token);
        if (entryOfSlot[slot] == EMPTY) {
            entryOfSlot[slot] = distinctCount;
            id[distinctCount] = token;
            outputCount[distinctCount] = 0;
            totalCount[distinctCount] = 0;
            distinctCount++;
        }
        return entryOfSlot[slot];
    }

    /** The slot that holds the token, or the empty one where it belongs. */
    private int slotOf(int token) {
        int slot = (token * 0x9E3779B9) >>> 7 & slotMask;
        while (entryOfSlot[slot] != EMPTY && id[entryOfSlot[slot]] != token) {
            slot = slot + 1 & slotMask;
        }
        return slot;
    }
}
