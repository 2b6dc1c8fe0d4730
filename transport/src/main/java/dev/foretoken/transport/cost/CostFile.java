package dev.foretoken.transport.cost;

import dev.foretoken.drafters.control.ContextCost;
import dev.foretoken.drafters.control.VerifyCostCurve;
import dev.foretoken.drafters.control.VerifyCostCurve.Point;
import dev.foretoken.transport.pipeline.CostMemory;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One small properties file per model and machine: the key, and {@code rows.N} = nanoseconds of a pass over N rows. It is
 * replaced as a whole, so readers see the old or the new one. A file that is absent, damaged, of another version or somebody
 * else's, and a directory that cannot be written, mean that nothing is remembered, and at most a line in the debug log.
 * Thread-safe, between processes too.
 */
public final class CostFile implements CostMemory {
    private static final Logger LOG = LoggerFactory.getLogger(CostFile.class);
    /** 1 were curves learned while code was being compiled, 2 had attention in them. */
    private static final String FORMAT = "3";

    private static final String FORMAT_KEY = "format";
    private static final String ROWS_PREFIX = "rows.";
    private static final String POSITION = "position";
    private static final String ROW_POSITION = "row-position";
    /** Far above what is written: thirty sizes and the key. */
    private static final int BYTES_MAX = 16_384;

    private static final String UNFINISHED_PREFIX = "verify-cost-";
    private static final String UNFINISHED_SUFFIX = ".new";
    /** Writing takes milliseconds: an unfinished file of this age has lost its process. */
    private static final Duration UNFINISHED_MAX = Duration.ofHours(1);

    private final Path directory;
    private final CostKey key;
    private final Path file;

    /** @param directory made when something is kept */
    public CostFile(Path directory, CostKey key) {
        this.directory = directory;
        this.key = key;
        this.file = directory.resolve(key.fileName());
    }

    @Override
    public Optional<VerifyCostCurve> recall() {
        try {
            return Files.isRegularFile(file) ? Optional.of(parse(read())) : Optional.empty();
        } catch (IOException | RuntimeException e) { // of malformed escapes and numbers
            LOG.debug("event=verify_costs_ignored file={} reason=\"{}\"", file, e.toString());
            return Optional.empty();
        }
    }

    private String read() throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(BYTES_MAX + 1);
            if (bytes.length > BYTES_MAX) {
                throw new IOException("the file is too long");
            }
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }

    private VerifyCostCurve parse(String text) throws IOException {
        Properties properties = new Properties();
        properties.load(new StringReader(text));
        if (!FORMAT.equals(properties.getProperty(FORMAT_KEY))) {
            throw new IOException("the file has another format");
        }
        for (Map.Entry<String, String> entry : key.entries().entrySet()) {
            if (!entry.getValue().equals(properties.getProperty(entry.getKey()))) {
                throw new IOException("the file has another " + entry.getKey());
            }
        }
        TreeMap<Integer, Long> times = new TreeMap<>();
        for (String name : properties.stringPropertyNames()) {
            if (name.startsWith(ROWS_PREFIX)) {
                times.put(
                        Integer.valueOf(name.substring(ROWS_PREFIX.length())),
                        Long.valueOf(properties.getProperty(name)));
            }
        }
        List<Point> points = new ArrayList<>();
        times.forEach((rows, ns) -> points.add(new Point(rows, ns)));
        return new VerifyCostCurve(
                points, new ContextCost(number(properties, POSITION), number(properties, ROW_POSITION)));
    }

    private static double number(Properties properties, String name) throws IOException {
        String text = properties.getProperty(name);
        if (text == null) {
            throw new IOException("the file has no " + name);
        }
        return Double.parseDouble(text);
    }

    @Override
    public void keep(VerifyCostCurve curve) {
        Path written = null;
        try {
            Files.createDirectories(directory);
            deleteAbandoned();
            written = Files.createTempFile(directory, UNFINISHED_PREFIX, UNFINISHED_SUFFIX);
            Files.writeString(written, format(curve));
            Files.move(written, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException | RuntimeException e) {
            LOG.debug("event=verify_costs_not_kept file={} reason=\"{}\"", file, e.toString());
            delete(written);
        }
    }

    /** Takes away what processes left that ended between writing and moving; the files of living ones are younger. */
    private void deleteAbandoned() throws IOException {
        Instant oldest = Instant.now().minus(UNFINISHED_MAX);
        try (DirectoryStream<Path> unfinished =
                Files.newDirectoryStream(directory, UNFINISHED_PREFIX + "*" + UNFINISHED_SUFFIX)) {
            for (Path one : unfinished) {
                try {
                    if (Files.getLastModifiedTime(one).toInstant().isBefore(oldest)) {
                        delete(one);
                    }
                } catch (NoSuchFileException e) {
                    // another process was first
                }
            }
        }
    }

    private static void delete(@Nullable Path written) {
        try {
            if (written != null) {
                Files.deleteIfExists(written);
            }
        } catch (IOException | RuntimeException e) {
            LOG.debug("event=file_left_behind file={} reason=\"{}\"", written, e.toString());
        }
    }

    private String format(VerifyCostCurve curve) throws IOException {
        Properties properties = new Properties();
        properties.setProperty(FORMAT_KEY, FORMAT);
        key.entries().forEach(properties::setProperty);
        for (Point point : curve.points()) {
            properties.setProperty(ROWS_PREFIX + point.rows(), String.valueOf(Math.max(1, Math.round(point.ns()))));
        }
        properties.setProperty(POSITION, String.valueOf(curve.context().nsPerPosition()));
        properties.setProperty(ROW_POSITION, String.valueOf(curve.context().nsPerRowPosition()));
        StringWriter text = new StringWriter();
        properties.store(
                text,
                "What a pass over so many rows costs here, and each position before them, in ns; may be deleted at any"
                        + " time");
        return text.toString();
    }
}
