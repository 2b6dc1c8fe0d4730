package dev.foretoken.transport.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class LogsTest {
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @AfterEach
    void silence() {
        Logs.configure(false, err);
    }

    @Test
    void shouldBeSilentUnlessAskedFor() {
        Logs.configure(false, err);

        LoggerFactory.getLogger("dev.foretoken.engine").error("backend chosen={}", "scalar");

        assertThat(err.toByteArray()).isEmpty();
    }

    @Test
    void shouldShowOurChangesOfStateAndOnlyWarningsOfLibraries() {
        Logs.configure(true, err);

        LoggerFactory.getLogger("dev.foretoken.engine.kernel").info("backend chosen={}", "vector");
        LoggerFactory.getLogger("net.openhft.chronicle").info("chatter");
        LoggerFactory.getLogger("net.openhft.chronicle").warn("disk almost full");

        assertThat(err.toString(UTF_8))
                .contains("INFO  kernel backend chosen=vector\n", "WARN  chronicle disk almost full\n")
                .doesNotContain("chatter");
    }
}
