package dev.foretoken.transport.cost;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

@DisabledOnOs(value = OS.WINDOWS, disabledReason = "paths are written as on Unix")
class CacheDirectoryTest {
    private static final Map<String, String> LINUX = Map.of("os.name", "Linux", "user.home", "/home/a");

    private static Optional<Path> directory(Map<String, String> properties, Map<String, String> variables) {
        return CacheDirectory.of(properties::get, variables::get);
    }

    private static Map<String, String> linux(String property) {
        return Map.of("os.name", "Linux", "user.home", "/home/a", CacheDirectory.PROPERTY, property);
    }

    @Test
    void shouldBeTheSystemsPlaceForCaches() {
        assertThat(directory(LINUX, Map.of())).contains(Path.of("/home/a/.cache/foretoken"));
        assertThat(directory(LINUX, Map.of("XDG_CACHE_HOME", "/var/cache/a")))
                .contains(Path.of("/var/cache/a/foretoken"));
        assertThat(directory(LINUX, Map.of("XDG_CACHE_HOME", "relative")))
                .contains(Path.of("/home/a/.cache/foretoken"));
        assertThat(directory(Map.of("os.name", "Mac OS X", "user.home", "/Users/a"), Map.of()))
                .contains(Path.of("/Users/a/Library/Caches/foretoken"));
    }

    @Test
    void shouldBeWhatPropertyOrVariableNames() {
        Map<String, String> variable = Map.of(CacheDirectory.VARIABLE, "/b", "XDG_CACHE_HOME", "/c");

        assertThat(directory(linux("/a"), variable)).contains(Path.of("/a"));
        assertThat(directory(linux(" "), variable)).contains(Path.of("/b"));
        assertThat(directory(linux("none"), variable)).isEmpty();
        assertThat(directory(LINUX, Map.of(CacheDirectory.VARIABLE, "none"))).isEmpty();
        assertThat(directory(linux("a\0b"), variable)).as("no path at all").isEmpty();
    }

    @Test
    void shouldBeNowhereWithoutAHome() {
        assertThat(directory(Map.of("os.name", "Linux", "user.home", "?"), Map.of()))
                .isEmpty();
        assertThat(directory(Map.of(), Map.of())).isEmpty();
    }

    @Test
    void shouldBeSwitchedOffInTests() {
        assertThat(CacheDirectory.standard()).isEmpty();
    }
}
