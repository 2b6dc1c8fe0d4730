package dev.foretoken.transport.trace;

import static org.assertj.core.api.Assertions.assertThat;

import dev.foretoken.engine.error.InvalidInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever is in a record: it decodes or is refused in one sentence, and nothing large is allocated for it. */
class RecordFuzzTest {
    private static final int MUTANTS = 5_000;

    @TempDir
    Path traces;

    @ParameterizedTest(name = "{displayName} seed={0}")
    @ValueSource(longs = {1, 2, 3, 5})
    void shouldDecodeOrRefuseEveryMutantOfABody(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        RandomTraces traces = new RandomTraces(seed);
        RecordBuffer buffer = new RecordBuffer();
        int refused = 0;
        for (int i = 0; i < MUTANTS; i++) {
            int kind = 1 + i % 3;
            byte[] body = body(kind, traces, buffer);
            byte[] mutant = mutate(body, random);
            try {
                TraceEvent event = RecordDecoder.decode(kind, new RecordBody(mutant, 0, mutant.length));
                assertThat(event).isNotNull();
            } catch (DamagedRecordException e) {
                assertThat(e.getMessage()).isNotEmpty();
                refused++;
            }
        }
        assertThat(refused).isBetween(MUTANTS / 10, MUTANTS - 1);
    }

    private static byte[] body(int kind, RandomTraces traces, RecordBuffer buffer) {
        switch (kind) {
            case RecordLayout.KIND_SESSION_STARTED -> RecordEncoder.encode(traces.start(1), "", -1, buffer);
            case RecordLayout.KIND_STEP_VERIFIED -> RecordEncoder.encode(traces.step(1, 0), buffer);
            default -> RecordEncoder.encode(traces.end(1), buffer);
        }
        return Arrays.copyOfRange(
                buffer.array(), RecordLayout.HEADER_BYTES, RecordLayout.HEADER_BYTES + buffer.bodyBytes());
    }

    /** Some bytes changed, an extreme int put somewhere, or the end cut off. */
    private static byte[] mutate(byte[] body, SplittableRandom random) {
        byte[] mutant = body.clone();
        switch (random.nextInt(3)) {
            case 0 -> {
                for (int i = 0; i <= random.nextInt(4); i++) {
                    mutant[random.nextInt(mutant.length)] = (byte) random.nextInt();
                }
            }
            case 1 -> {
                int[] extremes = {-1, Integer.MIN_VALUE, Integer.MAX_VALUE, 1 << 30, 1 << 20};
                int at = random.nextInt(mutant.length - Integer.BYTES + 1);
                RecordLayout.INT.set(mutant, at, extremes[random.nextInt(extremes.length)]);
            }
            default -> mutant = Arrays.copyOf(mutant, random.nextInt(mutant.length));
        }
        return mutant;
    }

    @Test
    void shouldReadOrRefuseEveryMutantOfAFile() throws IOException {
        // given a run of a few records
        RandomTraces random = new RandomTraces(11);
        try (ChronicleTraceSink sink = ChronicleTraceSink.open(traces, false)) {
            sink.sessionStarted(random.start(1));
            sink.stepVerified(random.step(1, 0));
            sink.stepVerified(random.step(1, 1));
            sink.sessionEnded(random.end(1));
        }
        List<TraceEvent> written = ChronicleTraceSinkTest.read(traces);
        Path file = TraceReader.open(traces).runs().getFirst().files().getFirst();
        byte[] whole = Files.readAllBytes(file);
        int used = whole.length - 4096;

        // when any of its bytes changes, then what can be read is the beginning of what was written
        SplittableRandom where = new SplittableRandom(11);
        int refused = 0;
        for (int i = 0; i < 2_000; i++) {
            byte[] mutant = whole.clone();
            int at = i % 2 == 0 ? where.nextInt(300) : where.nextInt(66_000, used);
            mutant[at] ^= (byte) (1 << where.nextInt(8));
            Files.write(file, mutant);
            try {
                List<TraceEvent> read = ChronicleTraceSinkTest.read(traces);
                assertThat(read).as("byte %d", at).isEqualTo(written.subList(0, Math.min(read.size(), written.size())));
            } catch (InvalidInputException e) {
                assertThat(e.getMessage()).contains(file.toString()).doesNotContain("\n");
                refused++;
            }
        }
        assertThat(refused).isGreaterThan(200);
    }
}
