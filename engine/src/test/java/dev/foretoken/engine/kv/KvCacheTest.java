package dev.foretoken.engine.kv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KvCacheTest {
    private static final KvShape SHAPE = new KvShape(2, 3, 20, 16, 200);

    @Test
    void shouldReadBackWhatWasStored() {
        KvCache cache = new KvCache(SHAPE, 2, 20);
        cache.open(0);
        cache.open(1);
        for (int position = 0; position < 40; position++) {
            cache.reserve(0, position + 1);
            cache.reserve(1, position + 1);
            store(cache, 0, position, position);
            store(cache, 1, position, 1000 + position);
        }

        for (int position = 0; position < 40; position++) {
            assertHolds(cache, 0, position, position);
            assertHolds(cache, 1, position, 1000 + position);
        }
    }

    @ParameterizedTest(name = "{displayName} seed={0}")
    @ValueSource(longs = {1, 2, 3, 5, 8, 13})
    void shouldMoveAnAcceptedPathBehindThePrefix(long seed) {
        Random random = new Random(seed);
        KvCache cache = new KvCache(SHAPE, 1, 13);
        cache.open(0);
        int[] committed = new int[200];
        int stamp = 1;
        while (cache.length(0) + 40 < 200) {
            int root = cache.length(0);
            int nodes = 1 + random.nextInt(40);
            cache.reserve(0, root + nodes);
            for (int node = 0; node < nodes; node++) {
                store(cache, 0, root + node, stamp + node);
            }
            int[] path = random.ints(1, Math.max(2, nodes))
                    .limit(random.nextInt(6))
                    .filter(n -> n < nodes)
                    .distinct()
                    .sorted()
                    .toArray();
            cache.commitPath(0, path, path.length);
            committed[root] = stamp;
            for (int i = 0; i < path.length; i++) {
                committed[root + 1 + i] = stamp + path[i];
            }
            stamp += nodes;
            assertThat(cache.length(0)).isEqualTo(root + 1 + path.length);
        }

        for (int position = 0; position < cache.length(0); position++) {
            assertHolds(cache, 0, position, committed[position]);
        }
    }

    @ParameterizedTest(name = "{displayName} seed={0}")
    @ValueSource(longs = {1, 2, 3, 5, 8})
    void shouldNeverShareAPageAndReturnThemAll(long seed) {
        Random random = new Random(seed);
        KvCache cache = new KvCache(SHAPE, 5, 30);
        for (int turn = 0; turn < 500; turn++) {
            int slot = random.nextInt(5);
            if (!cache.isOpen(slot)) {
                cache.open(slot);
            } else if (random.nextInt(5) == 0) {
                cache.release(slot);
            } else if (cache.length(slot) < 80) {
                int at = cache.length(slot);
                cache.reserve(slot, at + 1);
                store(cache, slot, at, slot * 1000 + at);
                cache.commit(slot, 1);
            }
        }
        for (int slot = 0; slot < 5; slot++) {
            for (int position = 0; cache.isOpen(slot) && position < cache.length(slot); position++) {
                assertHolds(cache, slot, position, slot * 1000 + position);
            }
            cache.release(slot);
        }
        assertThat(cache.pagesInUse()).isZero();
    }

    @Test
    void shouldRefuseMorePagesThanThereAre() {
        KvCache cache = new KvCache(SHAPE, 2, 3);
        cache.open(0);
        cache.open(1);
        cache.reserve(0, 32);

        assertThatThrownBy(() -> cache.reserve(1, 17))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("1 are free");
        assertThat(cache.pagesInUse()).isEqualTo(2);
    }

    @Test
    void shouldAllocateAPageOnlyWhenItIsHandedOut() {
        KvShape huge = new KvShape(100, 64, 128, 256, 1 << 20);

        KvCache cache = new KvCache(huge, 1, 1 << 12);

        assertThat(huge.sizeBytes(1 << 12)).isGreaterThan(1L << 40);
        assertThat(cache.pagesInUse()).isZero();
    }

    @Test
    void shouldRefuseSizesOfADamagedHeader() {
        assertThatThrownBy(() -> new KvShape(0, 1, 64, 16, 10)).hasMessageContaining("layers=0");
        assertThatThrownBy(() -> new KvShape(1 << 20, 1 << 20, 1 << 20, 16, 10))
                .isInstanceOfAny(ArithmeticException.class, IllegalArgumentException.class);
        assertThatThrownBy(() -> new KvShape(1, 1, 64, 24, 10))
                .hasMessageContaining("multiple of 16 positions, not 24");
    }

    private static void store(KvCache cache, int slot, int position, int stamp) {
        for (int layer = 0; layer < SHAPE.layers(); layer++) {
            int floats = SHAPE.kvHeads() * SHAPE.headDim();
            float[] row = new float[2 * floats];
            for (int i = 0; i < floats; i++) {
                row[i] = stamp + layer * 10_000 + i * 0.001f;
                row[floats + i] = -row[i];
            }
            for (int head = 0; head < SHAPE.kvHeads(); head++) {
                int at = head * SHAPE.headDim();
                cache.storeKey(slot, layer, head, position, 0, SHAPE.headDim(), row, at);
                cache.storeValue(slot, layer, head, position, 0, SHAPE.headDim(), row, floats + at);
            }
        }
    }

    private static void assertHolds(KvCache cache, int slot, int position, int stamp) {
        for (int layer = 0; layer < SHAPE.layers(); layer++) {
            for (int head = 0; head < SHAPE.kvHeads(); head++) {
                float[] page = cache.page(slot, position);
                int keyAt = cache.keyBlockOffset(layer, head, position) + position % KvShape.BLOCK;
                int valueAt = cache.valueOffset(layer, head, position);
                float[] key = new float[SHAPE.headDim()];
                float[] value = Arrays.copyOfRange(page, valueAt, valueAt + SHAPE.headDim());
                float[] expectedKey = new float[SHAPE.headDim()];
                float[] expectedValue = new float[SHAPE.headDim()];
                for (int d = 0; d < SHAPE.headDim(); d++) {
                    key[d] = page[keyAt + d * KvShape.BLOCK];
                    expectedKey[d] = stamp + layer * 10_000 + (head * SHAPE.headDim() + d) * 0.001f;
                    expectedValue[d] = -expectedKey[d];
                }
                assertThat(key).as("key slot=%d position=%d", slot, position).isEqualTo(expectedKey);
                assertThat(value)
                        .as("value slot=%d position=%d", slot, position)
                        .isEqualTo(expectedValue);
            }
        }
    }
}
