package dev.foretoken.transport.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.foretoken.engine.session.GenerationRequest;
import dev.foretoken.engine.testing.HashTarget;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.reactivestreams.Publisher;
import org.reactivestreams.tck.PublisherVerification;
import org.reactivestreams.tck.TestEnvironment;
import org.testng.SkipException;
import org.testng.annotations.Test;

/**
 * The Reactive Streams compatibility kit, every rule a test of its own, for each view of a generation. Its rules are TestNG
 * methods; they are called here one by one. A mandatory rule must run: skipping it is a failure. Left out are only the rules
 * that the kit names but cannot verify, and, for events, that all subscribers see the same: each event stream names its session.
 */
@Timeout(120)
class PublisherTckTest {
    private static final long TIMEOUT_MS = 2000;
    private static final long SILENCE_MS = 50;

    private final List<ToyEngine> engines = new ArrayList<>();

    @AfterEach
    void closeEngines() {
        engines.forEach(ToyEngine::close);
    }

    @TestFactory
    Stream<DynamicTest> tokensFollowTheSpecification() {
        return rules(() -> new Rules<>(engine(0), StreamView.TOKENS, 0, 1));
    }

    @TestFactory
    Stream<DynamicTest> textFollowsTheSpecification() {
        return rules(() -> new Rules<>(engine(0), StreamView.TEXT, 0, 1));
    }

    /** Every event stream has a start, a token and a summary at least. */
    @TestFactory
    Stream<DynamicTest> eventsFollowTheSpecification() {
        return rules(() -> new Rules<>(engine(0), StreamView.EVENTS, 2, 3))
                .filter(test -> !test.getDisplayName().contains("_multicast_"));
    }

    /** An answer that is only the end token has no text. */
    @TestFactory
    Stream<DynamicTest> emptyTextFollowsTheSpecification() {
        return rules(() -> new EmptyTextRules(engine(1)))
                .filter(test -> test.getDisplayName().contains("empty"));
    }

    private ToyEngine engine(int endEvery) {
        ToyEngine engine = ToyEngine.builder(new HashTarget(64, ToyEngine.CONTEXT, 1 << 20, endEvery))
                .start();
        engines.add(engine);
        return engine;
    }

    private static Stream<DynamicTest> rules(Supplier<PublisherVerification<?>> verification) {
        List<Method> methods = Arrays.stream(PublisherVerification.class.getMethods())
                .filter(method -> method.isAnnotationPresent(Test.class))
                .filter(method -> !method.getName().startsWith("untested_"))
                .sorted(Comparator.comparing(Method::getName))
                .toList();
        assertThat(methods.stream().filter(method -> method.getName().startsWith("required_")))
                .as("mandatory rules")
                .hasSizeGreaterThan(20);
        return methods.stream()
                .map(rule -> DynamicTest.dynamicTest(rule.getName(), () -> check(verification.get(), rule)));
    }

    private static void check(PublisherVerification<?> verification, Method rule) throws Throwable {
        verification.setUp();
        try {
            rule.invoke(verification);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof SkipException skipped && !rule.getName().startsWith("required_")) {
                Assumptions.abort(skipped.getMessage());
            }
            throw e.getCause();
        }
    }

    private static class Rules<T> extends PublisherVerification<T> {
        private final ToyEngine engine;
        private final StreamView<T> view;
        private final int itemsBesideTokens;
        private final int itemsMin;

        Rules(ToyEngine engine, StreamView<T> view, int itemsBesideTokens, int itemsMin) {
            super(new TestEnvironment(TIMEOUT_MS, SILENCE_MS));
            this.engine = engine;
            this.view = view;
            this.itemsBesideTokens = itemsBesideTokens;
            this.itemsMin = itemsMin;
        }

        @Override
        public Publisher<T> createPublisher(long elements) {
            if (elements < itemsMin) {
                // fewer items than this view ever has: what an operator makes of it
                return reactor.core.publisher.Flux.from(publisher(itemsMin)).take(elements);
            }
            return publisher(elements);
        }

        private Publisher<T> publisher(long elements) {
            // what the kit takes for endless ends at the context's end; it never reads that far
            int maxTokens = (int) Math.min(Integer.MAX_VALUE, elements - itemsBesideTokens);
            return engine.publisher(ToyEngine.prompt(1, 4, maxTokens), view);
        }

        @Override
        public Publisher<T> createFailedPublisher() {
            GenerationRequest tooLong = ToyEngine.prompt(1, ToyEngine.CONTEXT, 1);
            return engine.publisher(tooLong, view);
        }
    }

    private static final class EmptyTextRules extends PublisherVerification<String> {
        private final ToyEngine engine;

        EmptyTextRules(ToyEngine engine) {
            super(new TestEnvironment(TIMEOUT_MS, SILENCE_MS));
            this.engine = engine;
        }

        @Override
        public Publisher<String> createPublisher(long elements) {
            assertThat(elements).isZero();
            return engine.publisher(ToyEngine.prompt(1, 4, 10), StreamView.TEXT);
        }

        @Override
        public Publisher<String> createFailedPublisher() {
            return engine.publisher(ToyEngine.prompt(1, ToyEngine.CONTEXT, 1), StreamView.TEXT);
        }
    }
}
