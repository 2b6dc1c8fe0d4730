package dev.foretoken.transport.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.foretoken.engine.session.GenerationRequest;
import java.lang.ref.WeakReference;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What has ended is let go: rings and stages keep no session alive. */
@Timeout(30)
class ReleasedMemoryTest {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    @Test
    void shouldLetGoOfARequestOnceItsSessionHasEnded() {
        try (ToyEngine engine = ToyEngine.builder(ToyEngine.endless(4))
                .drafters(new ScriptedDrafter("slow", true))
                .sink(new MemorySink())
                .start()) {
            WeakReference<GenerationRequest> answered = run(engine, Long.MAX_VALUE);
            WeakReference<GenerationRequest> cancelled = run(engine, 3);
            engine.awaitAllGone();
            // the ring's last slots are cleared when the next session comes by
            ToyEngineProbe.tokens(engine, 3, 5);
            ToyEngineProbe.tokens(engine, 4, 5);

            Awaiting.await(
                    () -> {
                        System.gc();
                        return answered.get() == null && cancelled.get() == null;
                    },
                    LIMIT,
                    "the requests to be collected");
            assertThat(engine.pipeline.sessionCount()).isZero();
        }
    }

    private static WeakReference<GenerationRequest> run(ToyEngine engine, long demand) {
        GenerationRequest request = ToyEngine.prompt(1, 2000, 20);
        ManualReader<GeneratedToken> reader = ManualReader.of(engine.publisher(request, StreamView.TOKENS));
        reader.request(demand);
        reader.awaitItems((int) Math.min(demand, 20));
        if (demand < 20) {
            reader.cancel();
        } else {
            reader.awaitEnd();
        }
        return new WeakReference<>(request);
    }
}
