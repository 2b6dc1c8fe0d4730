package dev.foretoken.engine.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.foretoken.engine.kernel.Activations;
import dev.foretoken.engine.kernel.Kernels;
import dev.foretoken.engine.kv.KvCache;
import dev.foretoken.engine.kv.KvShape;
import dev.foretoken.engine.tree.TokenTree;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Attention against the textbook in double, and against itself in other company, with other threads and other kernels. */
class AttentionTest {
    private static final int HEADS = 6;
    private static final int KV_HEADS = 3;
    private static final int HEAD_DIM = 24;
    private static final int QKV_STRIDE = (HEADS + 2 * KV_HEADS) * HEAD_DIM;
    private static final int POSITIONS_MAX = 1024;
    private static final int ROWS_MAX = 64;
    private static final ModelShape SHAPE =
            new ModelShape(1, HEADS * HEAD_DIM, HEADS, KV_HEADS, HEAD_DIM, 1, 1, POSITIONS_MAX);

    private final Random random = new Random(7);
    private final float[] qkv = gaussians(ROWS_MAX * QKV_STRIDE);

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 100, 127, 128, 129, 250, 256, 300, 511, 700})
    void attendsToThePrefixAndTheAncestors(int committed) {
        KvCache cache = filledCache(48);
        for (RowBatch batch :
                List.of(chain(committed, 1), chain(committed, 17), chain(committed, 64), tree(committed))) {
            float[] out = attend(batch, cache, Kernels.fastest(), 2);
            for (int row = 0; row < batch.rowCount(); row++) {
                for (int head = 0; head < HEADS; head++) {
                    double[] expected = textbook(batch, row, head, cache);
                    for (int d = 0; d < HEAD_DIM; d++) {
                        assertThat((double) at(out, batch, row, head, d))
                                .as("row %d of %d, head %d, dimension %d", row, batch.rowCount(), head, d)
                                .isCloseTo(expected[d], within(1e-5));
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 16})
    void givesTheSameBitsInAnyCompany(int threads) {
        KvCache cache = filledCache(64);
        for (int committed : new int[] {0, 3, 120, 128, 200, 381, 900}) {
            for (RowBatch batch :
                    List.of(chain(committed, 1), chain(committed, 5), chain(committed, 64), tree(committed))) {
                float[] expected = attend(batch, cache, Kernels.scalar(), 1);

                assertThat(attend(batch, cache, Kernels.fastest(), threads))
                        .as("%d rows after %d", batch.rowCount(), committed)
                        .isEqualTo(expected);
            }
            RowBatch alone = chain(committed, 1);
            RowBatch first = chain(committed, 9);
            float[] single = attend(alone, cache, Kernels.fastest(), threads);
            float[] together = attend(first, cache, Kernels.fastest(), threads);
            for (int head = 0; head < HEADS; head++) {
                for (int d = 0; d < HEAD_DIM; d++) {
                    assertThat(at(together, first, 0, head, d)).isEqualTo(at(single, alone, 0, head, d));
                }
            }
        }
    }

    @Test
    void shouldSharePositionsAmongThreadsOnlyWhereHeadsAreTooFew() {
        AttentionPlan plan = new AttentionPlan(SHAPE, 2, AttentionWorker.QUERIES_MAX, 4096, ROWS_MAX);

        plan.cut(chain(700, 1));
        assertThat(plan.parts()).isEqualTo(2);
        assertThat(plan.firstBlock(0, 1)).isEqualTo(3);
        assertThat(plan.endBlock(0, 1)).isEqualTo(plan.blocks(0)).isEqualTo(6);

        plan.cut(chain(700, 64));
        assertThat(plan.parts()).isEqualTo(1);

        plan.cut(chain(10, 8));
        assertThat(plan.parts()).isEqualTo(1);
        assertThat(plan.chunks()).as("queries are shared instead").isEqualTo(6);
    }

    @Test
    void shouldNotShareWhatWouldNotFit() {
        AttentionPlan plan = new AttentionPlan(SHAPE, 2, AttentionWorker.QUERIES_MAX, 20, ROWS_MAX);

        plan.cut(chain(700, 1));
        assertThat(plan.parts()).as("6 queries of 6 blocks, in 20 slots").isEqualTo(1);
    }

    private RowBatch chain(int committed, int rows) {
        RowBatch batch = new RowBatch(ROWS_MAX);
        batch.addChain(0, committed, new int[rows], 0, rows);
        return batch;
    }

    private RowBatch tree(int committed) {
        Random shape = new Random(committed);
        TokenTree tree = new TokenTree(TokenTree.NODES_MAX);
        tree.restart(0);
        for (int token = 1; token < 40; token++) {
            tree.add(shape.nextInt(3) > 0 ? token - 1 : shape.nextInt(token), token, 1, 0);
        }
        RowBatch batch = new RowBatch(ROWS_MAX);
        batch.addTree(0, committed, tree);
        return batch;
    }

    private KvCache filledCache(int pageTokens) {
        KvCache cache = new KvCache(
                new KvShape(1, KV_HEADS, HEAD_DIM, pageTokens, POSITIONS_MAX),
                1,
                Math.ceilDiv(POSITIONS_MAX, pageTokens));
        cache.open(0);
        cache.reserve(0, POSITIONS_MAX);
        float[] row = new float[2 * KV_HEADS * HEAD_DIM];
        Random numbers = new Random(3);
        for (int position = 0; position < POSITIONS_MAX; position++) {
            for (int i = 0; i < row.length; i++) {
                row[i] = (float) numbers.nextGaussian() * 2;
            }
            cache.store(0, 0, 0, KV_HEADS, position, row, 0, KV_HEADS * HEAD_DIM);
        }
        return cache;
    }

    /** All chunks in random order, by random workers. */
    private float[] attend(RowBatch batch, KvCache cache, Kernels kernels, int threads) {
        Attention attention = new Attention(kernels, SHAPE, threads, POSITIONS_MAX, ROWS_MAX);
        float[] out = new float[ROWS_MAX * HEADS * HEAD_DIM];
        List<Integer> chunks = new ArrayList<>();
        for (int chunk = attention.plan(batch) - 1; chunk >= 0; chunk--) {
            chunks.add(chunk);
        }
        Collections.shuffle(chunks, random);
        for (int chunk : chunks) {
            attention.run(chunk, random.nextInt(threads), batch, cache, 0, qkv, QKV_STRIDE, out);
        }
        return out;
    }

    private static float at(float[] out, RowBatch batch, int row, int head, int d) {
        int column = head * HEAD_DIM + d;
        int stride = Activations.stride(row, batch.rowCount());
        return out[Activations.at(row, batch.rowCount(), HEADS * HEAD_DIM) + column * stride];
    }

    private double[] textbook(RowBatch batch, int row, int head, KvCache cache) {
        List<Integer> stored = new ArrayList<>();
        for (int position = 0; position < batch.visiblePrefix(row); position++) {
            stored.add(position);
        }
        for (int bit = 0; bit < Long.SIZE; bit++) {
            if ((batch.ancestorsBeyond(row) >>> bit & 1) != 0) {
                stored.add(batch.base(row) + bit);
            }
        }
        int kvHead = head / (HEADS / KV_HEADS);
        double sum = 0;
        double[] out = new double[HEAD_DIM];
        for (int position : stored) {
            float[] page = cache.page(0, position);
            int keyAt = cache.keyBlockOffset(0, kvHead, position) + position % KvShape.BLOCK;
            int valueAt = cache.valueOffset(0, kvHead, position);
            double score = 0;
            for (int d = 0; d < HEAD_DIM; d++) {
                score += (double) qkv[row * QKV_STRIDE + head * HEAD_DIM + d] * page[keyAt + d * KvShape.BLOCK];
            }
            double weight = Math.exp(score / Math.sqrt(HEAD_DIM));
            sum += weight;
            for (int d = 0; d < HEAD_DIM; d++) {
                out[d] += weight * page[valueAt + d];
            }
        }
        for (int d = 0; d < HEAD_DIM; d++) {
            out[d] /= sum;
        }
        return out;
    }

    private float[] gaussians(int count) {
        float[] numbers = new float[count];
        for (int i = 0; i < count; i++) {
            numbers[i] = (float) random.nextGaussian();
        }
        return numbers;
    }
}
