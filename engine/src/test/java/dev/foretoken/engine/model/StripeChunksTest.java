package dev.foretoken.engine.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class StripeChunksTest {
    private static final int MANY = 17;

    @Test
    void shouldDealOutEveryStripeOnce() {
        for (int threads = 1; threads <= 9; threads++) {
            StripeChunks chunks = new StripeChunks(threads);
            for (int stripes = 1; stripes <= 700; stripes++) {
                for (int tokens : new int[] {1, MANY}) {
                    int[] dealt = dealt(chunks, stripes, tokens);
                    assertThat(dealt)
                            .as("%d stripes, %d tokens, %d threads", stripes, tokens, threads)
                            .containsOnly(1);
                }
            }
        }
    }

    private static int[] dealt(StripeChunks chunks, int stripes, int tokens) {
        int count = chunks.plan(stripes, tokens);
        int[] dealt = new int[stripes];
        for (int chunk = 0; chunk < count; chunk++) {
            assertThat(chunks.to(chunk)).isGreaterThan(chunks.from(chunk));
            for (int stripe = chunks.from(chunk); stripe < chunks.to(chunk); stripe++) {
                dealt[stripe]++;
            }
        }
        return dealt;
    }

    @Test
    void shouldLeaveNoThreadWaitingForALastChunk() {
        int least = StripeChunks.GROUP;
        assertThat(sizes(2 * least + 2, MANY, 2)).isEqualTo(new int[] {least, least, 1, 1});
        assertThat(sizes(4 * least - 2, MANY, 2)).isEqualTo(new int[] {least, least, least - 1, least - 1});
        assertThat(sizes(4 * least + 4, MANY, 4)).isEqualTo(new int[] {least, least, least, least, 1, 1, 1, 1});
        assertThat(sizes(3, MANY, 2)).isEqualTo(new int[] {2, 1});
        assertThat(sizes(192 * least, MANY, 2)).hasSize(48).containsOnly(4 * least);
    }

    @Test
    void shouldGiveThreadsThatKeepStepNeighbouringChunks() {
        StripeChunks chunks = new StripeChunks(2);
        int count = chunks.plan(8 * StripeChunks.GROUP, MANY);
        for (int chunk = 0; chunk + 2 < count; chunk++) {
            assertThat(chunks.to(chunk)).isEqualTo(chunks.from(chunk + 2));
        }
    }

    @Test
    void shouldLetEveryThreadReadInOneRunWhereTokensAreFew() {
        assertThat(sizes(18, 1, 2)).isEqualTo(new int[] {9, 9});
        assertThat(sizes(17, 16, 2)).isEqualTo(new int[] {9, 8});
        int most = StripeChunks.STRIPES_MAX;
        assertThat(sizes(8 * most, 1, 2)).hasSize(8).containsOnly(most);
    }

    @Test
    void shouldKeepUnitsTogether() {
        for (int threads = 1; threads <= 5; threads++) {
            StripeChunks chunks = new StripeChunks(threads);
            for (int unit : new int[] {1, 2, 4, 5, 8, 100}) {
                for (int units = 1; units <= 70; units++) {
                    for (int tokens : new int[] {1, MANY}) {
                        int count = chunks.plan(units * unit, tokens, unit);
                        int[] dealt = new int[units * unit];
                        for (int chunk = 0; chunk < count; chunk++) {
                            assertThat(chunks.from(chunk) % unit).isZero();
                            assertThat(chunks.to(chunk)).isGreaterThan(chunks.from(chunk));
                            for (int stripe = chunks.from(chunk); stripe < chunks.to(chunk); stripe++) {
                                dealt[stripe]++;
                            }
                        }
                        assertThat(dealt)
                                .as("%d units of %d, %d tokens, %d threads", units, unit, tokens, threads)
                                .containsOnly(1);
                    }
                }
            }
        }
    }

    private static int[] sizes(int stripes, int tokens, int threads) {
        StripeChunks chunks = new StripeChunks(threads);
        int[] sizes = new int[chunks.plan(stripes, tokens)];
        Arrays.setAll(sizes, chunk -> chunks.to(chunk) - chunks.from(chunk));
        return sizes;
    }
}
