package dev.foretoken.engine.sampling;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TopIdsTest {
    @Test
    void shouldListTheLargestLogitsDescendingWithTiesByLowestId() {
        SplittableRandom random = new SplittableRandom(1);
        for (int size : new int[] {1, 7, 8, 20, 33, 500}) {
            float[] logits = new float[size + 3];
            for (int i = 0; i < logits.length; i++) {
                logits[i] = random.nextInt(-12, 12);
            }
            for (int count : new int[] {1, 8, 20}) {
                int[] ids = new int[count];
                TopIds.largest(logits, 3, size, count, ids);

                int[] expected = IntStream.range(0, size)
                        .boxed()
                        .sorted((a, b) ->
                                logits[3 + a] != logits[3 + b] ? Float.compare(logits[3 + b], logits[3 + a]) : a - b)
                        .limit(count)
                        .mapToInt(Integer::intValue)
                        .toArray();
                int[] padded = IntStream.range(0, count)
                        .map(i -> i < expected.length ? expected[i] : -1)
                        .toArray();
                assertThat(ids).as("size=%d count=%d", size, count).isEqualTo(padded);
            }
        }
    }

    @Test
    void shouldKeepItsPromiseOnTheErrorOfTheFastExp() {
        SplittableRandom random = new SplittableRandom(3);
        for (int i = 0; i < 200_000; i++) {
            double x = -random.nextDouble() * (i % 2 == 0 ? 40 : 690);
            double exact = StrictMath.exp(x);
            assertThat(Math.abs(FastExp.exp(x) - exact))
                    .as("x=%s", x)
                    .isLessThanOrEqualTo(exact * FastExp.RELATIVE_ERROR / 4);
        }
        assertThat(FastExp.exp(0)).isEqualTo(1);
    }
}
