package dev.foretoken.engine.kv;

import static org.assertj.core.api.Assertions.assertThat;

import dev.foretoken.engine.kv.PrefixTree.PageHash;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrefixTreeTest {
    private static final int PAGE = 16;
    private static final int BUCKETS = 256;
    private static final int VOCABULARY = 49_152;

    @Test
    void pagesThatShareABucketUnderOneKeyShouldNotUnderAnother() {
        // given what a client would have to send: pages that a known hash puts into one bucket
        PageHash known = PrefixTree.hash(0x243F6A8885A308D3L, 0x13198A2E03707344L);
        Random random = new Random(1);
        int[][] colliding = new int[BUCKETS][];
        for (int found = 0; found < BUCKETS; ) {
            int[] page = random.ints(PAGE, 0, VOCABULARY).toArray();
            if (bucket(known, page) == 0) {
                colliding[found++] = page;
            }
        }

        PageHash secret = PrefixTree.hash(0xA4093822299F31D0L, 0x082EFA98EC4E6C89L);

        assertThat(used(secret, colliding)).as("buckets").isGreaterThan(BUCKETS / 2);
    }

    @ParameterizedTest(name = "{displayName} seed={0}")
    @ValueSource(longs = {1, 2, 3, 5, 8})
    void pagesThatDifferByLittleShouldSpreadOverTheBuckets(long seed) {
        Random keys = new Random(seed);
        PageHash hash = PrefixTree.hash(keys.nextLong(), keys.nextLong());
        for (int at : new int[] {0, 1, PAGE - 1}) {
            int place = at;
            int[][] pages = IntStream.range(0, BUCKETS)
                    .mapToObj(token -> {
                        int[] page = new int[PAGE];
                        page[place] = token << 4;
                        return page;
                    })
                    .toArray(int[][]::new);
            assertThat(used(hash, pages)).as("buckets, token %d", at).isGreaterThan(BUCKETS / 2);
        }
        int[] same = new int[PAGE];
        assertThat(IntStream.range(0, BUCKETS)
                        .map(parent -> hash.of(parent, same, 0, PAGE) & BUCKETS - 1)
                        .distinct())
                .as("buckets, by parent")
                .hasSizeGreaterThan(BUCKETS / 2);
    }

    /** Of so many random values, about 63 % of the buckets get one. */
    private static long used(PageHash hash, int[][] pages) {
        return IntStream.range(0, pages.length)
                .map(i -> bucket(hash, pages[i]))
                .distinct()
                .count();
    }

    private static int bucket(PageHash hash, int[] page) {
        return hash.of(7, page, 0, PAGE) & BUCKETS - 1;
    }
}
