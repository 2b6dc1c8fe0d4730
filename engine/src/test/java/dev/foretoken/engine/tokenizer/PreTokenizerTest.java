package dev.foretoken.engine.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.foretoken.engine.error.InvalidInputException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The scanners against the regular expressions that define them. */
class PreTokenizerTest {
    private static final String GPT2 =
            "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";
    private static final String LLAMA = "(?iu:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,%d}"
            + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
    private static final int[] ALPHABET = {
        'a', 'Z', 's', 'S', 't', 'L', 'l', 'r', 'e', 'E', 'v', 'm', 'd', 'D', '\'', '\'', '1', '9', ' ', ' ', ' ', '\t',
        '\n', '\r', '!', '.', '_', 'é', 0x17F, 0x301, 0x2019, 0xA0, 0x85, 0x2003, 0x200B, 0x1C, 0x180E, 0xFEFF, 0x3000,
        0xBD, 0x663, 0x2167, 0x4E00, 0x1D518, 0x1F44D, 0x378, 0xE000, 0xFFFD, 0x2028, 0x10FFFF
    };

    @ParameterizedTest(name = "{0} seed={1}")
    @CsvSource({
        "gpt-2, 1", "gpt-2, 2", "gpt-2, 3", "gpt-2, 5", "smollm, 1", "smollm, 2", "smollm, 3", "smollm, 5",
        "llama-bpe, 1", "llama-bpe, 2", "llama-bpe, 3", "llama-bpe, 5", "qwen2, 1", "qwen2, 2", "qwen2, 3", "qwen2, 5"
    })
    void shouldCutTextLikeTheDefinition(String name, long seed) {
        Random random = new Random(seed);
        for (int round = 0; round < 20_000; round++) {
            StringBuilder text = new StringBuilder();
            for (int i = random.nextInt(14); i > 0; i--) {
                text.appendCodePoint(ALPHABET[random.nextInt(ALPHABET.length)]);
            }
            assertThat(words(PreTokenizers.named(name), text.toString()))
                    .as(() -> text.codePoints()
                            .mapToObj(Integer::toHexString)
                            .toList()
                            .toString())
                    .isEqualTo(definition(name, text.toString()));
        }
    }

    @Test
    void shouldKeepTheSpaceBeforeAWordWithTheWord() {
        assertThat(words(PreTokenizers.named("gpt-2"), "I'm  here 12 "))
                .containsExactly("I", "'m", " ", " here", " 12", " ");
        assertThat(words(PreTokenizers.named("smollm"), "a  12")).containsExactly("a", "  ", "1", "2");
        assertThat(words(PreTokenizers.named("llama-bpe"), "YOU'RE 12345\n\n x"))
                .containsExactly("YOU", "'RE", " ", "123", "45", "\n\n", " x");
        assertThat(words(PreTokenizers.named("qwen2"), "x=12;\n\n\ty"))
                .containsExactly("x", "=", "1", "2", ";\n\n", "\ty");
    }

    @Test
    void shouldRefuseAnUnknownNameAndAMissingOne() {
        assertThatThrownBy(() -> PreTokenizers.named("klingon\n"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("tokenizer.ggml.pre is \"klingon\\u{a}\", expected gpt-2, llama-bpe, qwen2 or smollm;"
                        + " this tokenizer is not supported, use another model");
        assertThatThrownBy(() -> PreTokenizers.named(null))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageStartingWith("tokenizer.ggml.pre is missing, expected");
    }

    private static List<String> words(PreTokenizer preTokenizer, String text) {
        int[] codePoints = CodePoints.of(text);
        List<String> words = new ArrayList<>();
        for (int start = 0; start < codePoints.length; ) {
            int end = preTokenizer.wordEnd(codePoints, start);
            assertThat(end).isBetween(start + 1, codePoints.length);
            words.add(new String(codePoints, start, end - start));
            start = end;
        }
        return words;
    }

    private static List<String> definition(String name, String text) {
        return switch (name) {
            case "gpt-2" -> matches(GPT2, text);
            case "smollm" -> {
                List<String> words = new ArrayList<>();
                for (String part : matches("\\p{N}|\\P{N}+", text)) {
                    words.addAll(matches(GPT2, part));
                }
                yield words;
            }
            case "llama-bpe" -> matches(LLAMA.formatted(3), text);
            case "qwen2" -> matches(LLAMA.formatted(1), text);
            default -> throw new IllegalArgumentException(name);
        };
    }

    /** {@code \s} of a Unicode-aware pattern is White_Space; {@code \S} likewise. */
    private static List<String> matches(String regex, String text) {
        Matcher matcher =
                Pattern.compile(regex, Pattern.UNICODE_CHARACTER_CLASS).matcher(text);
        List<String> found = new ArrayList<>();
        while (matcher.find()) {
            found.add(matcher.group());
        }
        return found;
    }
}
