package dev.foretoken.engine.gguf;

import dev.foretoken.engine.error.InvalidInputException;
import dev.foretoken.engine.error.IoProblem;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An open GGUF file, version 2 or 3: metadata, tensor descriptions and the bytes of the tensors, memory-mapped (files
 * above 2 GiB too). Opening reads and checks the head and nothing else, so it takes milliseconds. Each tensor has a mapping
 * of its own, which {@link #release} ends: what was read stays in the system's page cache, but does not count as this
 * process's memory until the whole file has been read.
 * <p>Thread-safe. Nothing may use its segments after {@link #close()}: they then throw {@link IllegalStateException}.
 * The file must not be shortened by others while it is open (the operating system answers that with a fault).
 * <p>Source: the GGUF specification of the ggml project.
 */
public final class GgufFile implements AutoCloseable {
    private final String name;
    private final MemorySegment data;
    private final GgufReader.Head head;
    private final Map<String, GgufTensor> byName = new HashMap<>();
    private final @Nullable FileWindows windows;
    private @Nullable String contentHash; // guarded by this

    private GgufFile(String name, MemorySegment data, @Nullable FileWindows windows) {
        this.name = name;
        this.data = data;
        this.windows = windows;
        this.head = new GgufReader(data, name).read();
        head.tensors().forEach(tensor -> byName.put(tensor.name(), tensor));
    }

    /**
     * Maps a file and checks it.
     *
     * @throws InvalidInputException in one sentence, if the file cannot be read or is not a sound GGUF file
     */
    public static GgufFile open(Path path) {
        checkReadable(path);
        FileWindows windows = null;
        try {
            windows = FileWindows.open(path);
            return new GgufFile(path.toString(), windows.whole(), windows);
        } catch (IOException failed) {
            throw unreadable(path, IoProblem.of(failed), failed);
        } catch (RuntimeException | Error refused) {
            if (windows != null) {
                windows.close();
            }
            throw refused;
        }
    }

    /**
     * Checks a file that is in memory already. Closing it does nothing: the segment belongs to the caller.
     *
     * @param data the whole file, of any origin (a heap array too)
     * @param name for messages and traces, for example {@code embedded:tiny}
     * @throws InvalidInputException in one sentence, if it is not a sound GGUF file
     */
    public static GgufFile of(MemorySegment data, String name) {
        return new GgufFile(name, data.asReadOnly(), null);
    }

    private static void checkReadable(Path path) {
        if (path.toString().isEmpty()) {
            throw new InvalidInputException("the path of the model is empty, expected a GGUF file; give its path");
        }
        BasicFileAttributes attributes = attributes(path);
        if (attributes.isDirectory()) {
            throw new InvalidInputException("model %s is a directory, expected a GGUF file".formatted(path));
        }
        if (!attributes.isRegularFile()) {
            throw new InvalidInputException("model %s is not a regular file, expected a GGUF file".formatted(path));
        }
    }

    private static BasicFileAttributes attributes(Path path) {
        try {
            return Files.readAttributes(path, BasicFileAttributes.class);
        } catch (NoSuchFileException missing) {
            throw new InvalidInputException(
                    "model %s does not exist, expected a GGUF file; check the path".formatted(path), missing);
        } catch (AccessDeniedException denied) {
            throw unreadable(path, "a folder above it is not accessible", denied);
        } catch (IOException failed) {
            throw unreadable(path, IoProblem.of(failed), failed);
        }
    }

    private static InvalidInputException unreadable(Path path, String reason, Exception cause) {
        return new InvalidInputException(
                "model %s cannot be read (%s), expected a readable GGUF file; check path and permissions"
                        .formatted(path, reason),
                cause);
    }

    /** The refusal of a file for what is in it, naming it first. */
    public static InvalidInputException refused(String name, String problem) {
        return new InvalidInputException(refusal(name, problem));
    }

    /** A refusal that may not name the file yet, as one that does. */
    public static InvalidInputException refused(String name, InvalidInputException cause) {
        String problem = String.valueOf(cause.getMessage());
        String message = problem.startsWith(refusal(name, "")) ? problem : refusal(name, problem);
        return new InvalidInputException(message, cause);
    }

    private static String refusal(String name, String problem) {
        return "model %s cannot be used: %s".formatted(name, problem);
    }

    /** The path it was opened with, or the name it was given. */
    public String name() {
        return name;
    }

    /** Bytes of the whole file. */
    public long sizeBytes() {
        return data.byteSize();
    }

    /** 2 or 3. */
    public int version() {
        return head.version();
    }

    public GgufMetadata metadata() {
        return head.metadata();
    }

    /** All tensors, in the file's order. */
    public List<GgufTensor> tensors() {
        return head.tensors();
    }

    public Optional<GgufTensor> tensor(String tensorName) {
        return Optional.ofNullable(byName.get(tensorName));
    }

    /**
     * The bytes of a tensor of this file: {@link GgufTensor#sizeBytes()} of them, read only, little-endian.
     *
     * @throws InvalidInputException if the file cannot be read any more
     */
    public MemorySegment data(GgufTensor tensor) {
        long from = head.dataOffset() + tensor.offset();
        return windows == null ? data.asSlice(from, tensor.sizeBytes()) : window(windows, from, tensor.sizeBytes());
    }

    private MemorySegment window(FileWindows file, long from, long bytes) {
        try {
            return file.window(from, bytes);
        } catch (IOException failed) {
            throw unreadable(Path.of(name), IoProblem.of(failed), failed);
        }
    }

    /**
     * Says that the bytes of a tensor are not needed for now: segments that {@link #data} gave for it must not be used any
     * more. It may be asked for again.
     */
    public void release(GgufTensor tensor) {
        if (windows != null) {
            windows.release(head.dataOffset() + tensor.offset());
        }
    }

    /**
     * A 64-bit hash of the whole content, as 16 hexadecimal digits; reads the whole file at the first call (a few
     * gigabytes per second once it is in the page cache) and remembers the answer. Tells files apart, proves nothing
     * against forgery.
     *
     * @throws InvalidInputException if the file cannot be read any more
     */
    public synchronized String contentHash() {
        String hash = contentHash;
        if (hash == null) {
            hash = "%016x".formatted(windows == null ? ContentHash.of(data) : hashOf(windows));
            contentHash = hash;
        }
        return hash;
    }

    private long hashOf(FileWindows file) {
        try {
            return file.contentHash();
        } catch (IOException failed) {
            throw unreadable(Path.of(name), IoProblem.of(failed), failed);
        }
    }

    /** Unmaps the file. Idempotent. */
    @Override
    public void close() {
        if (windows != null) {
            windows.close();
        }
    }
}
