package dev.foretoken.transport.cost;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Where engines keep what they can do without. The system property {@value #PROPERTY}, else the environment variable
 * {@value #VARIABLE}, names a directory, or is {@value #NONE} for none; else it is the system's place for caches. Thread-safe:
 * stateless.
 */
public final class CacheDirectory {
    public static final String PROPERTY = "foretoken.cache";
    public static final String VARIABLE = "FORETOKEN_CACHE";
    /** Nothing is kept. */
    public static final String NONE = "none";

    private static final String NAME = "foretoken";

    private CacheDirectory() {}

    /** The directory, which may not exist yet; empty if there shall be none or none can be named. */
    public static Optional<Path> standard() {
        return of(System::getProperty, System::getenv);
    }

    static Optional<Path> of(UnaryOperator<@Nullable String> property, UnaryOperator<@Nullable String> variable) {
        String named = given(property.apply(PROPERTY));
        if (named == null) {
            named = given(variable.apply(VARIABLE));
        }
        if (named == null) {
            return ofSystem(property, variable);
        }
        return named.equals(NONE) ? Optional.empty() : path(named);
    }

    private static Optional<Path> ofSystem(
            UnaryOperator<@Nullable String> property, UnaryOperator<@Nullable String> variable) {
        String system = String.valueOf(property.apply("os.name")).toLowerCase(Locale.ROOT);
        if (system.startsWith("windows")) {
            return absolute(variable.apply("LOCALAPPDATA")).map(base -> base.resolve(NAME));
        }
        Optional<Path> home = absolute(property.apply("user.home"));
        if (system.startsWith("mac")) {
            return home.map(base -> base.resolve("Library/Caches").resolve(NAME));
        }
        return absolute(variable.apply("XDG_CACHE_HOME"))
                .or(() -> home.map(base -> base.resolve(".cache")))
                .map(base -> base.resolve(NAME));
    }

    /** A relative directory of the system's is none: XDG Base Directory Specification 0.8, and a home of "?". */
    private static Optional<Path> absolute(@Nullable String text) {
        return path(given(text)).filter(Path::isAbsolute);
    }

    private static @Nullable String given(@Nullable String text) {
        return text == null || text.isBlank() ? null : text;
    }

    private static Optional<Path> path(@Nullable String text) {
        try {
            return Optional.ofNullable(text).map(Path::of);
        } catch (InvalidPathException e) {
            return Optional.empty();
        }
    }
}
