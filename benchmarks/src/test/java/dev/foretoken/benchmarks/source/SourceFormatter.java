package dev.foretoken.benchmarks.source;

import com.palantir.javaformat.java.Formatter;
import com.palantir.javaformat.java.FormatterException;
import com.palantir.javaformat.java.JavaFormatterOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The project's one layout: palantir-java-format, 120 columns, 4 spaces, imports sorted and none unused. */
final class SourceFormatter {
    private final Formatter formatter = Formatter.createFormatter(JavaFormatterOptions.builder()
            .style(JavaFormatterOptions.Style.PALANTIR)
            .build());

    /** Every Java source in the src of a module: what the build generates lies elsewhere. */
    static List<Path> sourcesBelow(Path root) {
        try (Stream<Path> paths = Files.walk(root)) {
            return paths.filter(path -> path.toString().endsWith(".java"))
                    .filter(path -> isInModuleSources(root.relativize(path)))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isInModuleSources(Path path) {
        return path.getNameCount() > 2 && path.getName(1).toString().equals("src");
    }

    /** The text as the formatter lays it out. */
    String format(Path source, String text) {
        try {
            return formatter.formatSourceAndFixImports(text);
        } catch (FormatterException e) {
            throw new IllegalArgumentException(
                    "%s is not Java that the formatter can read: %s".formatted(source, e.getMessage()), e);
        }
    }

    /** Rewrites every source below the given root that is not laid out as it should be. */
    public static void main(String[] arguments) throws IOException {
        SourceFormatter formatter = new SourceFormatter();
        int rewritten = 0;
        List<Path> sources = sourcesBelow(Path.of(arguments[0]));
        for (Path source : sources) {
            String text = Files.readString(source);
            String formatted = formatter.format(source, text);
            if (!formatted.equals(text)) {
                Files.writeString(source, formatted);
                rewritten++;
            }
        }
        System.out.printf("%d of %d files rewritten%n", rewritten, sources.size());
    }
}
