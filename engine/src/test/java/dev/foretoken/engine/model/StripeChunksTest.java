package dev.foretoken.engine.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class StripeChunksTest {
    @Test
    void shouldDealOutEveryStripeOnceInOrder() {
        for (int threads = 1; threads <= 9; threads++) {
            StripeChunks chunks = new StripeChunks(threads);
            for (int stripes = 1; stripes <= 700; stripes++) {
                int count = chunks.plan(stripes), next = 0;
                for (int chunk = 0; chunk < count; chunk++) {
                    assertThat(chunks.from(chunk)).isEqualTo(next);
                    assertThat(chunks.to(chunk)).isGreaterThan(next);
                    next = chunks.to(chunk);
                }
                assertThat(next).as("%d stripes, %d threads", stripes, threads).isEqualTo(stripes);
            }
        }
    }

    @Test
    void shouldLeaveNoThreadWaitingForALastChunk() {
        assertThat(sizes(36, 2)).isEqualTo(new int[] {8, 8, 8, 8, 2, 2});
        assertThat(sizes(60, 2)).isEqualTo(new int[] {8, 8, 8, 8, 8, 8, 6, 6});
        assertThat(sizes(36, 4)).isEqualTo(new int[] {4, 4, 4, 4, 4, 4, 4, 4, 1, 1, 1, 1});
        assertThat(sizes(3, 2)).isEqualTo(new int[] {2, 1});
        assertThat(sizes(3072, 2)).hasSize(48).containsOnly(64);
    }

    private static int[] sizes(int stripes, int threads) {
        StripeChunks chunks = new StripeChunks(threads);
        int[] sizes = new int[chunks.plan(stripes)];
        Arrays.setAll(sizes, chunk -> chunks.to(chunk) - chunks.from(chunk));
        return sizes;
    }
}
