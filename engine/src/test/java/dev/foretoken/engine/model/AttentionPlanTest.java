package dev.foretoken.engine.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.foretoken.engine.tree.TokenTree;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class AttentionPlanTest {
    private static final ModelShape SHAPE = new ModelShape(1, 144, 6, 3, 24, 1, 1, 8192);
    private static final int ROWS_MAX = 64;
    private static final int SLOTS_MAX = 4096;

    private final AttentionPlan plan = new AttentionPlan(SHAPE, 2, ROWS_MAX, SLOTS_MAX);

    @Test
    void shouldSharePositionsAmongThreadsWhereHeadsAreTooFew() {
        plan.cut(chain(700, 1));
        assertThat(plan.parts()).isEqualTo(2);
        assertThat(plan.firstBlock(0, 1)).isEqualTo(3);
        assertThat(plan.endBlock(0, 1)).isEqualTo(plan.blocks(0)).isEqualTo(6);
    }

    @Test
    void shouldLeaveTheOpenBlocksToTheLastPart() {
        RowBatch batch = new RowBatch(ROWS_MAX);
        TokenTree tree = new TokenTree(8);
        tree.restart(0);
        for (int token = 1; token < 4; token++) {
            tree.add(token - 1, token, 1, 0);
        }
        batch.addTree(0, 126, tree);

        plan.cut(batch);

        assertThat(plan.parts()).isEqualTo(2);
        assertThat(plan.blocks(0)).isEqualTo(2);
        assertThat(plan.endBlock(0, 0)).as("block 0 is open for the root").isZero();
        assertThat(plan.firstBlock(0, 1)).isZero();
    }

    @Test
    void shouldGiveThreadsThatKeepStepRunsOfParts() {
        plan.cut(chain(700, 1));
        assertThat(plan.chunks()).isEqualTo(6);
        // The first thread claims 0, 2 and 4, the second one 1, 3 and 5: only the unit in the middle is divided among
        // them.
        assertThat(IntStream.of(0, 2, 4, 1, 3, 5).map(plan::unit)).containsExactly(0, 0, 1, 1, 2, 2);
        assertThat(IntStream.of(0, 2, 4, 1, 3, 5).map(plan::part)).containsExactly(0, 1, 0, 1, 0, 1);
    }

    @Test
    void shouldRunEveryPartOnce() {
        for (int threads = 1; threads <= 16; threads++) {
            AttentionPlan any = new AttentionPlan(SHAPE, threads, ROWS_MAX, SLOTS_MAX);
            any.cut(chain(700, 1));
            List<Integer> inOrder = IntStream.range(0, any.chunks())
                    .map(chunk -> any.unit(chunk) * any.parts() + any.part(chunk))
                    .sorted()
                    .boxed()
                    .toList();
            assertThat(inOrder)
                    .as("%d threads", threads)
                    .isEqualTo(IntStream.range(0, any.chunks()).boxed().toList());
        }
    }

    @Test
    void shouldNotShareWhatIsEnoughWork() {
        plan.cut(chain(700, 64));
        assertThat(plan.parts()).isEqualTo(1);
    }

    @Test
    void shouldShareQueriesWherePositionsAreFew() {
        plan.cut(chain(10, 8));
        assertThat(plan.parts()).isEqualTo(1);
        assertThat(plan.chunks()).isEqualTo(6);
    }

    @Test
    void shouldShareQueriesWherePartsWouldNotFit() {
        AttentionPlan small = new AttentionPlan(SHAPE, 2, ROWS_MAX, 20);

        small.cut(chain(700, 8));

        assertThat(small.parts()).as("48 queries of 6 blocks, in 20 slots").isEqualTo(1);
        assertThat(small.chunks()).isEqualTo(6);
    }

    @Test
    void shouldCutWhatManyThreadsNeed() {
        AttentionPlan many = new AttentionPlan(SHAPE, 16, ROWS_MAX, SLOTS_MAX);

        many.cut(chain(0, 64));

        assertThat(many.chunks()).isGreaterThanOrEqualTo(3 * 16);
    }

    @Test
    void shouldLeaveOneThreadWholeUnits() {
        AttentionPlan single = new AttentionPlan(SHAPE, 1, ROWS_MAX, 0);

        single.cut(chain(700, 1));

        assertThat(single.chunks()).isEqualTo(3);
    }

    private static RowBatch chain(int committed, int rows) {
        RowBatch batch = new RowBatch(ROWS_MAX);
        batch.addChain(0, committed, new int[rows], 0, rows);
        return batch;
    }
}
