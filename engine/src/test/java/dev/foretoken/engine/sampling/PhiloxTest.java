package dev.foretoken.engine.sampling;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PhiloxTest {
    private final Philox philox = new Philox();

    @Test
    void shouldMatchThePublishedAnswerForZeros() {
        philox.generate(0, 0, 0, 0, 0, 0);

        assertWords(0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8);
    }

    @Test
    void shouldMatchThePublishedAnswerForOnes() {
        philox.generate(-1, -1, -1, -1, -1, -1);

        assertWords(0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd);
    }

    @Test
    void shouldMatchThePublishedAnswerForTheDigitsOfPi() {
        philox.generate(0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0);

        assertWords(0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1);
    }

    private void assertWords(int... expected) {
        for (int i = 0; i < 4; i++) {
            assertThat(philox.word(i)).as("word %d", i).isEqualTo(expected[i]);
        }
    }
}
