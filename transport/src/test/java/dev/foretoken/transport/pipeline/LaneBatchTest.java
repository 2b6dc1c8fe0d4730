package dev.foretoken.transport.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.foretoken.drafters.control.VerifyCostModel;
import dev.foretoken.engine.testing.HashTarget;
import dev.foretoken.engine.verify.TreeBatch;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Slot 0 streams, slot 1 reads a long prompt. */
class LaneBatchTest {
    private static final int STREAMING = 0;
    private static final int READING = 1;

    private final HashTarget target = new HashTarget(2, 2000, 1000, 0);
    private final VerifyCostModel cost = new VerifyCostModel();
    private final LaneBatch next = new LaneBatch(target, cost);
    private final LaneSession[] lanes = {new LaneSession(), new LaneSession()};

    private int promptRows(boolean besideATree) {
        lanes[STREAMING].session = StressSessions.session(STREAMING);
        lanes[STREAMING].tree.restart(1);
        lanes[STREAMING].treeWaits = besideATree;
        lanes[READING].session = StressSessions.session(READING, 500);
        lanes[READING].prefilling = true;
        return assembledPromptRows(0);
    }

    private int assembledPromptRows(long nowNs) {
        next.assemble(lanes, new int[] {STREAMING, READING}, 2, nowNs);
        TreeBatch batch = next.batch();
        int rows = 0;
        for (int segment = 0; segment < batch.segmentCount(); segment++) {
            rows += batch.tree(segment) == null ? batch.promptCount(segment) : 0;
        }
        return rows;
    }

    /** A pass costs a fixed part and a part per row. */
    private void measured(double fixedMs, double msPerRow) {
        for (int round = 0; round < 50; round++) {
            for (int rows = 1; rows <= 64; rows++) {
                cost.observe(rows, (long) ((fixedMs + msPerRow * rows) * 1e6));
            }
        }
    }

    @Test
    void shouldReadAPromptInWholeChunksWhileNobodyStreams() {
        measured(8, 1);
        assertThat(promptRows(false)).isEqualTo(target.shape().promptRowsMax());
    }

    @Test
    void shouldReadAPromptBesideAStreamInRowsThatDoNotDoubleTheGap() {
        measured(8, 1);
        int rows = promptRows(true);
        assertThat(rows).isBetween(4, 6); // 9 ms alone, 14.4 ms allowed
    }

    @Test
    void shouldGiveAPromptNoMoreTimeBesideALargeTreeThanBesideOneNode() {
        measured(8, 1);
        for (int step = 0; step < 20; step++) {
            promptRows(true);
        }
        growTree(20);
        assertThat(assembledPromptRows(0)).isBetween(4, 6); // 5.4 ms more than the tree
        assertThat(next.treeRows()).isEqualTo(21);
    }

    @Test
    void shouldGiveAPromptMoreTimeWhereTheStreamsForwardsAreLongAnyway() {
        measured(8, 1);
        promptRows(true);
        growTree(11);
        for (int step = 0; step < 200; step++) {
            assembledPromptRows(0);
        }
        assertThat(assembledPromptRows(0)).isBetween(11, 13); // 20 ms without a prompt, 12 ms more
        lanes[STREAMING].tree.restart(1);
        assertThat(assembledPromptRows(0)).isBetween(11, 13);
    }

    private void growTree(int nodes) {
        lanes[STREAMING].tree.restart(1, nodes + 1);
        for (int node = 1; node <= nodes; node++) {
            lanes[STREAMING].tree.add(0, node + 1, 0.1f, 1);
        }
    }

    @Test
    void shouldReadMoreWhereRowsAreCheapAndNeverStandStillWhereTheyAreDear() {
        measured(20, 0.1);
        assertThat(promptRows(true)).isEqualTo(target.shape().promptRowsMax());
        VerifyCostModel dear = new VerifyCostModel();
        for (int rows = 1; rows <= 64; rows++) {
            for (int round = 0; round < 50; round++) {
                dear.observe(rows, 10_000_000L * rows);
            }
        }
        LaneBatch slow = new LaneBatch(target, dear);
        slow.assemble(lanes, new int[] {STREAMING, READING}, 2, 0);
        assertThat(slow.batch().rowCount()).isEqualTo(1 + 3);
    }

    @Test
    void shouldReadLittleWhileAStreamDraftsAndNothingBesideTheTreeThatComesThen() {
        measured(2, 1);
        promptRows(true);
        lanes[STREAMING].treeWaits = false;
        lanes[STREAMING].treeExpected = true;
        assertThat(assembledPromptRows(0)).isEqualTo(3); // 3 ms alone
        lanes[STREAMING].treeWaits = true;
        lanes[STREAMING].treeExpected = false;
        assertThat(assembledPromptRows(0)).isZero();
        assertThat(assembledPromptRows(0)).isPositive();
    }

    @Test
    void shouldNotHeedAStreamWhoseReaderHasStopped() {
        measured(8, 1);
        promptRows(true);
        lanes[STREAMING].treeWaits = false;
        lanes[STREAMING].treeExpected = true;
        Session session = Objects.requireNonNull(lanes[STREAMING].session);
        assertThat(session.waitsUnlessReady(1)).isTrue();
        assertThat(assembledPromptRows(1_000_000)).isLessThan(target.shape().promptRowsMax());
        assertThat(assembledPromptRows(1_000_000_000)).isEqualTo(target.shape().promptRowsMax());
    }

    @Test
    void shouldReadAFewRowsBesideAStreamWhileNoCostIsKnown() {
        assertThat(promptRows(true)).isEqualTo(8);
    }
}
