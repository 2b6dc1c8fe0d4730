package dev.foretoken.engine.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.foretoken.engine.kernel.Activations;
import dev.foretoken.engine.kernel.ComputeTeam;
import dev.foretoken.engine.kernel.Kernels;
import dev.foretoken.engine.kv.KvCache;
import dev.foretoken.engine.kv.KvShape;
import dev.foretoken.engine.tree.TokenTree;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Attention against the textbook in double, and against itself in other company, with other threads and other kernels. What is
 * left in slots and workers by other batches must not show: one Attention runs them all.
 */
class AttentionTest {
    private static final int HEAD_DIM = 24;
    private static final int POSITIONS_MAX = 1024;
    private static final int ROWS_MAX = 64;
    private static final int SESSIONS = 2;
    /** Around the borders of blocks, where trees and prompts lie across. */
    private static final int[] COMMITTED = {
        0, 3, 62, 100, 120, 121, 122, 124, 126, 127, 128, 129, 250, 254, 255, 256, 381, 900
    };

    private final Random random = new Random(7);

    @ParameterizedTest
    @CsvSource({"6, 3, 2", "6, 3, 1", "9, 3, 2", "7, 1, 3", "16, 2, 16", "4, 4, 2", "32, 1, 2"})
    void attendsToThePrefixAndTheAncestors(int heads, int kvHeads, int threads) {
        Fixture fixture = new Fixture(heads, kvHeads, threads, Kernels.fastest());
        for (int committed : COMMITTED) {
            for (RowBatch batch : batches(committed)) {
                float[] out = fixture.attend(batch);
                for (int row = 0; row < batch.rowCount(); row++) {
                    for (int head = 0; head < heads; head++) {
                        assertThat(fixture.at(out, batch, row, head))
                                .as("row %d of %d after %d, head %d", row, batch.rowCount(), committed, head)
                                .containsExactly(fixture.textbook(batch, row, head), within(1e-5));
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 16})
    void givesTheSameBitsInAnyCompany(int threads) {
        Fixture fixture = new Fixture(9, 3, threads, Kernels.fastest());
        Fixture reference = new Fixture(9, 3, 1, Kernels.scalar());
        for (int committed : COMMITTED) {
            for (RowBatch batch : batches(committed)) {
                float[] out = fixture.attend(batch);

                assertThat(out)
                        .as("%d rows after %d", batch.rowCount(), committed)
                        .isEqualTo(reference.attend(batch));
            }
            RowBatch together = chain(0, committed, 9);
            float[] out = fixture.attend(together);
            for (int row = 0; row < 9; row++) {
                RowBatch alone = chain(0, committed + row, 1);
                float[] single = fixture.attendRow(alone, row);
                for (int head = 0; head < 9; head++) {
                    assertThat(fixture.at(out, together, row, head)).isEqualTo(fixture.at(single, alone, 0, head));
                }
            }
        }
    }

    @Test
    void givesTheSameBitsWhereChunksRunAtTheSameTime() {
        Fixture fixture = new Fixture(9, 3, 2, Kernels.fastest());
        Fixture reference = new Fixture(9, 3, 1, Kernels.scalar());
        try (ComputeTeam team = new ComputeTeam(2, "attention-test")) {
            for (int round = 0; round < 300; round++) {
                RowBatch batch = chain(0, 100 + random.nextInt(800), 1 + random.nextInt(8));
                float[] out = new float[ROWS_MAX * 9 * HEAD_DIM];
                int chunks = fixture.attention.plan(batch);
                team.run(chunks, (chunk, worker) -> fixture.run(chunk, worker, batch, out));

                assertThat(out).isEqualTo(reference.attend(batch));
            }
        }
    }

    @Test
    void recoversFromAChunkThatThrew() {
        Fixture fixture = new Fixture(6, 3, 2, Kernels.fastest());
        RowBatch batch = chain(0, 700, 1);
        float[] expected = fixture.attend(batch);
        fixture.attention.plan(batch);
        fixture.run(0, 0, batch, new float[expected.length]);
        assertThatThrownBy(() -> fixture.run(2, 1, batch, new float[0]))
                .isInstanceOf(ArrayIndexOutOfBoundsException.class);
        fixture.attention.plan(batch);
        fixture.run(0, 0, batch, new float[expected.length]); // and the other part of this unit never runs

        assertThat(fixture.attend(batch)).isEqualTo(expected);
    }

    private List<RowBatch> batches(int committed) {
        RowBatch two = chain(0, committed, 2);
        two.addChain(1, 500, new int[1], 0, 1);
        RowBatch reversed = chain(1, 700, 1);
        reversed.addTree(0, committed, randomTree(committed, 5));
        return List.of(
                chain(0, committed, 1),
                chain(0, committed, 7),
                chain(0, committed, 64),
                tree(committed, 3),
                tree(committed, 8),
                tree(committed, TokenTree.NODES_MAX),
                two,
                reversed);
    }

    private static RowBatch chain(int session, int committed, int rows) {
        RowBatch batch = new RowBatch(ROWS_MAX);
        batch.addChain(session, committed, new int[rows], 0, rows);
        return batch;
    }

    private static RowBatch tree(int committed, int nodes) {
        RowBatch batch = new RowBatch(ROWS_MAX);
        batch.addTree(0, committed, randomTree(committed, nodes));
        return batch;
    }

    private static TokenTree randomTree(int seed, int nodes) {
        Random random = new Random(seed);
        TokenTree tree = new TokenTree(TokenTree.NODES_MAX);
        tree.restart(0);
        for (int token = 1; tree.nodeCount() < nodes; token++) {
            int last = tree.nodeCount() - 1;
            tree.add(random.nextInt(3) > 0 ? last : random.nextInt(last + 1), token, 1, 0);
        }
        return tree;
    }

    /** A model's sizes, two sessions full of keys and values, and queries by row. */
    private final class Fixture {
        final int heads;
        final int kvHeads;
        final int threads;
        final Attention attention;
        final KvCache cache;
        final int qkvStride;
        final float[] qkv;

        Fixture(int heads, int kvHeads, int threads, Kernels kernels) {
            this.heads = heads;
            this.kvHeads = kvHeads;
            this.threads = threads;
            ModelShape shape = new ModelShape(1, heads * HEAD_DIM, heads, kvHeads, HEAD_DIM, 1, 1, POSITIONS_MAX);
            attention = new Attention(kernels, shape, threads, POSITIONS_MAX, ROWS_MAX);
            int pages = POSITIONS_MAX / KvShape.PAGE_TOKENS;
            cache = new KvCache(
                    new KvShape(1, kvHeads, HEAD_DIM, KvShape.PAGE_TOKENS, POSITIONS_MAX), SESSIONS, SESSIONS * pages);
            qkvStride = (heads + 2 * kvHeads) * HEAD_DIM;
            Random numbers = new Random(3);
            qkv = gaussians(numbers, ROWS_MAX * qkvStride, 1);
            for (int session = 0; session < SESSIONS; session++) {
                cache.open(session);
                cache.reserve(session, POSITIONS_MAX);
                for (int position = 0; position < POSITIONS_MAX; position++) {
                    float[] row = gaussians(numbers, 2 * kvHeads * HEAD_DIM, 2);
                    int floats = kvHeads * HEAD_DIM;
                    for (int head = 0; head < kvHeads; head++) {
                        int at = head * HEAD_DIM;
                        cache.storeKey(session, 0, head, position, 0, HEAD_DIM, row, at);
                        cache.storeValue(session, 0, head, position, 0, HEAD_DIM, row, floats + at);
                    }
                }
            }
        }

        private float[] gaussians(Random numbers, int count, float deviation) {
            float[] out = new float[count];
            for (int i = 0; i < count; i++) {
                out[i] = (float) numbers.nextGaussian() * deviation;
            }
            return out;
        }

        void run(int chunk, int worker, RowBatch batch, float[] out) {
            attention.run(chunk, worker, batch, cache, 0, qkv, qkvStride, out);
        }

        /** All chunks in random order, by random workers. */
        float[] attend(RowBatch batch) {
            return attend(batch, qkv);
        }

        /** One row, with the queries of another. */
        float[] attendRow(RowBatch batch, int row) {
            return attend(batch, Arrays.copyOfRange(qkv, row * qkvStride, (row + 1) * qkvStride));
        }

        private float[] attend(RowBatch batch, float[] queries) {
            float[] out = new float[ROWS_MAX * heads * HEAD_DIM];
            List<Integer> chunks = new ArrayList<>();
            for (int chunk = attention.plan(batch) - 1; chunk >= 0; chunk--) {
                chunks.add(chunk);
            }
            Collections.shuffle(chunks, random);
            for (int chunk : chunks) {
                attention.run(chunk, random.nextInt(threads), batch, cache, 0, queries, qkvStride, out);
            }
            return out;
        }

        double[] at(float[] out, RowBatch batch, int row, int head) {
            int stride = Activations.stride(row, batch.rowCount());
            int at = Activations.at(row, batch.rowCount(), heads * HEAD_DIM) + head * HEAD_DIM * stride;
            double[] values = new double[HEAD_DIM];
            for (int d = 0; d < HEAD_DIM; d++) {
                values[d] = out[at + d * stride];
            }
            return values;
        }

        double[] textbook(RowBatch batch, int row, int head) {
            List<Integer> stored = new ArrayList<>();
            for (int position = 0; position < batch.visiblePrefix(row); position++) {
                stored.add(position);
            }
            for (int bit = 0; bit < Long.SIZE; bit++) {
                if ((batch.ancestorsBeyond(row) >>> bit & 1) != 0) {
                    stored.add(batch.base(row) + bit);
                }
            }
            int kvHead = head / (heads / kvHeads);
            double sum = 0;
            double[] out = new double[HEAD_DIM];
            for (int position : stored) {
                float[] page = cache.page(batch.slot(row), position);
                int keyAt = cache.keyBlockOffset(0, kvHead, position) + position % KvShape.BLOCK;
                int valueAt = cache.valueOffset(0, kvHead, position);
                double score = 0;
                for (int d = 0; d < HEAD_DIM; d++) {
                    score += (double) qkv[row * qkvStride + head * HEAD_DIM + d] * page[keyAt + d * KvShape.BLOCK];
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
    }
}
