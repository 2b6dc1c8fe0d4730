package dev.foretoken.transport.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.foretoken.engine.session.FinishReason;
import dev.foretoken.engine.session.GenerationRequest;
import dev.foretoken.engine.testing.HashTarget;
import dev.foretoken.engine.testing.HashVocabulary;
import dev.foretoken.engine.testing.TestVocabulary;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Text and ends, from the accepted block to the reader. */
@Timeout(30)
class TextViewTest {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    private final HashTarget target = ToyEngine.endless(4);

    /** A request whose first tokens are all different, so that each can be given bytes of its own. */
    private static GenerationRequest withDistinctTokens(ToyEngine engine, int count) {
        for (int seed = 0; ; seed++) {
            GenerationRequest request = ToyEngine.prompt(seed, 4, count);
            if (new HashSet<>(engine.expected(request)).size() == count) {
                return request;
            }
        }
    }

    /** Tokens whose bytes cut characters in pieces: "é", "😀", "x", "語". */
    private static TestVocabulary cutting(List<Integer> tokens) {
        byte[] text = "é😀x語".getBytes(StandardCharsets.UTF_8);
        int[] cuts = {0, 1, 3, 4, 6, 8, text.length};
        byte[][] chunks = new byte[HashVocabulary.SIZE - 1][];
        java.util.Arrays.fill(chunks, new byte[] {'?'});
        for (int i = 0; i < tokens.size(); i++) {
            chunks[tokens.get(i) - 1] = java.util.Arrays.copyOfRange(text, cuts[i], cuts[i + 1]);
        }
        return TestVocabulary.ofBytes(chunks);
    }

    @ParameterizedTest(name = "tree size {0}")
    @ValueSource(ints = {1, 2, 7})
    void shouldNeverSplitACharacterNorSpendDemandOnEmptyText(int treeSize) {
        GenerationRequest request;
        try (ToyEngine plain = ToyEngine.builder(target).start()) {
            request = withDistinctTokens(plain, 6).treeSize(treeSize);
        }
        HashTarget fresh = ToyEngine.endless(4);
        TestVocabulary vocabulary = cutting(List.copyOf(expected(fresh, request)));
        try (ToyEngine engine = ToyEngine.builder(fresh)
                .drafters(ToyEngine.oracle(fresh))
                .vocabulary(vocabulary)
                .start()) {
            ManualReader<String> reader =
                    ManualReader.of(engine.generate(request).text());
            for (int pieces = 1; pieces <= 4; pieces++) {
                reader.request(1);
                reader.awaitItems(pieces);
            }
            reader.awaitEnd();

            assertThat(reader.isCompleted()).isTrue();
            assertThat(reader.items).containsExactly("é", "😀", "x", "語");
            GenerationSummary summary = engine.generate(request).summary().block(LIMIT);
            assertThat(summary.text()).isEqualTo("é😀x語");
        }
    }

    private static List<Integer> expected(HashTarget target, GenerationRequest request) {
        int[] prompt = ((dev.foretoken.engine.session.Prompt.Tokens) request.prompt())
                .ids().stream().mapToInt(Integer::intValue).toArray();
        return java.util.stream.IntStream.of(target.decode(prompt, request.maxTokens()))
                .boxed()
                .toList();
    }

    @ParameterizedTest(name = "stop after token {0} with trees of {1}")
    @CsvSource({"0, 1", "0, 8", "3, 8", "7, 8", "8, 8", "12, 8", "12, 33", "30, 33"})
    void shouldEndAtAStopStringInsideAnAcceptedBlock(int index, int treeSize) {
        try (ToyEngine engine =
                ToyEngine.builder(target).drafters(ToyEngine.oracle(target)).start()) {
            GenerationRequest request =
                    withDistinctTokens(engine, 4).maxTokens(200).treeSize(treeSize);
            List<Integer> tokens = engine.expected(request);
            // a string over the border of two tokens: the end of one and the whole next one
            String stop = text(tokens.subList(index, index + 2)).substring(1);
            String whole = text(tokens);
            int stopAt = whole.indexOf(stop);
            int stopToken = tokenOfByte(tokens, stopAt + stop.length() - 1);

            GenerationSummary summary =
                    engine.generate(request.stop(List.of(stop))).summary().block(LIMIT);

            assertThat(summary.finishReason()).isEqualTo(FinishReason.STOP);
            assertThat(summary.text()).isEqualTo(whole.substring(0, stopAt));
            assertThat(summary.tokenIds()).isEqualTo(tokens.subList(0, stopToken + 1));
            List<String> pieces = engine.generate(request.stop(List.of(stop)))
                    .text()
                    .collectList()
                    .block(LIMIT);
            assertThat(String.join("", pieces)).isEqualTo(summary.text());
            assertThat(pieces).doesNotContain("");
            engine.awaitAllGone();
        }
    }

    private static String text(List<Integer> tokens) {
        StringBuilder text = new StringBuilder();
        tokens.forEach(token -> text.append(token).append(' '));
        return text.toString();
    }

    private static int tokenOfByte(List<Integer> tokens, int position) {
        int end = 0;
        for (int i = 0; i < tokens.size(); i++) {
            end += text(List.of(tokens.get(i))).length();
            if (position < end) {
                return i;
            }
        }
        throw new AssertionError("no token holds byte " + position);
    }

    @ParameterizedTest(name = "trees of {0}")
    @ValueSource(ints = {1, 8, 33})
    void shouldEndAtAnEndTokenInsideAnAcceptedBlock(int treeSize) {
        HashTarget ending = new HashTarget(4, ToyEngine.CONTEXT, 1 << 20, 20);
        try (ToyEngine engine =
                ToyEngine.builder(ending).drafters(ToyEngine.oracle(ending)).start()) {
            for (int seed = 0; seed < 20; seed++) {
                GenerationRequest request = ToyEngine.prompt(seed, 4, 300).treeSize(treeSize);
                List<Integer> tokens = engine.expected(request);

                GenerationSummary summary = engine.generate(request).summary().block(LIMIT);

                assertThat(summary.tokenIds()).isEqualTo(tokens);
                boolean ended = tokens.getLast() == HashVocabulary.END;
                assertThat(summary.finishReason()).isEqualTo(ended ? FinishReason.STOP : FinishReason.LENGTH);
                assertThat(summary.text()).isEqualTo(text(ended ? tokens.subList(0, tokens.size() - 1) : tokens));
            }
        }
    }

    @ParameterizedTest(name = "max tokens {0}")
    @ValueSource(ints = {1, 2, 7, 8, 9, 33, 34})
    void shouldEndAtMaxTokensInsideAnAcceptedBlock(int maxTokens) {
        try (ToyEngine engine =
                ToyEngine.builder(target).drafters(ToyEngine.oracle(target)).start()) {
            GenerationRequest request = ToyEngine.prompt(1, 4, maxTokens).treeSize(33);

            GenerationSummary summary = engine.generate(request).summary().block(LIMIT);

            assertThat(summary.tokenIds()).isEqualTo(engine.expected(request));
            assertThat(summary.finishReason()).isEqualTo(FinishReason.LENGTH);
        }
    }

    @Test
    void shouldShowStartTokensAndSummaryInThisOrder() {
        try (ToyEngine engine = ToyEngine.builder(target).start()) {
            List<GenerationEvent> events = engine.generate(ToyEngine.prompt(1, 50, 3))
                    .events()
                    .collectList()
                    .block(LIMIT);

            assertThat(events).hasSize(5);
            assertThat(events.getFirst()).isEqualTo(new GenerationEvent.Started(1, 0, 50));
            assertThat(events.subList(1, 4)).allMatch(event -> event instanceof GenerationEvent.Token);
            assertThat(events.getLast()).isInstanceOf(GenerationEvent.Finished.class);
        }
    }
}
