package dev.foretoken.transport.trace;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a reader sees of a writer in another process, alive and after it was killed. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class TraceCrashTest {
    @TempDir
    Path directory;

    @Test
    void shouldReadEveryRecordThatWasWrittenBeforeTheProcessWasKilled() throws Exception {
        Path traces = directory.resolve("traces");
        Process writer = start(traces);
        long said;
        try (BufferedReader output =
                new BufferedReader(new InputStreamReader(writer.getInputStream(), StandardCharsets.UTF_8))) {
            // while it writes
            said = readUntil(output, 3_000);
            assertPrefix(ChronicleTraceSinkTest.read(traces), said);
            said = readUntil(output, 6_000);

            // killed
            writer.toHandle().destroyForcibly(); // unlike the process's own, it leaves the stream open
            writer.waitFor();
            for (String line; (line = output.readLine()) != null; ) {
                said = line.isEmpty() ? said : Math.max(said, parsePrefix(line, said));
            }
        }
        assertPrefix(ChronicleTraceSinkTest.read(traces), said);
    }

    /** The last line may have been cut by the kill. */
    private static long parsePrefix(String line, long before) {
        long value = Long.parseLong(line);
        return value == before + 1 ? value : before;
    }

    @Test
    void shouldPrintNothingOfItsOwn() throws Exception {
        Process writer = start(directory.resolve("traces"));
        try (BufferedReader output =
                new BufferedReader(new InputStreamReader(writer.getInputStream(), StandardCharsets.UTF_8))) {
            readUntil(output, 3_000);
        } finally {
            writer.destroyForcibly().waitFor();
        }

        assertThat(Files.readAllLines(directory.resolve("stderr")))
                .filteredOn(line -> !line.contains("Using incubator modules"))
                .isEmpty();
    }

    @Test
    void shouldNameTheFlagsThatAJvmWasStartedWithout() throws Exception {
        Process writer = start(directory.resolve("traces"), "-Dnone=0");

        assertThat(writer.waitFor()).isNotZero();
        assertThat(Files.readString(directory.resolve("stderr")))
                .contains("traces cannot be written by this JVM, expected the flags"
                        + " --add-exports=java.base/sun.nio.ch=ALL-UNNAMED"
                        + " --add-opens=java.base/java.lang.reflect=ALL-UNNAMED: start it with them");
        assertThat(directory.resolve("traces")).doesNotExist();
    }

    private Process start(Path traces) throws IOException {
        return start(traces, "@" + Path.of(System.getProperty("foretoken.root"), "jvm.options"));
    }

    private Process start(Path traces, String flags) throws IOException {
        Path logging = Files.writeString(
                directory.resolve("logback.xml"), "<configuration><root level='WARN'/></configuration>");
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                flags,
                "-Xmx256m",
                "-Dlogback.configurationFile=" + logging,
                "-cp",
                System.getProperty("java.class.path"),
                EndlessWriter.class.getName(),
                traces.toString());
        return new ProcessBuilder(command)
                .redirectError(directory.resolve("stderr").toFile())
                .start();
    }

    /** Every line is the writer's own: anything else it printed is no number. */
    private long readUntil(BufferedReader output, long events) throws IOException {
        long said = 0;
        while (said < events) {
            String line = output.readLine();
            if (line == null) {
                throw new AssertionError("the writer ended: " + Files.readString(directory.resolve("stderr")));
            }
            said = Long.parseLong(line);
        }
        return said;
    }

    private static void assertPrefix(List<TraceEvent> read, long atLeast) {
        assertThat(read).hasSizeGreaterThanOrEqualTo((int) atLeast);
        RandomTraces random = new RandomTraces(EndlessWriter.SEED);
        AlteringSinks.CountingSink nowhere = new AlteringSinks.CountingSink();
        List<TraceEvent> expected = new ArrayList<>();
        for (int event = 0; event < read.size(); event++) {
            expected.add(EndlessWriter.write(nowhere, random, event));
        }
        assertThat(read).isEqualTo(expected);
    }
}
