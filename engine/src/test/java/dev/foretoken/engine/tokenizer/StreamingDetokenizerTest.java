package dev.foretoken.engine.tokenizer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.foretoken.engine.testing.TestVocabulary;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StreamingDetokenizerTest {
    private static final String MIXED = "aé€👍🏽 naïve — 漢字\r\n\u0000é";

    @Test
    void shouldGiveACharacterWithTheTokenThatCompletesIt() {
        byte[] thumb = "👍".getBytes(UTF_8);
        StreamingDetokenizer detokenizer = new StreamingDetokenizer(TestVocabulary.ofBytes(
                new byte[] {'a', thumb[0]}, new byte[] {thumb[1]}, new byte[] {thumb[2]}, new byte[] {thumb[3], 'b'}));

        assertThat(detokenizer.accept(1)).isEqualTo("a");
        assertThat(detokenizer.accept(2)).isEmpty();
        assertThat(detokenizer.accept(3)).isEmpty();
        assertThat(detokenizer.accept(TestVocabulary.END)).isEmpty();
        assertThat(detokenizer.accept(4)).isEqualTo("👍b");
        assertThat(detokenizer.flush()).isEmpty();
    }

    @Test
    void shouldGiveTheSameTextForEverySplitInThreeTokens() {
        byte[] bytes = MIXED.getBytes(UTF_8);
        for (int first = 0; first <= bytes.length; first++) {
            for (int second = first; second <= bytes.length; second++) {
                assertThat(streamed(bytes, first, second)).isEqualTo(MIXED);
            }
        }
    }

    /** Bytes in hex and their text, in which _ stands for U+FFFD: one for each maximal part of an invalid sequence. */
    @ParameterizedTest(name = "{0} is {1}")
    @CsvSource({
        "61 80 62, a_b", // stray continuation
        "C3, _", // unfinished at the end
        "E2 82 78, _x", // cut short
        "C0 AF, __", // overlong
        "E0 9F BF, ___", // overlong
        "ED A0 80, ___", // surrogate
        "ED 9F BF, \uD7FF",
        "F4 90 80 80, ____", // above U+10FFFF
        "F4 8F BF BF, \uDBFF\uDFFF",
        "F0 9F 91 F0 9F 91 8D, _\uD83D\uDC4D",
        "F0 8F BF BF, ____", // overlong
        "FF FE F5, ___"
    })
    void shouldReplaceInvalidBytesTheSameWayHoweverTheyAreSplit(String hex, String text) {
        byte[] bytes = HexFormat.ofDelimiter(" ").parseHex(hex);
        for (int first = 0; first <= bytes.length; first++) {
            for (int second = first; second <= bytes.length; second++) {
                assertThat(streamed(bytes, first, second)).isEqualTo(text.replace('_', '\uFFFD'));
            }
        }
    }

    @ParameterizedTest(name = "{displayName} seed={0}")
    @ValueSource(longs = {1, 2, 3, 5, 8, 13, 21, 34})
    void shouldGiveTheSameTextForRandomBytesInRandomTokens(long seed) {
        Random random = new Random(seed);
        for (int round = 0; round < 500; round++) {
            byte[] bytes = randomBytes(random);
            int first = random.nextInt(bytes.length + 1);
            int second = first + random.nextInt(bytes.length + 1 - first);
            String whole = streamed(bytes, bytes.length, bytes.length);
            assertThat(streamed(bytes, first, second)).isEqualTo(whole);
            assertThat(byteByByte(bytes)).isEqualTo(whole);
            if (!whole.contains("\uFFFD")) {
                assertThat(whole).isEqualTo(new String(bytes, UTF_8));
            }
        }
    }

    @Test
    void shouldReleaseHeldTextUpToAByte() {
        StreamingDetokenizer detokenizer = new StreamingDetokenizer(TestVocabulary.ofTexts("Hello", " wörld"));
        detokenizer.append(1);
        detokenizer.append(2);

        assertThat(detokenizer.releaseTo(0)).isEmpty();
        assertThat(detokenizer.releaseTo(3)).isEqualTo("Hel");
        assertThat(detokenizer.releaseTo(7)).isEqualTo("lo w");
        assertThatThrownBy(() -> detokenizer.releaseTo(6))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("cannot release the answer up to byte 6, expected 7 (released) to 12 (appended)");
        assertThatThrownBy(() -> detokenizer.releaseTo(13)).isInstanceOf(IllegalArgumentException.class);
        assertThat(detokenizer.flush()).isEqualTo("örld");
    }

    private static byte[] randomBytes(Random random) {
        // lead and continuation bytes near the borders of every range
        int[] likely = {
            0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC2, 0xDF, 0xE0, 0xE1, 0xED, 0xEF, 0xF0, 0xF1, 0xF4,
            0xF5, 0xFF
        };
        byte[] bytes = new byte[random.nextInt(12)];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) likely[random.nextInt(likely.length)];
        }
        return bytes;
    }

    private static String streamed(byte[] bytes, int first, int second) {
        StreamingDetokenizer detokenizer = new StreamingDetokenizer(TestVocabulary.ofBytes(
                Arrays.copyOfRange(bytes, 0, first),
                Arrays.copyOfRange(bytes, first, second),
                Arrays.copyOfRange(bytes, second, bytes.length)));
        return detokenizer.accept(1) + detokenizer.accept(2) + detokenizer.accept(3) + detokenizer.flush();
    }

    private static String byteByByte(byte[] bytes) {
        byte[][] chunks = new byte[bytes.length][];
        for (int i = 0; i < bytes.length; i++) {
            chunks[i] = new byte[] {bytes[i]};
        }
        StreamingDetokenizer detokenizer = new StreamingDetokenizer(TestVocabulary.ofBytes(chunks));
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < bytes.length; i++) {
            text.append(detokenizer.accept(i + 1));
        }
        return text.append(detokenizer.flush()).toString();
    }
}
