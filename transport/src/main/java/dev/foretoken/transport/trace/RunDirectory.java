package dev.foretoken.transport.trace;

import dev.foretoken.engine.error.InvalidInputException;
import dev.foretoken.engine.error.IoProblem;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HexFormat;
import java.util.Set;
import java.util.function.Consumer;

/** Makes the directory that one run of an engine has for itself. */
final class RunDirectory {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss.SSS'Z'").withZone(ZoneOffset.UTC);
    private static final int ATTEMPTS = 16;
    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rwx------");

    private RunDirectory() {}

    /**
     * Looks whether a run could be made, and leaves everything as it was.
     *
     * @param usable looks at the directory while it is there
     * @throws InvalidInputException as {@link #create}
     */
    static void check(Path traceDirectory, Instant now, Consumer<Path> usable) {
        Path existing = traceDirectory.toAbsolutePath().normalize();
        Deque<Path> missing = new ArrayDeque<>();
        while (existing != null && Files.notExists(existing)) {
            missing.addLast(existing);
            existing = existing.getParent();
        }
        try {
            Path run = create(traceDirectory, now);
            try {
                usable.accept(run);
            } finally {
                Files.delete(run);
            }
        } catch (IOException e) {
            throw unwritable(traceDirectory, e);
        } finally {
            missing.forEach(RunDirectory::deleteIfPossible);
        }
    }

    /** Only what is empty goes. */
    private static void deleteIfPossible(Path directory) {
        try {
            Files.deleteIfExists(directory);
        } catch (IOException e) {
            // somebody uses it by now
        }
    }

    /**
     * @param traceDirectory made if it does not exist
     * @return a new, empty sub-directory, named after time, process and chance; only its owner may enter it, where the file
     *     system knows owners
     * @throws InvalidInputException if nothing can be made there
     */
    static Path create(Path traceDirectory, Instant now) {
        if (traceDirectory.toString().isEmpty()) {
            throw new InvalidInputException(
                    "the path of the trace directory is empty, expected a directory: name one, . for the current one");
        }
        if (Files.exists(traceDirectory) && !Files.isDirectory(traceDirectory)) {
            throw new InvalidInputException(
                    "trace directory %s is a file, expected a directory: pass another one".formatted(traceDirectory));
        }
        try {
            Files.createDirectories(traceDirectory);
            return createRun(traceDirectory.toRealPath(), now);
        } catch (IOException e) {
            throw unwritable(traceDirectory, e);
        }
    }

    private static InvalidInputException unwritable(Path traceDirectory, IOException e) {
        return new InvalidInputException(
                "trace directory %s cannot be written (%s), expected a writable directory: check its permissions or pass another one"
                        .formatted(traceDirectory, IoProblem.of(e)),
                e);
    }

    private static Path createRun(Path traceDirectory, Instant now) throws IOException {
        FileAttribute<?>[] permissions =
                onlyForItsOwner(traceDirectory.getFileSystem().supportedFileAttributeViews());
        SecureRandom random = new SecureRandom();
        FileAlreadyExistsException taken = null;
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            String chance = HexFormat.of().toHexDigits((short) random.nextInt());
            String name = TraceRun.PREFIX + TIME.format(now) + "-"
                    + ProcessHandle.current().pid() + "-" + chance;
            try {
                return Files.createDirectory(traceDirectory.resolve(name), permissions);
            } catch (FileAlreadyExistsException e) {
                taken = e;
            }
        }
        throw taken;
    }

    /** A trace holds whole prompts and answers. Empty where a file system's views know no such permissions: it would refuse them. */
    static FileAttribute<?>[] onlyForItsOwner(Set<String> views) {
        return views.contains("posix")
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(OWNER_ONLY)}
                : new FileAttribute<?>[0];
    }

    /** Puts a directory's entries on disk, where the system can do that (Windows cannot open directories). */
    static void sync(Path directory) throws IOException {
        try (FileChannel channel = openDirectory(directory)) {
            if (channel != null) {
                channel.force(true);
            }
        }
    }

    private static FileChannel openDirectory(Path directory) {
        try {
            return FileChannel.open(directory, StandardOpenOption.READ);
        } catch (IOException e) {
            return null;
        }
    }
}
