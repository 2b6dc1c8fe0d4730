package dev.foretoken.engine.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** The golden vectors among the test resources, and the larger models beside the project. */
public final class Goldens {
    private static final ObjectMapper JSON = new ObjectMapper();

    private Goldens() {}

    /** The lines of {@code goldens/NAME}, a JSON Lines file. */
    public static List<JsonNode> lines(String name) {
        try (InputStream in = resource(name).openStream()) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .map(JSON::readTree)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A model of random weights: the file in the sources, because other modules see the resource in a jar. */
    public static Path model(String name) {
        Path path =
                Path.of(System.getProperty("foretoken.root", "."), "engine/src/test/resources/goldens/models", name);
        if (Files.notExists(path)) {
            throw new IllegalStateException("no test resource goldens/models/" + name);
        }
        return path;
    }

    /** A model that is too large to be a resource; the test is skipped where it is absent. */
    public static Path largeModel(String name) {
        String folder = System.getenv("FORETOKEN_MODELS");
        Path path = folder != null
                ? Path.of(folder, name)
                : Path.of(System.getProperty("foretoken.root", "."), "..", "shared", "models", name);
        Assumptions.assumeTrue(Files.exists(path), () -> name + " is absent; set FORETOKEN_MODELS to its folder");
        return path;
    }

    public static int[] ints(JsonNode array) {
        int[] values = new int[array.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = array.get(i).asInt();
        }
        return values;
    }

    private static URL resource(String name) {
        URL url = Goldens.class.getResource("/goldens/" + name);
        if (url == null) {
            throw new IllegalStateException("no test resource goldens/" + name);
        }
        return url;
    }
}
