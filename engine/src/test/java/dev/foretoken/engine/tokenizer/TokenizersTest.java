package dev.foretoken.engine.tokenizer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.foretoken.engine.error.InvalidInputException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Small vocabularies made by hand, good and bad. */
class TokenizersTest {
    // ---- byte-level

    @Test
    void shouldMergeByRankAndLeftmostFirst() {
        Tokenizer tokenizer = Tokenizers.from(bpe("gpt-2", "a", "b", "c", "ab", "bc", "abc")
                .merges("b c", "a b", "a bc")
                .build());

        assertThat(pieces(tokenizer, "abc")).containsExactly("abc");
        assertThat(pieces(tokenizer, "ababc")).containsExactly("ab", "abc");
    }

    @Test
    void shouldTakeWholeWordsOnlyInTheLlamaFamily() {
        String[] pieces = {"a", "b", "c", "ab", "abc"}; // no merges reach abc
        assertThat(pieces(Tokenizers.from(bpe("gpt-2", pieces).merges("a b").build()), "abc"))
                .containsExactly("ab", "c");
        assertThat(pieces(Tokenizers.from(bpe("llama-bpe", pieces).merges("a b").build()), "abc"))
                .containsExactly("abc");
    }

    @Test
    void shouldDropBytesThatTheVocabularyLeavesOut() {
        Tokenizer tokenizer = Tokenizers.from(bpe("gpt-2", "a", "b").merges().build());

        assertThat(pieces(tokenizer, "a\u0004b")).containsExactly("a", "b");
    }

    @Test
    void shouldRecogniseControlTokensOnRequestAndUserDefinedOnesInRawText() {
        Tokenizer tokenizer = Tokenizers.from(bpe("gpt-2", "<", "|", "e", ">", "t", "<|e|>", "<|e|>t", "<t>", "<t")
                .merges()
                .types(1, 1, 1, 1, 1, 3, 3, 4, 4)
                .build());

        assertThat(pieces(tokenizer.encode("<|e|><|e|>t", true), tokenizer)).containsExactly("<|e|>", "<|e|>t");
        assertThat(pieces(tokenizer, "<|e|>")).containsExactly("<", "|", "e", "|", ">");
        assertThat(pieces(tokenizer, "e<t>e<t")).containsExactly("e", "<t>", "e", "<t");
        assertThat(pieces(
                        tokenizer.encode(List.of(
                                new TextSegment.Plain("<t><|e"),
                                new TextSegment.Plain("|>"),
                                new TextSegment.Special(5))),
                        tokenizer))
                .containsExactly("<", "t", ">", "<", "|", "e", "|", ">", "<|e|>");
        assertThat(tokenizer.specialTokens()).containsOnlyKeys("<|e|>", "<|e|>t", "<t>", "<t");
    }

    // ---- SentencePiece-style

    @Test
    void shouldMergeByScoreAndPrefixASpaceAtEveryBoundary() {
        Tokenizer tokenizer = Tokenizers.from(spm().build());

        assertThat(pieces(tokenizer, "ab ab")).containsExactly("▁ab", "▁ab");
        assertThat(pieces(tokenizer.encode("ab</s>ab", true), tokenizer)).containsExactly("▁ab", "</s>", "▁ab");
        assertThat(pieces(tokenizer, "é")).containsExactly("▁", "<0xC3>", "<0xA9>");
        assertThat(text(tokenizer, tokenizer.encode("ab é", false))).isEqualTo(" ab é");
    }

    @Test
    void shouldNotPrefixASpaceWhereTheFileSaysSo() {
        Tokenizer tokenizer = Tokenizers.from(spm().addsSpacePrefix(false).build());

        assertThat(pieces(tokenizer, "ab")).containsExactly("ab");
    }

    @Test
    void shouldUseTheUnknownTokenOnceForARunOfCharactersWithoutBytes() {
        Tokenizer tokenizer = Tokenizers.from(TokenizerData.builder("llama", "<unk>", "a", "▁")
                .scores(0, -1, -2)
                .types(2, 1, 1)
                .role(TokenRole.UNKNOWN, 0)
                .build());

        assertThat(pieces(tokenizer, "éèaé")).containsExactly("▁", "<unk>", "a", "<unk>");
        assertThat(tokenizer.vocabulary().bytes(0)).isEmpty();
    }

    @Test
    void shouldRefuseATextThatHasNoTokens() {
        Tokenizer tokenizer = Tokenizers.from(
                TokenizerData.builder("llama", "a", "▁").scores(-1, -2).build());

        assertThatThrownBy(() -> tokenizer.encode("é", false))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("the text has the character \"é\" (U+00E9), for which this model has no token; remove it");
    }

    @ParameterizedTest(name = "{displayName} seed={0}")
    @ValueSource(longs = {1, 2, 3, 5, 8, 13, 21, 34})
    void shouldMergeLikeTheTextbookSays(long seed) {
        Random random = new Random(seed);
        List<String> pieces = new ArrayList<>(List.of("a", "b", "c", "▁"));
        while (pieces.size() < 24) {
            String joined = pieces.get(random.nextInt(pieces.size())) + pieces.get(random.nextInt(pieces.size()));
            if (!pieces.contains(joined) && joined.length() < 7) {
                pieces.add(joined);
            }
        }
        float[] scores = new float[pieces.size()];
        for (int i = 0; i < scores.length; i++) {
            scores[i] = -random.nextInt(6); // ties
        }
        Tokenizer tokenizer = Tokenizers.from(TokenizerData.builder("llama", pieces.toArray(String[]::new))
                .scores(scores)
                .build());
        for (int round = 0; round < 300; round++) {
            StringBuilder text = new StringBuilder();
            for (int i = random.nextInt(20); i >= 0; i--) {
                text.append("abc ".charAt(random.nextInt(4)));
            }
            assertThat(pieces(tokenizer, text.toString()))
                    .isEqualTo(textbook("▁" + text.toString().replace(' ', '▁'), pieces, scores));
        }
    }

    /** Looks for the best pair of all, again and again. */
    private static List<String> textbook(String text, List<String> pieces, float[] scores) {
        List<String> symbols =
                new ArrayList<>(text.codePoints().mapToObj(Character::toString).toList());
        while (true) {
            int best = -1;
            for (int i = 0; i + 1 < symbols.size(); i++) {
                int id = pieces.indexOf(symbols.get(i) + symbols.get(i + 1));
                if (id >= 0
                        && (best < 0
                                || scores[id] > scores[pieces.indexOf(symbols.get(best) + symbols.get(best + 1))])) {
                    best = i;
                }
            }
            if (best < 0) {
                return symbols;
            }
            symbols.set(best, symbols.get(best) + symbols.remove(best + 1));
        }
    }

    // ---- vocabulary

    @Test
    void shouldGiveTheBytesOfEveryKindOfToken() {
        Vocabulary bytes = Tokenizers.from(bpe("gpt-2", "Ġa", "Ã", "plain text", "<|x|>", "pad", "<u é>")
                        .merges()
                        .types(1, 1, 1, 3, 5, 4)
                        .build())
                .vocabulary();

        assertThat(bytes.bytes(0)).isEqualTo(" a".getBytes(UTF_8));
        assertThat(bytes.bytes(1)).isEqualTo(new byte[] {(byte) 0xC3});
        assertThat(bytes.bytes(2)).isEqualTo("plain text".getBytes(UTF_8));
        assertThat(bytes.bytes(3)).isEmpty();
        assertThat(bytes.bytes(4)).isEmpty();
        assertThat(bytes.bytes(5)).isEqualTo("<u é>".getBytes(UTF_8));
        assertThat(bytes.piece(0)).isEqualTo("Ġa");
        assertThat(bytes.isControl(3)).isTrue();
        assertThat(bytes.isControl(5)).isFalse();
        assertThatThrownBy(() -> bytes.isEnd(-1)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void shouldRefuseASpecialTokenBehindTheVocabulary() {
        Tokenizer tokenizer = Tokenizers.from(bpe("gpt-2", "a", "b").merges().build());

        assertThatThrownBy(() -> tokenizer.encode(List.of(new TextSegment.Special(2))))
                .isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void shouldEndWithNamedTokensAndWithControlTokensOfWellKnownSpelling() {
        Vocabulary vocabulary = Tokenizers.from(
                        bpe("gpt-2", "a", "<base>", "<turn>", "<message>", "<|im_end|>", "</s>", "<|endoftext|>")
                                .merges()
                                .types(1, 1, 3, 3, 3, 1, 3)
                                .role(TokenRole.END_OF_SEQUENCE, 1)
                                .role(TokenRole.END_OF_TURN, 2)
                                .role(TokenRole.END_OF_MESSAGE, 3)
                                .build())
                .vocabulary();

        List<String> ends = new ArrayList<>();
        for (int id = 0; id < vocabulary.size(); id++) {
            if (vocabulary.isEnd(id)) {
                ends.add(vocabulary.piece(id));
            }
        }
        assertThat(ends)
                .containsExactly("<base>", "<turn>", "<message>", "<|im_end|>", "<|endoftext|>"); // not the text "</s>"
        assertThat(vocabulary.bytes(1)).isEmpty();
    }

    @Test
    void shouldTellVocabulariesApart() {
        long abc = Tokenizers.from(bpe("gpt-2", "a", "b", "c").merges().build())
                .vocabulary()
                .fingerprint();

        assertThat(Tokenizers.from(bpe("qwen2", "a", "b", "c").merges().build())
                        .vocabulary()
                        .fingerprint())
                .isEqualTo(abc);
        assertThat(Tokenizers.from(bpe("gpt-2", "a", "c", "b").merges().build())
                        .vocabulary()
                        .fingerprint())
                .isNotEqualTo(abc);
        assertThat(Tokenizers.from(bpe("gpt-2", "ab", "c").merges().build())
                        .vocabulary()
                        .fingerprint())
                .isNotEqualTo(abc);
    }

    @Test
    void shouldBeginPromptsAsTheFileOrItsFamilySays() {
        assertThat(Tokenizers.from(bpe("gpt-2", "a", "<s>")
                                .merges()
                                .role(TokenRole.BEGIN, 1)
                                .build())
                        .beginToken())
                .isEmpty();
        assertThat(Tokenizers.from(bpe("llama-bpe", "a", "<s>")
                                .merges()
                                .role(TokenRole.BEGIN, 1)
                                .build())
                        .beginToken())
                .hasValue(1);
        assertThat(Tokenizers.from(bpe("gpt-2", "a", "<s>")
                                .merges()
                                .role(TokenRole.BEGIN, 1)
                                .addsBegin(true)
                                .build())
                        .beginToken())
                .hasValue(1);
        assertThat(Tokenizers.from(spm().role(TokenRole.BEGIN, 1).build()).beginToken())
                .isEqualTo(OptionalInt.of(1));
        assertThat(Tokenizers.from(
                                spm().role(TokenRole.BEGIN, 1).addsBegin(false).build())
                        .beginToken())
                .isEmpty();
    }

    // ---- bad files

    @Test
    void shouldRefuseWhatContradictsItself() {
        refused(TokenizerData.builder("bert", "a"), "tokenizer.ggml.model is \"bert\", expected gpt2 or llama");
        refused(TokenizerData.builder("gpt2"), "tokenizer.ggml.tokens has no entries");
        refused(
                bpe("gpt-2", "a", "b", "a").merges(),
                "tokenizer.ggml.tokens has the piece \"a\" twice, as tokens 0 and 2");
        refused(bpe("gpt-2", "a"), "tokenizer.ggml.merges is missing");
        refused(bpe("klingon", "a").merges(), "tokenizer.ggml.pre is \"klingon\"");
        refused(bpe("gpt-2", "a", "b").merges("ab"), "tokenizer.ggml.merges entry 0 is \"ab\", expected two pieces");
        refused(bpe("gpt-2", "a", "b").merges("a b c"), "expected two pieces");
        refused(bpe("gpt-2", "a", "b").merges(" b"), "expected two pieces");
        refused(bpe("gpt-2", "a", "b").merges("a "), "expected two pieces");
        refused(
                bpe("gpt-2", "a", "b", "ab").merges("a c"),
                "entry 0 needs the piece \"c\", which is not in tokenizer.ggml.tokens");
        refused(bpe("gpt-2", "a", "b").merges("a b"), "needs the piece \"ab\", which is not in tokenizer.ggml.tokens");
        refused(
                bpe("gpt-2", "a", "b", "ab").types(1, 1, 3).merges("a b"),
                "needs the piece \"ab\", which is a special token");
        refused(bpe("gpt-2", "a", "b").types(1).merges(), "tokenizer.ggml.token_type has 1 entries, expected 2");
        refused(
                bpe("gpt-2", "a", "b").types(1, 7).merges(),
                "tokenizer.ggml.token_type of token 1 is 7, expected 0 to 6");
        refused(
                bpe("gpt-2", "a").merges().role(TokenRole.BEGIN, 1),
                "tokenizer.ggml.bos_token_id is 1, expected 0 to 0");
        refused(
                bpe("gpt-2", "a").merges().role(TokenRole.END_OF_TURN, -1),
                "tokenizer.ggml.eot_token_id is -1, expected 0 to 0");
        refused(
                bpe("gpt-2", "a").merges().addsBegin(true),
                "tokenizer.ggml.add_bos_token is true, but tokenizer.ggml.bos_token_id is missing");
        refused(TokenizerData.builder("llama", "a"), "tokenizer.ggml.scores is missing");
        refused(TokenizerData.builder("llama", "a").scores(1, 2), "tokenizer.ggml.scores has 2 entries, expected 1");
        refused(
                TokenizerData.builder("llama", "a").scores(Float.NaN),
                "tokenizer.ggml.scores of token 0 is not a number");
        refused(
                TokenizerData.builder("llama", "<0xZZ>").scores(0).types(6),
                "token 0 is a byte spelled \"<0xZZ>\", expected <0x00> to <0xFF>");
    }

    @Test
    void shouldTakeLongSpellingsOfSpecialTokensAndRefuseAbsurdOnes() {
        String longest = "x".repeat(1024);
        for (int type : new int[] {2, 3, 4}) {
            assertThat(Tokenizers.from(
                                    bpe("gpt-2", longest).merges().types(type).build())
                            .specialTokens())
                    .containsOnlyKeys(longest);
            refused(
                    bpe("gpt-2", "a", longest + "x").merges().types(1, type),
                    "special token 1 of tokenizer.ggml.tokens has 1025 characters, expected at most 1024; convert the"
                            + " model again");
        }
        assertThat(Tokenizers.from(bpe("gpt-2", longest + "x").merges().build()).specialTokens())
                .as("a piece of text")
                .isEmpty();
    }

    @Test
    void shouldRefuseSpecialTokensThatWouldFillTheHeap() {
        String[] pieces = IntStream.rangeClosed(0, 2048)
                .mapToObj(id -> "%04d".formatted(id) + "x".repeat(1020))
                .toArray(String[]::new);
        int[] types = new int[pieces.length];
        Arrays.fill(types, 3);

        refused(
                bpe("gpt-2", pieces).merges().types(types),
                "the special tokens of tokenizer.ggml.tokens have 2098176 characters, expected at most 2097152;"
                        + " convert the model again");
    }

    private static void refused(TokenizerData.Builder data, String reason) {
        assertThatThrownBy(() -> Tokenizers.from(data.build()))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining(reason)
                .message()
                .doesNotContain("\n");
    }

    // ---- helpers

    private static TokenizerData.Builder bpe(String preTokenizer, String... pieces) {
        return TokenizerData.builder("gpt2", pieces).preTokenizer(preTokenizer);
    }

    private static TokenizerData.Builder spm() {
        String[] pieces = {"<unk>", "<s>", "</s>", "<0xC3>", "<0xA9>", "▁", "a", "b", "ab", "▁a", "▁ab"};
        return TokenizerData.builder("llama", pieces)
                .scores(0, 0, 0, 0, 0, -9, -8, -7, -2, -1, -3)
                .types(2, 3, 3, 6, 6, 1, 1, 1, 1, 1, 1)
                .role(TokenRole.UNKNOWN, 0);
    }

    private static List<String> pieces(Tokenizer tokenizer, String text) {
        return pieces(tokenizer.encode(text, false), tokenizer);
    }

    private static List<String> pieces(int[] ids, Tokenizer tokenizer) {
        return Arrays.stream(ids).mapToObj(tokenizer.vocabulary()::piece).toList();
    }

    private static String text(Tokenizer tokenizer, int[] ids) {
        StreamingDetokenizer detokenizer = new StreamingDetokenizer(tokenizer.vocabulary());
        StringBuilder text = new StringBuilder();
        for (int id : ids) {
            text.append(detokenizer.accept(id));
        }
        return text.append(detokenizer.flush()).toString();
    }
}
