package dev.foretoken.transport.pipeline;

import dev.foretoken.drafters.control.VerifyCostModel;
import dev.foretoken.engine.verify.TreeBatch;
import dev.foretoken.engine.verify.Verifier;
import dev.foretoken.engine.verify.VerifierShape;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What the next forward takes: every tree that waits, and rows of prompts that are being read, everybody's turn to be first.
 * Reused; owned by the verifier thread.
 */
final class LaneBatch {
    /**
     * Prompt rows may add so much of what the forwards of the streams usually take without them: running streams keep their
     * pace, and their longest gaps, too, stay below twice the usual. A tree that is larger than usual does not buy a prompt a longer
     * gap.
     */
    private static final double PROMPT_SHARE = 0.6;

    private static final double EWMA = 0.05;
    /**
     * Whatever they cost, prompts go on by so many rows: what one stream's next token leaves of a tile of activations. A row
     * more would cost that stream another tile.
     */
    private static final int PROMPT_ROWS_MIN = 3;
    /** Prompt rows beside trees while no cost is known. */
    private static final int PROMPT_ROWS_UNMEASURED = 8;

    /** A stream whose reader has asked for nothing for longer than this does not stream: prompts need not heed it. */
    private static final long PAUSED_NS = 100_000_000;

    private final Verifier verifier;
    private final VerifyCostModel cost;
    private final VerifierShape shape;
    private final TreeBatch batch;
    /** Session of each segment: slots are reused, sessions are not. */
    private final @Nullable Session[] sessions;

    private int rotation;
    private int treeRows;
    private double nodesPerTree = 1;
    private boolean promptsFirst;
    /** Prompts were read while streams were drafting: the forward that their trees are in has no rows for prompts. */
    private boolean promptsAhead;

    LaneBatch(Verifier verifier, VerifyCostModel cost) {
        this.verifier = verifier;
        this.cost = cost;
        shape = verifier.shape();
        batch = new TreeBatch(shape.slots());
        sessions = new Session[shape.slots()];
    }

    TreeBatch batch() {
        return batch;
    }

    /** The session of a segment; asked once, so that the batch keeps no session alive. */
    Session takeSession(int segment) {
        Session session = Objects.requireNonNull(sessions[segment]);
        sessions[segment] = null;
        return session;
    }

    /**
     * @param openSlots slots of the open sessions, {@code openCount} of them
     * @param nowNs by the clock of the sessions
     */
    void assemble(LaneSession[] lanes, int[] openSlots, int openCount, long nowNs) {
        batch.clear();
        treeRows = 0;
        if (openCount == 0) {
            return;
        }
        rotation = (rotation + 1) % openCount;
        int rowsMax = shape.batchRowsMax();
        if (promptsFirst) { // trees left no row for a waiting prompt last time
            addPrompts(lanes, openSlots, openCount, Math.min(shape.promptRowsMax(), rowsMax));
        }
        int rowsBefore = batch.rowCount();
        addTrees(lanes, openSlots, openCount, rowsMax);
        countTreeRows(batch.rowCount() - rowsBefore);
        int rowsLeft = rowsMax - batch.rowCount();
        boolean passedOver = false;
        if (!promptsFirst) {
            boolean anyTree = batch.treeCount() > 0;
            boolean drafting = !anyTree && anyDrafts(lanes, openSlots, openCount, nowNs);
            int rows = Math.min(promptRows(anyTree, drafting), rowsLeft);
            boolean anyWaits = addPrompts(lanes, openSlots, openCount, rows);
            passedOver = anyWaits && rowsLeft == 0;
            promptsAhead = drafting && anyWaits;
        }
        promptsFirst = passedOver;
    }

    /** Rows of all prompts together beside the batch's trees, or while streams draft, or with nobody to heed. */
    private int promptRows(boolean anyTree, boolean drafting) {
        if (anyTree) {
            double allowedNs = cost.ns(treeRows) + PROMPT_SHARE * usualNs(batch.treeCount());
            return promptsAhead ? 0 : promptRowsWithin(allowedNs, treeRows);
        }
        return drafting ? promptRowsWithin(PROMPT_SHARE * usualNs(1), 0) : shape.batchRowsMax();
    }

    /** What a forward over so many trees usually takes. */
    private double usualNs(int trees) {
        return cost.ns((int) Math.rint(trees * nodesPerTree));
    }

    private void countTreeRows(int rows) {
        treeRows = rows;
        if (rows > 0) {
            nodesPerTree += EWMA * ((double) rows / batch.treeCount() - nodesPerTree);
        }
    }

    /** Rows of the batch that are nodes of trees. */
    int treeRows() {
        return treeRows;
    }

    /** True if a stream was served lately and its next tree is not there yet, though a prompt could be read meanwhile. */
    private static boolean anyDrafts(LaneSession[] lanes, int[] openSlots, int openCount, long nowNs) {
        for (int i = 0; i < openCount; i++) {
            LaneSession lane = lanes[openSlots[i]];
            if (lane.treeExpected && Objects.requireNonNull(lane.session).waitedNs(nowNs) < PAUSED_NS) {
                return true;
            }
        }
        return false;
    }

    /** Prompt rows behind so many tree rows, so that the forward takes no longer than allowed. */
    private int promptRowsWithin(double allowedNs, int treeRows) {
        if (allowedNs == 0) {
            return PROMPT_ROWS_UNMEASURED;
        }
        int rows = PROMPT_ROWS_MIN;
        while (rows < shape.promptRowsMax() && cost.ns(treeRows + rows + 1) <= allowedNs) {
            rows++;
        }
        return rows;
    }

    private void addTrees(LaneSession[] lanes, int[] openSlots, int openCount, int rowsMax) {
        for (int i = 0; i < openCount; i++) {
            LaneSession lane = lanes[openSlots[(i + rotation) % openCount]];
            if (lane.treeWaits && batch.rowCount() + lane.tree.nodeCount() <= rowsMax) {
                Session session = Objects.requireNonNull(lane.session);
                sessions[batch.segmentCount()] = session;
                batch.addTree(session.slot(), lane.tree);
            }
        }
    }

    /** Adds so many prompt rows at most; true if any prompt waits for rows. */
    private boolean addPrompts(LaneSession[] lanes, int[] openSlots, int openCount, int rowsMax) {
        int rowsLeft = rowsMax;
        boolean anyWaits = false;
        for (int i = 0; i < openCount; i++) {
            int slot = openSlots[(i + rotation) % openCount];
            LaneSession lane = lanes[slot];
            anyWaits |= lane.prefilling;
            if (lane.prefilling && rowsLeft > 0 && !followsAPrompt(slot)) {
                int rows = Math.min(Math.min(lane.promptLeft(), shape.promptRowsMax()), rowsLeft);
                sessions[batch.segmentCount()] = Objects.requireNonNull(lane.session);
                batch.addPrompt(slot, lane.prefilled, rows);
                rowsLeft -= rows;
            }
        }
        return anyWaits;
    }

    /** True if a prompt in the batch computes what this session needs next. */
    private boolean followsAPrompt(int slot) {
        for (int segment = 0; segment < batch.segmentCount(); segment++) {
            if (batch.tree(segment) == null && verifier.followsPrompt(slot, batch.slot(segment))) {
                return true;
            }
        }
        return false;
    }
}
