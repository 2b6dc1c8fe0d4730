package dev.foretoken.transport;

import static org.assertj.core.api.Assertions.assertThat;

import dev.foretoken.drafters.Drafters;
import dev.foretoken.drafters.testing.OracleDrafter;
import dev.foretoken.drafters.testing.RandomDrafter;
import dev.foretoken.engine.draft.DrafterFactory;
import dev.foretoken.engine.session.GenerationRequest;
import dev.foretoken.engine.session.Prompt;
import dev.foretoken.engine.testing.Goldens;
import dev.foretoken.transport.stream.GenerationSummary;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.publisher.Flux;

/**
 * The first promise: no drafter, tree size, batch, thread count or prefix cache ever changes a token, at any temperature,
 * with penalties or without. Every case runs beside all others, so batches are mixed too.
 */
@Timeout(600)
class TokenIdentityTest {
    /** One engine configuration that must say what plain decoding says; auto = the controller decides. */
    record Speculation(
            String name,
            List<DrafterFactory> drafters,
            @Nullable Integer treeSize,
            int threads) {
        @Override
        public String toString() {
            return "%s, tree size %s, %d threads".formatted(name, treeSize == null ? "auto" : treeSize, threads);
        }
    }

    /** What one model says without speculation, one request at a time. */
    abstract static class Law {
        private static final double[] TEMPERATURES = {0, 0.7, 1.2};
        private static final Duration LIMIT = Duration.ofMinutes(5);

        private final List<GenerationRequest> requests = new ArrayList<>();
        private final List<List<Integer>> expected = new ArrayList<>();
        private final List<int[]> references = new ArrayList<>();

        abstract @Nullable Path model();

        abstract List<Prompt> prompts();

        abstract int maxTokens();

        @BeforeAll
        void decodePlainly() {
            for (Prompt prompt : prompts()) {
                for (double temperature : TEMPERATURES) {
                    for (boolean penalties : new boolean[] {false, true}) {
                        GenerationRequest request = GenerationRequest.of(prompt)
                                .maxTokens(maxTokens())
                                .temperature(temperature)
                                .topP(temperature > 1 ? 0.95 : 1)
                                .topK(temperature > 1 ? 50 : 0)
                                .minP(0)
                                .seed(requests.size() * 7919L - 3);
                        requests.add(penalties ? request.penalties(1.2, 0.4, 0.2) : request.penalties(1, 0, 0));
                    }
                }
            }
            try (Foretoken plain = engine(List.of(), 1, false)) {
                for (GenerationRequest request : requests) {
                    GenerationSummary summary = run(plain, request);
                    expected.add(summary.tokenIds());
                    int[] prompt = plain.generate(request).promptTokens();
                    references.add(IntStream.concat(
                                    IntStream.of(prompt),
                                    summary.tokenIds().stream().mapToInt(Integer::intValue))
                            .toArray());
                    assertThat(summary.meanAccepted()).isEqualTo(1);
                }
            }
        }

        /** Many requests have the same prompt, so with the prefix cache most of them share it. */
        private Foretoken engine(List<DrafterFactory> drafters, int threads, boolean prefixCache) {
            Foretoken.Builder builder = Foretoken.builder()
                    .prefixCache(prefixCache)
                    .drafters(drafters)
                    .threads(threads)
                    .context(512)
                    .sessions(64);
            Path model = model();
            return model == null ? builder.build() : builder.model(model).build();
        }

        private static GenerationSummary run(Foretoken engine, GenerationRequest request) {
            return engine.generate(request).summary().blockOptional(LIMIT).orElseThrow();
        }

        void check(Speculation speculation) {
            Integer treeSize = speculation.treeSize();
            try (Foretoken engine = engine(speculation.drafters(), speculation.threads(), true)) {
                List<GenerationSummary> summaries = Flux.fromIterable(requests)
                        .map(request -> treeSize == null ? request : request.treeSize(treeSize))
                        .flatMapSequential(request -> engine.generate(request).summary(), 16)
                        .collectList()
                        .blockOptional(LIMIT)
                        .orElseThrow();
                for (int i = 0; i < requests.size(); i++) {
                    assertThat(summaries.get(i).tokenIds())
                            .as("%s: %s", speculation, requests.get(i))
                            .isEqualTo(expected.get(i));
                }
            }
        }

        DrafterFactory oracle() {
            return OracleDrafter.factory(references);
        }

        /** How well the oracle does shows that the test's drafts are really accepted. */
        double meanAcceptedOfOracle(int treeSize) {
            try (Foretoken engine = engine(List.of(oracle()), 2, true)) {
                return run(engine, requests.getFirst().treeSize(treeSize)).meanAccepted();
            }
        }
    }

    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    @org.junit.jupiter.api.Nested
    class EmbeddedModel extends Law {
        @Override
        @Nullable
        Path model() {
            return null;
        }

        @Override
        List<Prompt> prompts() {
            return Stream.of(
                            "public static int max(int[] values) {",
                            "import java.util.List;\n\n/** A queue",
                            "for (int i = 0; i < 10; i++) {\n    sum += i;\n}\nfor (int j = 0;",
                            "x",
                            "    @Override\n    public String toString() {\n        return \"",
                            "class Ärger { // € 你好 \uD83D\uDE00\n")
                    .<Prompt>map(text -> new Prompt.Raw(text, false))
                    .toList();
        }

        @Override
        int maxTokens() {
            return 24;
        }

        Stream<Speculation> speculations() {
            List<DrafterFactory> all = List.of(Drafters.ngram(), Drafters.recycling(), Drafters.embeddedModel());
            return Stream.of(
                    new Speculation("ngram", List.of(Drafters.ngram()), 2, 1),
                    new Speculation("ngram", List.of(Drafters.ngram()), 16, 2),
                    new Speculation("recycling", List.of(Drafters.recycling()), 5, 2),
                    new Speculation("recycling", List.of(Drafters.recycling()), 48, 1),
                    new Speculation("model", List.of(Drafters.embeddedModel()), 4, 1),
                    new Speculation("model", List.of(Drafters.embeddedModel()), 16, 2),
                    new Speculation("all", all, 2, 2),
                    new Speculation("all", all, 9, 2),
                    new Speculation("all", all, 64, 2),
                    new Speculation("all", all, null, 2),
                    new Speculation("random", List.of(RandomDrafter.factory(7)), 7, 2),
                    new Speculation("random", List.of(RandomDrafter.factory(8)), 64, 1),
                    new Speculation("oracle", List.of(oracle()), 2, 2),
                    new Speculation("oracle", List.of(oracle()), 12, 1),
                    new Speculation("oracle", List.of(oracle()), 64, 2),
                    new Speculation("oracle and random", List.of(RandomDrafter.factory(9), oracle()), 20, 2),
                    new Speculation("oracle", List.of(oracle()), null, 2));
        }

        @ParameterizedTest
        @MethodSource("speculations")
        void speculationNeverChangesAToken(Speculation speculation) {
            check(speculation);
        }

        @Test
        void shouldAcceptWholeTreesOfADrafterThatKnowsTheAnswer() {
            assertThat(meanAcceptedOfOracle(8)).isGreaterThan(5);
        }
    }

    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    @org.junit.jupiter.api.Nested
    class ChatModel extends Law {
        @Override
        Path model() {
            return Goldens.largeModel("smollm2-135m-instruct-q4_1.gguf");
        }

        @Override
        List<Prompt> prompts() {
            return List.of(
                    new Prompt.Raw("The ring buffer is a data structure that", false),
                    ((GenerationRequest.chat("Name three colours, then name them again.")).prompt()));
        }

        @Override
        int maxTokens() {
            return 16;
        }

        Stream<Speculation> speculations() {
            List<DrafterFactory> both = List.of(Drafters.ngram(), Drafters.recycling());
            return Stream.of(
                    new Speculation("ngram, recycling", both, 4, 2),
                    new Speculation("ngram, recycling", both, 24, 2),
                    new Speculation("random", List.of(RandomDrafter.factory(7)), 7, 2),
                    new Speculation("oracle", List.of(oracle()), 10, 1),
                    new Speculation("oracle", List.of(oracle()), null, 2));
        }

        @ParameterizedTest
        @MethodSource("speculations")
        void speculationNeverChangesAToken(Speculation speculation) {
            check(speculation);
        }
    }
}
