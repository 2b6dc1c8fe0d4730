package dev.foretoken.transport.trace;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class RunDirectoryTest {
    @TempDir
    Path directory;

    @Test
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "its file systems have other permissions")
    void shouldBeClosedToEverybodyButItsOwner() throws IOException {
        Path run = RunDirectory.create(directory.resolve("traces"), Instant.EPOCH);

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(run)))
                .isEqualTo("rwx------");
    }

    @Test
    void shouldAskForNoPermissionsThatTheFileSystemWouldRefuse() {
        assertThat(RunDirectory.onlyForItsOwner(Set.of("basic", "dos", "acl", "owner", "user")))
                .isEmpty();
    }
}
