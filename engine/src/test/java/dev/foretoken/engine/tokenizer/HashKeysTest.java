package dev.foretoken.engine.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HashKeysTest {
    private static final int PLACES = 256;
    private static final HashKeys KNOWN = HashKeys.of(new SplittableRandom(1));

    @Test
    void whatMeetsInOnePlaceUnderKnownKeysShouldNotUnderSecretOnes() {
        // given what a file would have to hold
        List<byte[]> pieces = new ArrayList<>();
        List<Long> pairs = new ArrayList<>();
        SplittableRandom random = new SplittableRandom(2);
        while (pieces.size() < PLACES || pairs.size() < PLACES) {
            byte[] piece = new byte[12];
            random.nextBytes(piece);
            if (place(hash(KNOWN, piece)) == 0) {
                pieces.add(piece);
            }
            long pair = random.nextLong() & 0x1FFFF_0001_FFFFL;
            if (place(KNOWN.hash(pair)) == 0) {
                pairs.add(pair);
            }
        }

        assertThat(places(pieces.subList(0, PLACES), piece -> hash(HashKeys.OWN, piece)))
                .as("places of pieces")
                .isGreaterThan(PLACES / 2);
        assertThat(places(pairs.subList(0, PLACES), HashKeys.OWN::hash))
                .as("places of pairs")
                .isGreaterThan(PLACES / 2);
    }

    @ParameterizedTest(name = "{displayName} seed={0}")
    @ValueSource(longs = {1, 2, 3, 5, 8})
    void whatDiffersByLittleShouldSpread(long seed) {
        HashKeys keys = HashKeys.of(new SplittableRandom(seed));

        assertThat(places(
                        IntStream.range(0, PLACES)
                                .mapToObj(i -> new byte[] {'a', (byte) i, 'b', 'c'})
                                .toList(),
                        piece -> hash(keys, piece)))
                .as("pieces")
                .isGreaterThan(PLACES / 2);
        for (int shift : new int[] {0, 16, 32, 40}) {
            assertThat(places(
                            LongStream.range(0, PLACES)
                                    .mapToObj(i -> i << shift)
                                    .toList(),
                            keys::hash))
                    .as("pairs, from bit %d on", shift)
                    .isGreaterThan(PLACES / 2);
        }
    }

    private static int hash(HashKeys keys, byte[] piece) {
        return keys.hash(piece, 0, piece.length);
    }

    /** Of so many random values, about 63 % of the places get one. */
    private static <T> long places(List<T> values, ToIntFunction<T> hash) {
        return values.stream()
                .mapToInt(value -> place(hash.applyAsInt(value)))
                .distinct()
                .count();
    }

    private static int place(int hash) {
        return hash & PLACES - 1;
    }
}
