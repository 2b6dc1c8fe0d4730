package dev.foretoken.transport.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.foretoken.drafters.control.ContextCost;
import dev.foretoken.drafters.control.VerifyCostCurve;
import dev.foretoken.drafters.control.VerifyCostCurve.Point;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CostFileTest {
    private static final Machine MACHINE = new Machine("A: processor = #1 \\ é", 2, "Linux amd64", 25);
    private static final CostKey KEY = new CostKey("0123456789abcdef", "cpu-1", "vector-512", 2, MACHINE);
    private static final VerifyCostCurve CURVE = curve(1_000_000);

    @TempDir
    Path directory;

    private static VerifyCostCurve curve(long plainNs) {
        return new VerifyCostCurve(
                List.of(new Point(1, plainNs), new Point(2, plainNs + 7), new Point(16, 3.0 * plainNs)),
                new ContextCost(612.5, 0.25));
    }

    private CostFile file(CostKey key) {
        return new CostFile(directory, key);
    }

    private Path only() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            List<Path> all = files.toList();
            assertThat(all).hasSize(1);
            return all.getFirst();
        }
    }

    @Test
    void shouldRecallWhatWasKept() throws IOException {
        assertThat(file(KEY).recall()).isEmpty();

        file(KEY).keep(CURVE);
        assertThat(file(KEY).recall()).contains(CURVE);

        file(KEY).keep(curve(5000));
        assertThat(file(KEY).recall()).contains(curve(5000));
        assertThat(only()).hasParent(directory);
    }

    @Test
    void shouldMakeItsDirectory() {
        CostFile file = new CostFile(directory.resolve("a/b"), KEY);

        file.keep(CURVE);

        assertThat(file.recall()).contains(CURVE);
    }

    @Test
    void shouldKnowNothingOfAnotherMachineModelOrSetting() {
        file(KEY).keep(CURVE);

        for (CostKey other : List.of(
                new CostKey("other", "cpu-1", "vector-512", 2, MACHINE),
                new CostKey("0123456789abcdef", "cpu-2", "vector-512", 2, MACHINE),
                new CostKey("0123456789abcdef", "cpu-1", "vector-256", 2, MACHINE),
                new CostKey("0123456789abcdef", "cpu-1", "vector-512", 1, MACHINE),
                new CostKey("0123456789abcdef", "cpu-1", "vector-512", 2, new Machine("B", 2, "Linux amd64", 25)),
                new CostKey(
                        "0123456789abcdef",
                        "cpu-1",
                        "vector-512",
                        2,
                        new Machine(MACHINE.processor(), 4, "Linux amd64", 25)),
                new CostKey(
                        "0123456789abcdef",
                        "cpu-1",
                        "vector-512",
                        2,
                        new Machine(MACHINE.processor(), 2, "Linux amd64", 26)))) {
            assertThat(file(other).recall()).as("%s", other).isEmpty();
        }
    }

    @Test
    void shouldReadTheWholeKeyAndNotTheFileNameAlone() throws IOException {
        file(KEY).keep(CURVE);
        Path mine = only();
        CostKey other = new CostKey("0123456789abcdef", "cpu-1", "vector-512", 3, MACHINE);

        Files.copy(mine, directory.resolve(other.fileName()));

        assertThat(file(other).recall()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "nonsense",
                "\\u00",
                "format=1",
                "format=3\nrows.1=5",
                "rows.1=x",
                "rows.x=1",
                "rows.1=-5",
                "rows.1=0",
                "rows.1=99999999999999999999",
                "rows.0=1",
                "rows.2147483648=1",
                "rows.16=1",
                "position=-1",
                "position=NaN",
                "position=x",
                "row-position=Infinity"
            })
    void shouldIgnoreADamagedFile(String damage) throws IOException {
        file(KEY).keep(CURVE);
        Path kept = only();
        String text = Files.readString(kept);

        // alone, and behind what is right: the last value of a key counts
        Files.writeString(kept, damage);
        assertThat(file(KEY).recall()).isEmpty();
        if (damage.startsWith("ro") || damage.startsWith("position") || damage.startsWith("\\")) {
            Files.writeString(kept, text + damage);
            assertThat(file(KEY).recall()).isEmpty();
        }
    }

    @ParameterizedTest(name = "{displayName} seed={0}")
    @ValueSource(longs = {1, 2, 3, 5})
    void shouldSurviveAnyBytes(long seed) throws IOException {
        file(KEY).keep(CURVE);
        Path kept = only();
        byte[] whole = Files.readAllBytes(kept);
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < 300; i++) {
            byte[] bytes = java.util.Arrays.copyOf(whole, random.nextInt(whole.length + 1));
            for (int change = random.nextInt(4); change > 0 && bytes.length > 0; change--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            Files.write(kept, bytes);
            assertThatCode(() -> file(KEY).recall())
                    .as("%s", new String(bytes, StandardCharsets.ISO_8859_1))
                    .doesNotThrowAnyException();
        }
    }

    @Test
    void shouldIgnoreAFileThatIsTooLong() throws IOException {
        file(KEY).keep(CURVE);
        Path kept = only();
        Files.writeString(kept, Files.readString(kept) + "#".repeat(20_000));

        assertThat(file(KEY).recall()).isEmpty();
    }

    @Test
    void shouldDoWithoutADirectoryThatCannotBeUsed() throws IOException {
        Path plainFile = Files.createFile(directory.resolve("file"));
        CostFile below = new CostFile(plainFile.resolve("below"), KEY);
        below.keep(CURVE);
        assertThat(below.recall()).isEmpty();

        Path taken = Files.createDirectories(directory.resolve("taken"));
        Files.createDirectories(taken.resolve(KEY.fileName()).resolve("not empty"));
        CostFile blocked = new CostFile(taken, KEY);
        blocked.keep(CURVE);
        assertThat(blocked.recall()).isEmpty();
        try (Stream<Path> left = Files.list(taken)) {
            assertThat(left).as("nothing half-written stays").hasSize(1);
        }
    }

    @Test
    void shouldDoWithoutADirectoryThatCannotBeWritten() throws IOException {
        Path locked = Files.createDirectory(directory.resolve("locked"));
        Assumptions.assumeTrue(
                locked.getFileSystem().supportedFileAttributeViews().contains("posix"), "no permissions");
        Files.setPosixFilePermissions(locked, PosixFilePermissions.fromString("r-xr-xr-x"));
        Assumptions.assumeFalse(Files.isWritable(locked), "this user may write everywhere");

        CostFile file = new CostFile(locked, KEY);
        file.keep(CURVE);

        assertThat(file.recall()).isEmpty();
        Files.setPosixFilePermissions(locked, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @Test
    void shouldTakeAwayWhatACrashLeftAndNothingElse() throws IOException {
        FileTime longAgo = FileTime.from(Instant.now().minus(Duration.ofHours(2)));
        Path crashed = Files.createTempFile(directory, "verify-cost-", ".new");
        Path foreign = Files.createFile(directory.resolve("notes.new"));
        Path finished = Files.createFile(directory.resolve("verify-cost-other.properties"));
        for (Path file : List.of(crashed, foreign, finished)) {
            Files.setLastModifiedTime(file, longAgo);
        }
        Path beingWritten = Files.createTempFile(directory, "verify-cost-", ".new");

        file(KEY).keep(CURVE);

        assertThat(crashed).doesNotExist();
        assertThat(List.of(foreign, finished, beingWritten))
                .allSatisfy(file -> assertThat(file).exists());
        assertThat(file(KEY).recall()).contains(CURVE);
    }

    @Test
    void shouldAlwaysShowAWholeCurveWhileSeveralWrite() {
        file(KEY).keep(CURVE);

        IntStream.range(0, 400).parallel().forEach(i -> {
            if (i % 2 == 0) {
                file(KEY).keep(curve(1000 + i));
            } else {
                assertThat(file(KEY).recall()).isPresent();
            }
        });

        assertThat(file(KEY).recall()).isPresent();
        assertThatCode(this::only).doesNotThrowAnyException();
    }
}
