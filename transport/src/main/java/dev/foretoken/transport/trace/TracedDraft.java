package dev.foretoken.transport.trace;

import java.util.List;

/**
 * Everything that shaped one step's tree and cannot be computed again.
 *
 * @param budgetNodes nodes allowed, root included
 * @param budgetDepth deepest node allowed
 * @param askedMask bit i: drafter i was asked
 * @param missedMask bit i: drafter i was late
 * @param failedMask bit i: drafter i threw
 * @param draftNs from the first question to the merged tree
 * @param allottedNodes nodes allotted to drafter i, root included; drafters beyond the list had 0
 */
public record TracedDraft(
        int budgetNodes,
        int budgetDepth,
        int askedMask,
        int missedMask,
        int failedMask,
        long draftNs,
        List<Integer> allottedNodes) {
    public TracedDraft {
        allottedNodes = List.copyOf(allottedNodes);
    }
}
