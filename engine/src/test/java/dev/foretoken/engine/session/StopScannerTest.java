package dev.foretoken.engine.session;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.foretoken.engine.testing.TestVocabulary;
import dev.foretoken.engine.tokenizer.Utf8Boundary;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StopScannerTest {
    @Test
    void shouldHoldBackWhatMayBecomeAStopString() {
        StopScanner scanner = new StopScanner(TestVocabulary.ofTexts("Hello EN", "D of it", "END!"), List.of("END!"));

        assertThat(scanner.accept(1)).isFalse();
        assertThat(scanner.releasedBytes()).isEqualTo("Hello ".length());
        assertThat(scanner.accept(2)).isFalse();
        assertThat(scanner.releasedBytes()).isEqualTo("Hello END of it".length());
        assertThat(scanner.accept(3)).isTrue();
        assertThat(scanner.releasedBytes()).isEqualTo("Hello END of it".length());
    }

    @Test
    void shouldStopInsideATokenAndKeepOnlyWhatLiesBefore() {
        StopScanner scanner = new StopScanner(TestVocabulary.ofTexts("one\n\ntwo\n\nthree"), List.of("\n\n"));

        assertThat(scanner.accept(1)).isTrue();
        assertThat(scanner.releasedBytes()).isEqualTo(3);
    }

    @Test
    void shouldFindAStopStringThatBeginsInsideAFalseStart() {
        StopScanner scanner = new StopScanner(TestVocabulary.ofTexts("aaa", "ab", "x"), List.of("aab", "aaab!"));

        assertThat(scanner.accept(1)).isFalse();
        assertThat(scanner.releasedBytes()).isZero();
        assertThat(scanner.accept(2)).isTrue();
        assertThat(scanner.releasedBytes()).isEqualTo("aa".length());
    }

    @Test
    void shouldTakeTheLongestOfTheStopStringsCompletedTogether() {
        StopScanner scanner = new StopScanner(TestVocabulary.ofTexts("1234"), List.of("34", "234", "4"));

        assertThat(scanner.accept(1)).isTrue();
        assertThat(scanner.releasedBytes()).isEqualTo(1);
    }

    @Test
    void shouldTakeTheStopStringThatIsCompletedFirstEvenIfAnotherBeganEarlier() {
        StopScanner scanner = new StopScanner(TestVocabulary.ofTexts("xabcd"), List.of("abcd", "bc"));

        assertThat(scanner.accept(1)).isTrue();
        assertThat(scanner.releasedBytes()).isEqualTo("xa".length());
    }

    @Test
    void shouldNotReleaseHalfACharacter() {
        byte[] euro = "€".getBytes(UTF_8);
        StopScanner scanner = new StopScanner(
                TestVocabulary.ofBytes(
                        new byte[] {'a', euro[0]}, new byte[] {euro[1]}, new byte[] {euro[2]}, new byte[] {'z'}),
                List.of());

        scanner.accept(1);
        assertThat(scanner.releasedBytes()).isEqualTo(1);
        scanner.accept(2);
        assertThat(scanner.releasedBytes()).isEqualTo(1);
        scanner.accept(4); // no continuation: what was there is invalid for certain
        assertThat(scanner.releasedBytes()).isEqualTo(4);
    }

    @Test
    void shouldSeeAStopStringAcrossTokensThatHaveNoText() {
        StopScanner scanner = new StopScanner(TestVocabulary.ofTexts("é", "", "€"), List.of("é€"));

        assertThat(scanner.accept(1)).isFalse();
        assertThat(scanner.accept(2)).isFalse();
        assertThat(scanner.releasedBytes()).isZero();
        assertThat(scanner.accept(3)).isTrue();
        assertThat(scanner.releasedBytes()).isZero();
    }

    @Test
    void shouldReleaseEverythingWhenTheTextEndsWithoutAStopString() {
        byte[] euro = "€".getBytes(UTF_8);
        StopScanner scanner =
                new StopScanner(TestVocabulary.ofBytes(new byte[] {'E', 'N'}, new byte[] {euro[0]}), List.of("END"));
        scanner.accept(1);
        assertThat(scanner.releasedBytes()).isZero();
        scanner.accept(2);
        assertThat(scanner.releasedBytes()).isEqualTo(2);

        scanner.flush();

        assertThat(scanner.releasedBytes()).isEqualTo(3);
    }

    @Test
    void shouldKeepWhatAStopStringCutOffWhenFlushedAfterwards() {
        StopScanner scanner = new StopScanner(TestVocabulary.ofTexts("ab#c"), List.of("#"));
        scanner.accept(1);

        scanner.flush();

        assertThat(scanner.releasedBytes()).isEqualTo(2);
    }

    @Test
    void shouldTakeAMegabyteOfStopStringWithoutAMegabyteOfTransitionsPerByte() {
        String stop = "ab".repeat(500_000) + "c";
        StopScanner scanner = new StopScanner(TestVocabulary.ofTexts("ab".repeat(400_000), "x"), List.of(stop));

        assertThat(scanner.accept(1)).isFalse();
        assertThat(scanner.releasedBytes()).isZero();
        assertThat(scanner.accept(2)).isFalse();
        assertThat(scanner.releasedBytes()).isEqualTo(800_001);
    }

    @Test
    void shouldAgreeWithTheWholeTextForEverySplitInThreeTokens() {
        List<String> texts = List.of("xaabab€€b", "€é👍é€", "ababab", "a\uFFFDb", "aab€");
        List<List<String>> stops = List.of(
                List.of("ab"), List.of("€b", "€é"), List.of("bab", "abab"), List.of("👍", "é👍é"), List.of("zzz"));
        for (String text : texts) {
            byte[] bytes = text.getBytes(UTF_8);
            for (List<String> stop : stops) {
                for (int first = 0; first <= bytes.length; first++) {
                    for (int second = first; second <= bytes.length; second++) {
                        check(stop, split(bytes, first, second));
                    }
                }
            }
        }
    }

    @ParameterizedTest(name = "{displayName} seed={0}")
    @ValueSource(longs = {1, 2, 3, 5, 8, 13, 21, 34})
    void shouldAgreeWithTheWholeTextForRandomBytesStopsAndTokens(long seed) {
        Random random = new Random(seed);
        int[] alphabet = {'a', 'b', 0xC3, 0xA9, 0xE2, 0x82, 0xAC};
        String[] stopAlphabet = {"a", "b", "é", "€"};
        for (int round = 0; round < 2000; round++) {
            List<byte[]> chunks = new ArrayList<>();
            for (int i = random.nextInt(8); i >= 0; i--) {
                byte[] chunk = new byte[random.nextInt(5)];
                for (int k = 0; k < chunk.length; k++) {
                    chunk[k] = (byte) alphabet[random.nextInt(alphabet.length)];
                }
                chunks.add(chunk);
            }
            List<String> stops = new ArrayList<>();
            for (int i = random.nextInt(4); i > 0; i--) {
                StringBuilder stop = new StringBuilder();
                for (int k = random.nextInt(4); k >= 0; k--) {
                    stop.append(stopAlphabet[random.nextInt(stopAlphabet.length)]);
                }
                stops.add(stop.toString());
            }
            check(stops, chunks);
        }
    }

    private static List<byte[]> split(byte[] bytes, int first, int second) {
        return List.of(
                Arrays.copyOfRange(bytes, 0, first),
                Arrays.copyOfRange(bytes, first, second),
                Arrays.copyOfRange(bytes, second, bytes.length));
    }

    /** Compares with looking at all text so far, again after every token. */
    private static void check(List<String> stops, List<byte[]> chunks) {
        StopScanner scanner = new StopScanner(TestVocabulary.ofBytes(chunks.toArray(byte[][]::new)), stops);
        byte[] text = {};
        int releasedBefore = 0;
        for (int i = 0; i < chunks.size(); i++) {
            int before = text.length;
            text = Arrays.copyOf(text, before + chunks.get(i).length);
            System.arraycopy(chunks.get(i), 0, text, before, chunks.get(i).length);
            int stopAt = firstStop(text, stops);

            boolean stopped = scanner.accept(i + 1);

            assertThat(stopped).as("%s in %s", stops, new String(text, UTF_8)).isEqualTo(stopAt >= 0);
            int expected = stopAt >= 0 ? stopAt : text.length - heldBytes(text, stops);
            assertThat(scanner.releasedBytes())
                    .as("%s in %s", stops, new String(text, UTF_8))
                    .isEqualTo(expected)
                    .isGreaterThanOrEqualTo(releasedBefore);
            releasedBefore = scanner.releasedBytes();
            if (stopped) {
                return;
            }
        }
        scanner.flush();
        assertThat(scanner.releasedBytes()).isEqualTo(text.length);
    }

    private static int firstStop(byte[] text, List<String> stops) {
        for (int end = 1; end <= text.length; end++) {
            for (int start = 0; start < end; start++) {
                for (String stop : stops) {
                    if (Arrays.equals(Arrays.copyOfRange(text, start, end), stop.getBytes(UTF_8))) {
                        return start;
                    }
                }
            }
        }
        return -1;
    }

    private static int heldBytes(byte[] text, List<String> stops) {
        Utf8Boundary boundary = new Utf8Boundary();
        for (byte next : text) {
            boundary.accept(next);
        }
        int held = boundary.pendingBytes();
        for (String stop : stops) {
            byte[] pattern = stop.getBytes(UTF_8);
            for (int length = Math.min(pattern.length - 1, text.length); length > held; length--) {
                if (Arrays.equals(pattern, 0, length, text, text.length - length, text.length)) {
                    held = length;
                }
            }
        }
        return held;
    }
}
