package dev.foretoken.engine.tokenizer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.foretoken.engine.gguf.GgufFile;
import dev.foretoken.engine.testing.Goldens;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Laws that hold for any text. */
class TokenizerLawsTest {
    private static final String[] PIECES = {
        "I'm",
        "YOU'RE",
        "we'LL",
        "'s",
        " ",
        "  ",
        "        ",
        "\n",
        "\r\n",
        "\r\n\r\n",
        "\t",
        "123",
        "4567890",
        "٣",
        "½",
        "naïve",
        "e\u0301",
        "👍🏽",
        "👩‍👩‍👧‍👦",
        "🇩🇪",
        "漢字",
        "Ⅷ",
        "\u0000",
        "\u007F",
        "\u0085",
        "\u00A0",
        "\u2028",
        "\uFEFF",
        "\uFFFD",
        "\u0378",
        "\uDBFF\uDFFF",
        "\uE000",
        "<|endoftext|>",
        "<s>",
        "</s>",
        "<0x41>",
        "▁",
        "_",
        "!",
        "::",
        "->",
        "aaaa",
        "the",
        "return",
        "\uD800",
        "\uDC00",
        "x"
    };

    @ParameterizedTest(name = "{0} seed={1}")
    @CsvSource({
        "random-llama-q8_0.gguf, 1", "random-llama-q8_0.gguf, 2", "random-llama3-f16.gguf, 1",
                "random-llama3-f16.gguf, 2",
        "random-qwen2-f16.gguf, 1", "random-qwen2-f16.gguf, 2", "random-smollm-f16.gguf, 1",
                "random-smollm-f16.gguf, 2",
        "random-spm-f16.gguf, 1", "random-spm-f16.gguf, 2"
    })
    void decodingShouldUndoEncoding(String model, long seed) {
        Tokenizer tokenizer = tokenizer(model);
        boolean prefixed = model.contains("spm");
        Random random = new Random(seed);
        for (int round = 0; round < 3000; round++) {
            String text = randomText(random);
            String whole =
                    new String(CodePoints.of(text), 0, CodePoints.of(text).length); // lone surrogates have no bytes
            String expected = prefixed ? (text.isEmpty() ? "" : " " + whole.replace('▁', ' ')) : whole;

            int[] ids = tokenizer.encode(text, false);

            assertThat(decoded(tokenizer, ids)).isEqualTo(expected);
            for (int id : ids) {
                assertThat(tokenizer.vocabulary().isControl(id)).isFalse();
            }
            assertThat(tokenizer.encode(List.of(new TextSegment.Plain(text)))).isEqualTo(ids);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "random-llama-q8_0.gguf",
                "random-llama3-f16.gguf",
                "random-qwen2-f16.gguf",
                "random-smollm-f16.gguf",
                "random-spm-f16.gguf"
            })
    void shouldTakeAMegabyteOfAnythingInLinearTime(String model) {
        Tokenizer tokenizer = tokenizer(model);
        for (String unit :
                List.of("a", " ", "\n", " \n", "1", "!", "'", "é", "👍", "\t ", "a1", "'s", "<", "\u00A0", "ab ")) {
            String text = unit.repeat((1 << 20) / unit.length());
            assertTimeoutPreemptively(Duration.ofSeconds(60), () -> {
                int[] ids = tokenizer.encode(text, true);
                assertThat(bytes(tokenizer, ids))
                        .as(unit)
                        .isIn(text.getBytes(UTF_8).length, text.getBytes(UTF_8).length + 1);
            });
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"random-llama3-f16.gguf", "random-spm-f16.gguf"})
    void pairsShouldBeLookedUpAFewTimesPerSymbol(String model) {
        Tokenizer tokenizer = tokenizer(model);
        int count = 200_000;
        PairMerger merger = new PairMerger();
        for (int i = 0; i < count; i++) {
            merger.add(7, i, i + 1);
        }
        long[] lookups = {0};

        // every pair of equal tokens merges into the next token, as in a vocabulary made for one repeated character
        merger.merge((symbols, left, right) -> {
            lookups[0]++;
            int token = symbols.token(left);
            return token == symbols.token(right) ? (long) token << 32 | token + 1 : PairMerger.Pairs.NONE;
        });

        assertThat(lookups[0]).isLessThan(4L * count);
        int covered = 0;
        for (int symbol = merger.first(); symbol >= 0; symbol = merger.next(symbol)) {
            covered += merger.to(symbol) - merger.from(symbol);
        }
        assertThat(covered).isEqualTo(count);
        assertThat(tokenizer.encode("x".repeat(count), false).length).isPositive();
    }

    private static String randomText(Random random) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(12); i > 0; i--) {
            if (random.nextInt(4) == 0) {
                text.appendCodePoint(random.nextInt(Character.MAX_CODE_POINT + 1));
            } else {
                text.append(PIECES[random.nextInt(PIECES.length)]);
            }
        }
        return text.toString();
    }

    private static String decoded(Tokenizer tokenizer, int[] ids) {
        StreamingDetokenizer detokenizer = new StreamingDetokenizer(tokenizer.vocabulary());
        List<String> parts = new ArrayList<>();
        for (int id : ids) {
            parts.add(detokenizer.accept(id));
        }
        return String.join("", parts) + detokenizer.flush();
    }

    private static int bytes(Tokenizer tokenizer, int[] ids) {
        int bytes = 0;
        for (int id : ids) {
            bytes += tokenizer.vocabulary().bytes(id).length;
        }
        return bytes;
    }

    private static Tokenizer tokenizer(String model) {
        try (GgufFile file = GgufFile.open(Goldens.model(model))) {
            return Tokenizers.from(file.metadata());
        }
    }
}
