package dev.foretoken.engine.draft;

import java.util.Arrays;

/**
 * How one step's tree came about: everything nondeterministic that shaped it, so that a replay can draft it again. Reused and
 * mutable: owned by whoever owns its slot.
 */
public final class DraftReport {
    /** Most drafters of one engine: their bits fit an {@code int}. */
    public static final int DRAFTERS_MAX = 31;

    /** Tree nodes allowed, root included. */
    public int budgetNodes;
    /** Deepest node allowed. */
    public int budgetDepth;
    /** Bit i: drafter i was asked. */
    public int askedMask;
    /** Bit i: drafter i was asked but late. */
    public int missedMask;
    /** Bit i: drafter i was asked but threw. */
    public int failedMask;
    /** Time from the first question to the merged tree. */
    public long draftNs;
    /** Nodes allotted to each drafter, root included. */
    public final int[] allottedNodes = new int[DRAFTERS_MAX];

    public void restart() {
        budgetNodes = 1;
        budgetDepth = 0;
        askedMask = 0;
        missedMask = 0;
        failedMask = 0;
        draftNs = 0;
        Arrays.fill(allottedNodes, 0);
    }

    public void copyFrom(DraftReport other) {
        budgetNodes = other.budgetNodes;
        budgetDepth = other.budgetDepth;
        askedMask = other.askedMask;
        missedMask = other.missedMask;
        failedMask = other.failedMask;
        draftNs = other.draftNs;
        System.arraycopy(other.allottedNodes, 0, allottedNodes, 0, DRAFTERS_MAX);
    }
}
