package dev.foretoken.transport.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ProgressTest {
    @Test
    void shouldNameWhatTakesLongAndWipeItAfterwards() throws InterruptedException {
        LatchedOutput err = new LatchedOutput();

        try (Progress progress = new Progress(CliRun.terminal(new byte[0], err, err, true, Map.of()), Duration.ZERO)) {
            progress.begin("loading m.gguf");
            assertThat(err.written.await(10, TimeUnit.SECONDS))
                    .as("progress line within 10 s")
                    .isTrue();
            progress.done();
        }

        assertThat(err.toString(UTF_8)).startsWith("\r\u001b[Kloading m.gguf… ").endsWith("\r\u001b[K");
    }

    @Test
    void shouldStaySilentWithoutATerminal() {
        ByteArrayOutputStream err = new ByteArrayOutputStream();

        try (Progress progress = new Progress(CliRun.terminal(new byte[0], err, err, false, Map.of()), Duration.ZERO)) {
            progress.begin("loading m.gguf");
            progress.draw();
        }

        assertThat(err.toByteArray()).isEmpty();
    }

    private static final class LatchedOutput extends OutputStream {
        final CountDownLatch written = new CountDownLatch(1);
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        @Override
        public synchronized void write(int b) {
            bytes.write(b);
            written.countDown();
        }

        synchronized String toString(java.nio.charset.Charset charset) {
            return bytes.toString(charset);
        }
    }
}
