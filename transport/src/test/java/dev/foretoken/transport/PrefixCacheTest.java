package dev.foretoken.transport;

import static org.assertj.core.api.Assertions.assertThat;

import dev.foretoken.drafters.Drafters;
import dev.foretoken.drafters.testing.OracleDrafter;
import dev.foretoken.engine.chat.ChatMessage;
import dev.foretoken.engine.error.AdmissionRefusedException;
import dev.foretoken.engine.session.GenerationRequest;
import dev.foretoken.engine.session.Prompt;
import dev.foretoken.engine.testing.Goldens;
import dev.foretoken.transport.pipeline.EngineCounter;
import dev.foretoken.transport.stream.GenerationSummary;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.util.retry.Retry;

/** Requests that begin alike share the keys and values of that beginning, and nobody can tell by the tokens. */
@Timeout(300)
class PrefixCacheTest {
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final String CODE =
            "public final class Queue {\n    private final int[] items = new int[16];\n\n    ";

    @Test
    void shouldComputeOnlyWhatIsNewInTheNextTurn() {
        try (Foretoken engine = builder().build()) {
            GenerationRequest first = raw(CODE).cacheTenant("alice");
            List<Integer> text = ids(engine, first);
            GenerationSummary answer = run(engine, first);
            int known = text.size() + answer.completionTokens() - 1; // the last token was never an input
            text.addAll(answer.tokenIds());
            text.addAll(ids(engine, raw("\n    public int size() {\n")));
            GenerationRequest second = greedy(new Prompt.Tokens(text)).cacheTenant("alice");
            long rowsBefore = engine.counters().get(EngineCounter.PROMPT_ROWS);

            GenerationSummary next = run(engine, second);

            assertThat(answer.cachedPromptTokens()).isZero();
            assertThat(next.cachedPromptTokens()).isEqualTo(known);
            assertThat(engine.counters().get(EngineCounter.PROMPT_ROWS) - rowsBefore)
                    .isEqualTo(text.size() - 1 - known);
            assertThat(engine.counters().get(EngineCounter.CACHED_PROMPT_TOKENS))
                    .isEqualTo(known);
            try (Foretoken without = builder().prefixCache(false).build()) {
                GenerationSummary same = run(without, second);
                assertThat(next.tokenIds()).isEqualTo(same.tokenIds());
                assertThat(same.cachedPromptTokens()).isZero();
            }
        }
    }

    @Test
    void shouldComputeOnlyTheNewQuestionOfARealChat() {
        Path model = Goldens.largeModel("smollm2-135m-instruct-q4_1.gguf");
        List<ChatMessage> messages = new ArrayList<>(List.of(new ChatMessage("user", "Name three colours.")));
        try (Foretoken engine = builder().model(model).build()) {
            GenerationSummary first = run(engine, greedyChat(messages));
            messages.add(new ChatMessage("assistant", first.text()));
            messages.add(new ChatMessage("user", "And three animals?"));

            GenerationSummary second = run(engine, greedyChat(messages));

            assertThat(second.cachedPromptTokens())
                    .as("first prompt and answer, but for the last token, which was never an input")
                    .isEqualTo(first.promptTokens() + first.completionTokens() - 1);
            try (Foretoken without = builder().model(model).prefixCache(false).build()) {
                assertThat(run(without, greedyChat(messages)).tokenIds()).isEqualTo(second.tokenIds());
            }
        }
    }

    private static GenerationRequest greedyChat(List<ChatMessage> messages) {
        return GenerationRequest.chat(messages).maxTokens(30).temperature(0).penalties(1, 0, 0);
    }

    @Test
    void shouldComputeAPromptOnceForManyThatComeTogether() {
        GenerationRequest request = raw(CODE.repeat(16)).maxTokens(5);
        int many = 6;
        try (Foretoken engine = builder().context(512).sessions(many).build()) {
            int length = ids(engine, request).size();

            List<GenerationSummary> answers = Flux.range(0, many)
                    .flatMap(i -> engine.generate(request).summary(), many)
                    .collectList()
                    .blockOptional(LIMIT)
                    .orElseThrow();

            assertThat(length).isGreaterThan(150);
            assertThat(answers.stream().map(GenerationSummary::tokenIds).distinct())
                    .hasSize(1);
            assertThat(engine.counters().get(EngineCounter.PROMPT_ROWS))
                    .as("once, and for each of the others less than a page of 64")
                    .isLessThan(length + 63 * (many - 1));
            long cached = answers.stream()
                    .mapToLong(GenerationSummary::cachedPromptTokens)
                    .sum();
            assertThat(cached + engine.counters().get(EngineCounter.PROMPT_ROWS))
                    .isEqualTo(many * (length - 1L));
        }
    }

    /** The target accepts a draft beyond a stop string: nobody finds what stands there. */
    @Test
    void shouldKeepNothingBehindTheEndOfAnAnswer() {
        GenerationRequest request = raw(CODE);
        try (Foretoken plain = builder().build()) {
            List<Integer> text = ids(plain, request);
            int promptLength = text.size();
            GenerationSummary whole = run(plain, request);
            text.addAll(whole.tokenIds());
            int[] reference = text.stream().mapToInt(Integer::intValue).toArray();
            try (Foretoken engine = builder()
                    .drafters(OracleDrafter.factory(List.of(reference)))
                    .build()) {
                String stop = whole.text().substring(2, 5);
                GenerationSummary cut = run(engine, request.stop(List.of(stop)).treeSize(30));
                assertThat(cut.steps()).isEqualTo(1);
                assertThat(cut.completionTokens()).isLessThan(10);

                GenerationSummary next = run(engine, greedy(new Prompt.Tokens(text)));

                assertThat(next.cachedPromptTokens()).isBetween(promptLength, promptLength + cut.completionTokens());
            }
        }
    }

    @Test
    void shouldShareWithinATenantOnly() {
        try (Foretoken engine = builder().build()) {
            run(engine, raw(CODE).cacheTenant("alice"));

            assertThat(run(engine, raw(CODE).cacheTenant("bob")).cachedPromptTokens())
                    .isZero();
            assertThat(run(engine, raw(CODE)).cachedPromptTokens()).isZero();
            assertThat(run(engine, raw(CODE).cacheTenant("alice")).cachedPromptTokens())
                    .isEqualTo(ids(engine, raw(CODE)).size() - 1);
        }
    }

    @Test
    void shouldShareNothingWhenItIsOff() {
        try (Foretoken engine = builder().prefixCache(false).build()) {
            run(engine, raw(CODE));

            assertThat(run(engine, raw(CODE)).cachedPromptTokens()).isZero();
        }
    }

    /** So little memory that requests are refused and come again: what was admitted always finds its pages. */
    @Test
    void shouldNeverFailASessionForWantOfPages() {
        Random random = new Random(7);
        List<GenerationRequest> requests = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            String text = CODE.substring(0, 20 + random.nextInt(CODE.length() - 20)) + "int x" + random.nextInt(3);
            requests.add(raw(text)
                    .maxTokens(1 + random.nextInt(60))
                    .temperature(random.nextBoolean() ? 0 : 0.9)
                    .seed(i % 5)
                    .cacheTenant("tenant " + random.nextInt(3)));
        }
        List<List<Integer>> expected = new ArrayList<>();
        try (Foretoken without = builder().prefixCache(false).build()) {
            requests.forEach(request -> expected.add(run(without, request).tokenIds()));
        }
        try (Foretoken engine = builder()
                .drafters(Drafters.ngram(), Drafters.recycling(), Drafters.embeddedModel())
                .sessions(8)
                .kvBytes(5 << 20)
                .prefixCacheBytes(5 << 20)
                .build()) {
            Flux<List<Integer>> answers =
                    Flux.range(0, requests.size()).flatMapSequential(i -> readOrCancel(engine, requests.get(i), i), 16);

            List<List<Integer>> said =
                    answers.collectList().blockOptional(LIMIT).orElseThrow();

            for (int i = 0; i < said.size(); i++) {
                assertThat(expected.get(i))
                        .as("request %d", i)
                        .startsWith(said.get(i).toArray(Integer[]::new));
                assertThat(i % 4 == 3 || said.get(i).size() == expected.get(i).size())
                        .as("request %d is whole unless it was cancelled", i)
                        .isTrue();
            }
            assertThat(engine.counters().get(EngineCounter.SESSIONS_REFUSED)).isPositive();
            assertThat(engine.counters().get(EngineCounter.CACHED_PROMPT_TOKENS))
                    .isPositive();
            assertThat(engine.counters().get(EngineCounter.SESSION_FAILURES)).isZero();
            assertThat(engine.counters().get(EngineCounter.DRAFTS_FAILED)).isZero();
        }
    }

    /** Every fourth reader leaves after a few tokens. */
    private static Mono<List<Integer>> readOrCancel(Foretoken engine, GenerationRequest request, int index) {
        return engine.generate(request)
                .tokens()
                .retryWhen(Retry.fixedDelay(10_000, Duration.ofMillis(5))
                        .filter(AdmissionRefusedException.class::isInstance))
                .map(token -> token.id())
                .take(index % 4 == 3 ? 3 : Long.MAX_VALUE)
                .collectList();
    }

    // ---- helpers

    private static Foretoken.Builder builder() {
        return Foretoken.builder().drafters("none").threads(1).context(256).sessions(4);
    }

    private static GenerationRequest raw(String text) {
        return greedy(new Prompt.Raw(text, false));
    }

    private static GenerationRequest greedy(Prompt prompt) {
        return GenerationRequest.of(prompt).maxTokens(40).temperature(0).penalties(1, 0, 0);
    }

    private static List<Integer> ids(Foretoken engine, GenerationRequest request) {
        return new ArrayList<>(Stream.of(engine.generate(request).promptTokens())
                .flatMapToInt(java.util.Arrays::stream)
                .boxed()
                .toList());
    }

    private static GenerationSummary run(Foretoken engine, GenerationRequest request) {
        return engine.generate(request).summary().blockOptional(LIMIT).orElseThrow();
    }
}
