package dev.foretoken.engine.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SteadyFileTest {
    @TempDir
    Path folder;

    private Path path;

    @BeforeEach
    void write() throws IOException {
        path = Files.writeString(folder.resolve("file"), "what it says");
    }

    @AfterEach
    void clearInterrupt() {
        Thread.interrupted();
    }

    @Test
    void shouldGoOnWhenAnInterruptComesInTheMiddle() throws IOException {
        try (SteadyFile file = new SteadyFile(path)) {
            AtomicInteger attempts = new AtomicInteger();

            String said = file.read(channel -> {
                if (attempts.incrementAndGet() < 3) {
                    Thread.currentThread().interrupt();
                }
                return text(channel);
            });

            assertThat(said).isEqualTo("what it says");
            assertThat(attempts).hasValue(3);
            assertThat(Thread.interrupted()).as("the interrupt is kept").isTrue();
            assertThat(file.read(SteadyFileTest::text)).isEqualTo("what it says");
            assertThat(Thread.interrupted()).isFalse();
        }
    }

    @Test
    void shouldNotTakeAnotherFileForTheOneThatWasOpened() throws IOException {
        try (SteadyFile file = new SteadyFile(path)) {
            Files.move(
                    Files.writeString(folder.resolve("other"), "what it does"),
                    path,
                    StandardCopyOption.REPLACE_EXISTING);

            assertThatThrownBy(() -> file.read(channel -> {
                        Thread.currentThread().interrupt();
                        return text(channel);
                    }))
                    .isInstanceOf(IOException.class)
                    .hasMessage("it was replaced while it was read");
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @Test
    void shouldRefuseToReadOnceClosed() throws IOException {
        SteadyFile file = new SteadyFile(path);
        file.close();
        file.close();

        assertThatThrownBy(() -> file.read(SteadyFileTest::text))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("the file is closed");
    }

    private static String text(FileChannel channel) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(100);
        channel.read(bytes, 0);
        return new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8);
    }
}
