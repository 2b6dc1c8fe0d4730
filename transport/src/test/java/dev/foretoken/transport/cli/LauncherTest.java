package dev.foretoken.transport.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The real launcher in a copy of the project's root, with a Maven that only puts jars where the real one does. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "the launcher is a shell script")
@Timeout(120)
class LauncherTest {
    private static final Path PROJECT = Path.of(System.getProperty("foretoken.root"));
    private static final List<String> MODULES = List.of("engine", "drafters", "verifiers", "transport");

    @TempDir
    static Path shared;

    @TempDir
    Path directory;

    private Path root;
    private Path tools;

    /** What a build makes: the class path of this test as a directory of jars. */
    @BeforeAll
    static void makeLibraries() throws IOException {
        Path libraries = Files.createDirectory(shared.resolve("lib"));
        String[] entries = System.getProperty("java.class.path").split(File.pathSeparator);
        for (int i = 0; i < entries.length; i++) {
            Path entry = Path.of(entries[i]);
            if (!entries[i].contains("test-classes")) {
                Path jar = Files.isDirectory(entry) ? jarOf(entry) : entry;
                Files.copy(jar, libraries.resolve("%03d.jar".formatted(i)));
            }
        }
        new JarOutputStream(Files.newOutputStream(shared.resolve("empty.jar")), new Manifest()).close();
    }

    private static Path jarOf(Path classes) {
        try (Stream<Path> files = Files.walk(classes)) {
            Path jar = Files.createTempFile(shared, "classes", ".jar");
            try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar))) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    out.putNextEntry(
                            new ZipEntry(classes.relativize(file).toString().replace(File.separatorChar, '/')));
                    Files.copy(file, out);
                }
            }
            return jar;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @BeforeEach
    void copyTheRoot() throws IOException {
        root = Files.createDirectory(directory.resolve("a checkout"));
        for (String name : List.of("foretoken", "jvm.options", "pom.xml")) {
            Files.copy(PROJECT.resolve(name), root.resolve(name), StandardCopyOption.COPY_ATTRIBUTES);
        }
        for (String module : MODULES) {
            Files.createDirectories(root.resolve(module).resolve("src/main"));
            Files.writeString(root.resolve(module).resolve("pom.xml"), "");
        }
        tools = Files.createDirectory(directory.resolve("tools"));
        script("mvn", """
            echo built >> "%1$s/builds"
            mkdir -p "%1$s/transport/target/lib"
            ln "%2$s"/lib/*.jar "%1$s/transport/target/lib/"
            cp "%2$s/empty.jar" "%1$s/transport/target/foretoken-transport-1.jar"
            """.formatted(root, shared));
    }

    private Path script(String name, String body) throws IOException {
        Path script = Files.writeString(tools.resolve(name), "#!/bin/sh\nset -e\n" + body);
        return Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private record Ended(int status, String out, String err) {}

    private Ended launch(String... arguments) {
        return launch(root.resolve("foretoken"), directory, Map.of(), arguments);
    }

    private Ended launch(Path launcher, Path from, Map<String, String> environment, String... arguments) {
        return launch(launcher, from, environment, process -> {}, arguments);
    }

    private interface Meanwhile {
        void with(Process process) throws IOException, InterruptedException;
    }

    private Ended launch(
            Path launcher, Path from, Map<String, String> environment, Meanwhile meanwhile, String... arguments) {
        try {
            List<String> command = new ArrayList<>(List.of(launcher.toString()));
            command.addAll(List.of(arguments));
            Path out = Files.createTempFile(directory, "out", "");
            Path err = Files.createTempFile(directory, "err", "");
            ProcessBuilder builder = new ProcessBuilder(command)
                    .directory(from.toFile())
                    .redirectOutput(out.toFile())
                    .redirectError(err.toFile());
            builder.environment().put("PATH", tools + ":/usr/bin:/bin");
            builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
            builder.environment().put("FORETOKEN_AOT", "none");
            builder.environment().putAll(environment);
            Process process = builder.start();
            process.getOutputStream().close();
            meanwhile.with(process);
            assertThat(process.waitFor(100, TimeUnit.SECONDS))
                    .as("ended within 100 s")
                    .isTrue();
            return new Ended(process.exitValue(), Files.readString(out), Files.readString(err));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted", e);
        }
    }

    private long builds() throws IOException {
        return Files.exists(root.resolve("builds"))
                ? Files.readAllLines(root.resolve("builds")).size()
                : 0;
    }

    @Test
    void shouldBuildOnFirstUseAndThenOnlyWhenSourcesAreNewer() throws IOException {
        Ended first = launch("tokenize", "--json", "int");
        Ended second = launch("tokenize", "--json", "int");

        assertThat(first.err()).isEqualTo("foretoken: building (first start, or the sources have changed)\n");
        assertThat(second).isEqualTo(new Ended(0, "{\"ids\":[511],\"pieces\":[\"int\"]}\n", ""));
        assertThat(builds()).isEqualTo(1);

        Files.setLastModifiedTime(
                root.resolve("engine/src/main"), FileTime.from(Instant.now().plusSeconds(5)));
        launch("--version");
        assertThat(builds()).isEqualTo(2);
    }

    @Test
    void shouldKeepTheFilesOfTheBuildBeforeForThoseWhoStillRunIt() throws IOException {
        launch("--version");
        List<Path> first = installed();
        Files.setLastModifiedTime(
                root.resolve("pom.xml"), FileTime.from(Instant.now().plusSeconds(5)));
        launch("--version");
        List<Path> second = installed();
        launch("--version");
        List<Path> third = installed();

        assertThat(first).hasSize(1);
        assertThat(second).hasSize(2).containsAll(first);
        assertThat(third).hasSize(2).doesNotContainAnyElementsOf(first);
        assertThat(third)
                .allSatisfy(app ->
                        assertThat(app.resolve("foretoken-transport-1.jar")).exists());
    }

    private List<Path> installed() throws IOException {
        try (Stream<Path> entries = Files.list(root.resolve("transport/target"))) {
            return entries.filter(Files::isDirectory)
                    .filter(entry -> entry.getFileName().toString().startsWith("launcher.app."))
                    .toList();
        }
    }

    @Test
    void shouldStartWithTheClassesOfARunThatTheBuildMade() throws IOException {
        Path log = directory.resolve("classes.log");
        Map<String, String> learning = Map.of("FORETOKEN_AOT", "");

        Ended first = launch(root.resolve("foretoken"), directory, learning, "tokenize", "--json", "int");
        launch(
                root.resolve("foretoken"),
                directory,
                Map.of("FORETOKEN_AOT", "", "_JAVA_OPTIONS", "-Xlog:class+load:file=" + log),
                "--version");

        assertThat(first)
                .isEqualTo(new Ended(
                        0,
                        "{\"ids\":[511],\"pieces\":[\"int\"]}\n",
                        "foretoken: building (first start, or the sources have changed)\n"));
        assertThat(caches()).hasSize(1);
        assertThat(Files.readAllLines(log))
                .anyMatch(line -> line.contains(Main.class.getName() + " ") && line.contains("shared objects file"));
    }

    @Test
    void shouldStartWithoutAWordWhenTheJvmDoesNotTakeThoseClasses() throws IOException {
        Map<String, String> learning = Map.of("FORETOKEN_AOT", "");
        launch(root.resolve("foretoken"), directory, learning, "--version");
        Path cache = caches().getFirst();
        byte[] whole = Files.readAllBytes(cache);
        byte[] wrong = whole.clone();
        Arrays.fill(wrong, 0, 4096, (byte) 7);
        Ended expected = new Ended(0, "{\"ids\":[511],\"pieces\":[\"int\"]}\n", "");

        for (byte[] content : List.of(new byte[0], wrong, Arrays.copyOf(whole, whole.length / 2))) {
            Files.write(cache, content);
            assertThat(launch(root.resolve("foretoken"), directory, learning, "tokenize", "--json", "int"))
                    .as("%d bytes", content.length)
                    .isEqualTo(expected);
        }
        Files.write(cache, whole);
        Path jar = installed().getFirst().resolve("foretoken-transport-1.jar");
        Files.setLastModifiedTime(jar, FileTime.from(Instant.now().plusSeconds(100)));
        assertThat(launch(root.resolve("foretoken"), directory, learning, "tokenize", "--json", "int"))
                .as("another jar")
                .isEqualTo(expected);
    }

    @Test
    void shouldLeaveTheCollectorToAUserWhoChoosesOne() {
        Map<String, String> learning = Map.of("FORETOKEN_AOT", "");
        launch(root.resolve("foretoken"), directory, learning, "--version");

        for (String variable : List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS")) {
            Map<String, String> chosen = // the second flag prints what the JVM was told, on one line
                    Map.of("FORETOKEN_AOT", "", variable, "-Xss2m -XX:+UseG1GC -XX:+PrintCommandLineFlags");

            Ended ended = launch(root.resolve("foretoken"), directory, chosen, "tokenize", "--json", "int");

            assertThat(ended.status()).as("%s: %s", variable, ended.err()).isZero();
            assertThat(ended.out()).isEqualTo("{\"ids\":[511],\"pieces\":[\"int\"]}\n");
            assertThat(ended.err()).contains("Picked up " + variable).hasLineCount(2);
            assertThat(ended.err().lines().filter(line -> !line.contains("Picked up")))
                    .singleElement(STRING)
                    .contains("-XX:+UseG1GC", "-XX:MaxRAMPercentage=75")
                    .doesNotContain("Serial", "NewSize", "PretenureSizeThreshold");
        }
    }

    @Test
    void shouldMakeNoSuchRunWhenToldNotTo() throws IOException {
        launch("--version");

        assertThat(caches()).isEmpty();
    }

    private List<Path> caches() throws IOException {
        try (Stream<Path> entries = Files.list(root.resolve("transport/target"))) {
            return entries.filter(entry -> entry.getFileName().toString().startsWith("launcher.aot."))
                    .toList();
        }
    }

    @Test
    void shouldBuildOnceWhenTwoStartTogether() throws Exception {
        List<Ended> both = Stream.of("a", "b")
                .parallel()
                .map(text -> launch("tokenize", text))
                .toList();

        assertThat(both).extracting(Ended::status).containsOnly(0);
        assertThat(builds()).isEqualTo(1);
    }

    @Test
    void shouldWorkThroughASymbolicLinkFromAnotherDirectoryInAnyLocale() throws IOException {
        Path link = Files.createSymbolicLink(tools.resolve("ft"), root.resolve("foretoken"));

        Ended ended = launch(link, tools, Map.of("LC_ALL", "C"), "tokenize", "é");

        assertThat(ended.out()).isEqualTo("   128  Ã\n   103  ©\n");
    }

    @Test
    void shouldPassTheExitStatusOnAndHideTheLineAboutIncubatorModules() {
        launch("--version");

        Ended ended = launch("inspect", "none.gguf");

        assertThat(ended.status()).isEqualTo(2);
        assertThat(ended.err())
                .startsWith("foretoken: model none.gguf does not exist")
                .hasLineCount(1);
    }

    @Test
    void shouldShowTheEndOfTheLogWhenTheBuildFails() throws IOException {
        script("mvn", "echo 'cannot find symbol'; exit 1");

        Ended ended = launch("--version");

        assertThat(ended.err()).contains("the build failed").contains("cannot find symbol");
        assertThat(ended.status()).isEqualTo(1);
        assertThat(launch("--version").status())
                .as("it does not run what was not built")
                .isEqualTo(1);
    }

    @Test
    void shouldStopTheBuildWhenInterruptedAndBuildAgainLater() throws IOException {
        Path started = directory.resolve("started");
        String working = Files.readString(tools.resolve("mvn"));
        Files.writeString(tools.resolve("mvn"), "#!/bin/sh\ntouch %s\nexec sleep 90\n".formatted(started));

        Ended interrupted = launch(
                root.resolve("foretoken"),
                directory,
                Map.of(),
                process -> {
                    awaitThat(() -> Files.exists(started), "the build to start");
                    process.destroy();
                },
                "--version");
        Files.writeString(tools.resolve("mvn"), working);

        assertThat(interrupted.status()).isEqualTo(130);
        assertThat(launch("--version").status()).isZero();
    }

    @Test
    void shouldCompleteTheTraceWhenTerminated() throws IOException {
        Path traces = directory.resolve("traces");
        launch("--version");

        Ended terminated = launch(
                root.resolve("foretoken"),
                directory,
                Map.of(),
                process -> {
                    awaitThat(() -> hasText("out"), "the first tokens");
                    process.destroy(); // SIGTERM: a test in the background inherits an ignored SIGINT
                },
                ("generate --json --max-tokens 1000 --context 1024 --logit-bias 0=-100 --tree-size 1 --trace " + traces
                                + " int")
                        .split(" "));
        Ended replayed = launch("replay", traces.toString());

        assertThat(terminated.status()).isEqualTo(128 + 15);
        assertThat(terminated.err()).isEmpty();
        assertThat(terminated.out()).endsWith("}\n").doesNotContain("summary");
        assertThat(replayed.out()).startsWith("1 session, ").contains("every bit is equal");
    }

    private boolean hasText(String prefix) {
        try (Stream<Path> files = Files.list(directory)) {
            return files.anyMatch(file -> file.getFileName().toString().startsWith(prefix)
                    && file.toFile().length() > 200);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void awaitThat(BooleanSupplier condition, String what) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waited 60 s for %s", what).isLessThan(deadline);
            Thread.sleep(20);
        }
    }

    @Test
    void shouldSayWhatToInstallWhenMavenIsMissing() throws IOException {
        Files.delete(tools.resolve("mvn"));
        offer("bash", "dirname", "readlink", "grep", "find", "head", "mkdir", "flock", "rm", "cat", "ls");

        Ended ended = launch(root.resolve("foretoken"), directory, Map.of("PATH", tools.toString()), "--version");

        assertThat(ended.err()).contains("Maven is missing").contains("apt-get install maven");
        assertThat(ended.status()).isEqualTo(1);
    }

    @Test
    void shouldSayWhatToInstallWhenThereIsNoJava25() throws IOException {
        Files.writeString(
                root.resolve("foretoken"),
                Files.readString(root.resolve("foretoken")).replaceAll("(?<!#!)/(usr|opt|Library)/", "/nowhere/"));
        offer("bash", "dirname", "readlink", "grep", "find", "head");

        Ended ended = launch(
                root.resolve("foretoken"),
                directory,
                Map.of("PATH", tools.toString(), "JAVA_HOME", "/nowhere", "HOME", directory.toString()),
                "--version");

        assertThat(ended.err())
                .contains("no Java 25 found")
                .contains("Temurin 25")
                .contains("JAVA_HOME");
        assertThat(ended.status()).isEqualTo(1);
    }

    /** Makes these commands, and no others, available on a PATH of {@link #tools} alone. */
    private void offer(String... names) throws IOException {
        for (String name : names) {
            Path command = Stream.of("/bin", "/usr/bin")
                    .map(bin -> Path.of(bin, name))
                    .filter(Files::exists)
                    .findFirst()
                    .orElseThrow();
            script(name, "exec %s \"$@\"\n".formatted(command));
        }
    }
}
