package dev.foretoken.engine.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class RotaryEmbeddingTest {
    @Test
    void shouldTurnByTheRoundedAngleOfTheDefinition() {
        float[] divisors = {1, 2, 4, 8};
        RotaryEmbedding rotary = new RotaryEmbedding(8, 10_000, 4, divisors);
        float[] cos = new float[5];
        float[] sin = new float[5];
        for (int position : new int[] {0, 1, 63, 64, 8191}) {
            rotary.angles(position, cos, sin, 1);
            for (int pair = 0; pair < 4; pair++) {
                double angle = position / 4.0 / Math.pow(10_000, pair / 4.0) / divisors[pair];
                assertThat(cos[1 + pair]).isCloseTo((float) Math.cos(angle), within(1e-7f));
                assertThat(sin[1 + pair]).isCloseTo((float) Math.sin(angle), within(1e-7f));
            }
        }
    }

    @Test
    void shouldGiveTheSameBitsThroughTheTable() {
        RotaryEmbedding rotary = new RotaryEmbedding(12, 500_000, 1, new float[0]);
        RotaryTable table = new RotaryTable(rotary, 300);
        float[] cos = new float[rotary.pairs()];
        float[] sin = new float[rotary.pairs()];
        for (int position : new int[] {299, 0, 63, 64, 65, 128}) {
            table.require(position);
            rotary.angles(position, cos, sin, 0);
            for (int pair = 0; pair < rotary.pairs(); pair++) {
                assertThat(table.cos(position)[table.at(position) + pair]).isEqualTo(cos[pair]);
                assertThat(table.sin(position)[table.at(position) + pair]).isEqualTo(sin[pair]);
            }
        }
    }
}
