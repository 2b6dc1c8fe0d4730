package dev.foretoken.transport.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.foretoken.engine.error.TraceFailedException;
import dev.foretoken.engine.session.FinishReason;
import dev.foretoken.engine.session.GenerationRequest;
import dev.foretoken.engine.testing.HashTarget;
import dev.foretoken.transport.pipeline.EngineCounter;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Nothing is shown that was not journaled, whatever the journal does. */
@Timeout(30)
class TracingTest {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    private final HashTarget target = ToyEngine.endless(4);
    private final MemorySink sink = new MemorySink();
    private final ToyEngine engine =
            ToyEngine.builder(target).sink(sink).settings(ToyEngine.impatient()).start();

    private ManualReader<GeneratedToken> reader(GenerationRequest request) {
        ManualReader<GeneratedToken> reader =
                ManualReader.of(engine.generate(request).tokens());
        reader.request(Long.MAX_VALUE);
        return reader;
    }

    private static List<Integer> ids(ManualReader<GeneratedToken> reader) {
        return reader.items.stream().map(GeneratedToken::id).toList();
    }

    @Test
    void shouldJournalEveryTokenBeforeItIsShown() {
        try (engine) {
            GenerationRequest request = ToyEngine.prompt(1, 10, 300);
            ManualReader<GeneratedToken> reader =
                    ManualReader.of(engine.generate(request).tokens(), (self, token) -> {
                        if (sink.tokens(1).size() < self.items.size()) {
                            throw new AssertionError("shown before it was journaled");
                        }
                    });
            reader.request(Long.MAX_VALUE);
            reader.awaitEnd();
            engine.awaitAllGone();

            assertThat(ids(reader)).isEqualTo(engine.expected(request));
            assertThat(sink.tokens(1)).isEqualTo(engine.expected(request));
            assertThat(sink.end(1)).isEqualTo(FinishReason.LENGTH);
        }
        assertThat(sink.closed).hasValue(1);
    }

    /** What the sink does wrong. */
    enum Fault {
        CHECKED_STATE(new IllegalStateException("disk full")),
        ASSERTION(new AssertionError("disk full")),
        INTERNAL(new InternalError("disk full")),
        OUT_OF_MEMORY(new OutOfMemoryError("disk full"));

        final Throwable cause;

        Fault(Throwable cause) {
            this.cause = cause;
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldEndAStreamWhoseStepCannotBeJournaledAndShowNothingMoreOfIt(Fault fault) {
        try (engine) {
            sink.failAt(1, 50, fault.cause);
            GenerationRequest request = ToyEngine.prompt(1, 10, 300);
            GenerationRequest other = ToyEngine.prompt(2, 10, 300);
            ManualReader<GeneratedToken> reader = reader(request);
            ManualReader<GeneratedToken> healthy = reader(other);

            assertThat(reader.awaitFailure())
                    .isInstanceOf(TraceFailedException.class)
                    .hasMessageContaining("disk full");
            assertThat(ids(reader)).isEqualTo(engine.expected(request).subList(0, 50));
            healthy.awaitEnd();
            assertThat(ids(healthy)).isEqualTo(engine.expected(other));
            engine.awaitAllGone();
            assertThat(sink.tokens(1))
                    .as("no hole in the trace")
                    .isEqualTo(engine.expected(request).subList(0, 50));
            assertThat(sink.end(1)).as("the end names the loss").isEqualTo(FinishReason.TRACE_FAILED);
            assertThat(engine.count(EngineCounter.TRACE_FAILURES)).isEqualTo(1);
        }
    }

    @Test
    void shouldShowNothingOfASessionWhoseStartCannotBeJournaled() {
        try (engine) {
            sink.failStart(1, new IllegalStateException("read-only"));
            ManualReader<GeneratedToken> reader = reader(ToyEngine.prompt(1, 10, 300));

            assertThat(reader.awaitFailure())
                    .isInstanceOf(TraceFailedException.class)
                    .hasMessageContaining("read-only");
            assertThat(reader.items).isEmpty();
            engine.awaitAllGone();
            assertThat(sink.tokens(1)).isEmpty();
        }
    }

    @Test
    void shouldNotCompleteAStreamWhoseEndCannotBeJournaled() {
        try (engine) {
            sink.failEnd(1, new IllegalStateException("disk full"));
            ManualReader<GeneratedToken> reader = reader(ToyEngine.prompt(1, 10, 30));

            assertThat(reader.awaitFailure()).isInstanceOf(TraceFailedException.class);
            assertThat(reader.isCompleted()).isFalse();
            engine.awaitAllGone();
            ToyEngineProbe.tokens(engine, 2, 20);
        }
    }

    @Test
    void shouldEndTheStreamsOfASinkThatIsStuckForEver() {
        CountDownLatch never = new CountDownLatch(1);
        try (engine) {
            sink.blockAt(1, 20, never);
            ManualReader<GeneratedToken> reader = reader(ToyEngine.prompt(1, 10, 300));
            ManualReader<GeneratedToken> other = reader(ToyEngine.prompt(2, 10, 300));

            assertThat(reader.awaitFailure())
                    .isInstanceOf(TraceFailedException.class)
                    .hasMessageContaining("has not accepted a record for 200 ms");
            assertThat(other.awaitFailure()).isInstanceOf(TraceFailedException.class);
            assertThat(reader.items).hasSizeLessThanOrEqualTo(20);
            Awaiting.await(() -> target.openSessions() == 0, LIMIT, "the KV to be free");
        }
        assertThat(target.isClosed()).isTrue();
        never.countDown();
        Awaiting.await(() -> sink.closed.get() == 1, LIMIT, "the sink to be closed when it has come back");
    }

    @Test
    void shouldShowWhatIsJournaledWhileAnotherSessionsRecordIsStuck() {
        CountDownLatch later = new CountDownLatch(1);
        try (engine) {
            sink.blockAt(1, 20, later);
            GenerationRequest request = ToyEngine.prompt(1, 10, 300);
            ManualReader<GeneratedToken> reader = reader(request);
            Awaiting.await(() -> sink.tokens(1).size() == 20, LIMIT, "the record to be stuck");

            reader.awaitItems(20);
            later.countDown();
            reader.awaitEnd();
            assertThat(ids(reader)).isEqualTo(engine.expected(request));
        }
    }

    @Test
    void shouldEndTheEngineThoughTheSinkCannotBeClosed() {
        sink.onClose = () -> {
            throw new AssertionError("cannot close");
        };
        try (engine) {
            ToyEngineProbe.tokens(engine, 1, 20);
        }
        assertThat(sink.closed).hasValue(1);
        assertThat(target.isClosed()).isTrue();
    }
}
