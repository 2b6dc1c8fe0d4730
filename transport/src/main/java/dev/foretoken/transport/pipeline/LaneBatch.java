package dev.foretoken.transport.pipeline;

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
    private final Verifier verifier;
    private final VerifierShape shape;
    private final TreeBatch batch;
    /** Session of each segment: slots are reused, sessions are not. */
    private final @Nullable Session[] sessions;

    private int rotation;
    private boolean promptsFirst;

    LaneBatch(Verifier verifier) {
        this.verifier = verifier;
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

    /** @param openSlots slots of the open sessions, {@code openCount} of them */
    void assemble(LaneSession[] lanes, int[] openSlots, int openCount) {
        batch.clear();
        if (openCount == 0) {
            return;
        }
        rotation = (rotation + 1) % openCount;
        int rowsMax = shape.batchRowsMax();
        if (promptsFirst) { // trees left no row for a waiting prompt last time
            addPrompts(lanes, openSlots, openCount, Math.min(shape.promptRowsMax(), rowsMax));
        }
        addTrees(lanes, openSlots, openCount, rowsMax);
        int rowsLeft = rowsMax - batch.rowCount();
        boolean passedOver = false;
        if (!promptsFirst) {
            // running streams keep their pace: beside trees, all prompts together get the rows of one chunk
            int rows = batch.treeCount() == 0 ? rowsLeft : Math.min(shape.promptRowsMax(), rowsLeft);
            passedOver = addPrompts(lanes, openSlots, openCount, rows) && rows == 0;
        }
        promptsFirst = passedOver;
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
