package dev.foretoken.transport.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.foretoken.engine.session.GenerationRequest;
import dev.foretoken.engine.testing.HashTarget;
import dev.foretoken.engine.verify.TreeBatch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What shares a forward, and that nobody is left out of one for ever. */
@Timeout(60)
class BatchingTest {
    /** A forward that takes as long as a small model's, so that batches form as they would there. */
    private static void forward() {
        Awaiting.pause(Duration.ofMillis(2));
    }

    private static List<ManualReader<GeneratedToken>> readers(ToyEngine engine, List<GenerationRequest> requests) {
        List<ManualReader<GeneratedToken>> readers = new ArrayList<>();
        for (GenerationRequest request : requests) {
            ManualReader<GeneratedToken> reader =
                    ManualReader.of(engine.generate(request).tokens());
            readers.add(reader);
        }
        readers.forEach(reader -> reader.request(Long.MAX_VALUE));
        return readers;
    }

    @Test
    void shouldGiveEverySessionItsTurnWhenTheirTreesDoNotFitIntoOneBatch() {
        // six trees of 64 nodes; a batch has room for four
        HashTarget target = ToyEngine.endless(6);
        AtomicIntegerArray turns = new AtomicIntegerArray(6);
        try (ToyEngine engine = ToyEngine.builder(target)
                .drafters(bushy())
                .onSubmit(batch -> {
                    for (int i = 0; i < batch.segmentCount(); i++) {
                        if (batch.tree(i) != null) {
                            turns.incrementAndGet(batch.slot(i));
                        }
                    }
                    forward();
                })
                .start()) {
            List<GenerationRequest> requests = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                requests.add(ToyEngine.prompt(i, 1, 2000).treeSize(64));
            }
            List<ManualReader<GeneratedToken>> readers = readers(engine, requests);
            readers.getFirst().awaitItems(200);

            for (ManualReader<GeneratedToken> reader : readers) {
                assertThat(reader.items.size()).as("turns by slot: %s", turns).isGreaterThan(100);
            }
            readers.forEach(ManualReader::cancel);
        }
    }

    /** Fills any budget with wrong guesses. */
    private static ToyEngine.ToyDrafter bushy() {
        return new ToyEngine.ToyDrafter("bushy", false, (text, depthMax, draft) -> {
            for (int token = 1; token <= 64; token++) {
                draft.add(0, token, 0.01f, 0);
            }
        });
    }

    @Test
    void shouldReadAPromptThoughTreesFillEveryBatch() {
        HashTarget target = ToyEngine.endless(13);
        AtomicInteger fullBatches = new AtomicInteger();
        try (ToyEngine engine = ToyEngine.builder(target)
                .drafters(bushy())
                .onSubmit(batch -> {
                    assertThat(batch.rowCount()).isLessThanOrEqualTo(256);
                    fullBatches.addAndGet(batch.treeCount() == 4 ? 1 : 0);
                    forward();
                })
                .start()) {
            List<GenerationRequest> requests = new ArrayList<>();
            for (int i = 0; i < 12; i++) { // more than two batches full: one always waits
                requests.add(ToyEngine.prompt(i, 1, 4000).treeSize(64));
            }
            List<ManualReader<GeneratedToken>> running = readers(engine, requests);
            running.getFirst().awaitItems(20);
            int before = fullBatches.get();

            ManualReader<GeneratedToken> late = ManualReader.of(
                    engine.generate(ToyEngine.prompt(9, 300, 10)).tokens());
            late.request(Long.MAX_VALUE);
            late.awaitEnd();

            assertThat(late.isCompleted()).isTrue();
            assertThat(fullBatches.get()).as("the others went on meanwhile").isGreaterThan(before);
            assertThat(running).noneMatch(ManualReader::hasEnded);
            running.forEach(ManualReader::cancel);
        }
    }

    @Test
    void shouldGiveAllPromptsTogetherOneChunkBesideRunningStreams() {
        HashTarget target = ToyEngine.endless(8);
        AtomicInteger promptRowsBesideTrees = new AtomicInteger();
        try (ToyEngine engine = ToyEngine.builder(target)
                .onSubmit(batch -> {
                    promptRowsBesideTrees.accumulateAndGet(promptRows(batch), Math::max);
                    forward();
                })
                .start()) {
            ManualReader<GeneratedToken> running =
                    readers(engine, List.of(ToyEngine.prompt(1, 1, 4000))).getFirst();
            running.awaitItems(5);
            List<GenerationRequest> prompts = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                prompts.add(ToyEngine.prompt(i, 500, 3));
            }
            readers(engine, prompts).forEach(ManualReader::awaitEnd);

            assertThat(promptRowsBesideTrees.get()).isBetween(1, 64);
            running.cancel();
        }
    }

    private static int promptRows(TreeBatch batch) {
        int rows = 0;
        for (int i = 0; batch.treeCount() > 0 && i < batch.segmentCount(); i++) {
            rows += batch.tree(i) == null ? batch.promptCount(i) : 0;
        }
        return rows;
    }
}
