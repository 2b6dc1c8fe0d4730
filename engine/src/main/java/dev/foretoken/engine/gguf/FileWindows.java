package dev.foretoken.engine.gguf;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * A file mapped as a whole, and parts of it mapped once more on their own. Pages that were read through a mapping count as the
 * process's memory while it lasts; a part's mapping can end before the file's. A thread that is interrupted still gets its
 * parts, and stays interrupted. Thread-safe.
 */
final class FileWindows implements AutoCloseable {
    /** A multiple of the hash's stride. */
    private static final int HASH_BYTES = 1 << 16;

    /** One part and its mapping. */
    private record Window(Arena arena, MemorySegment data) {}

    private final SteadyFile file;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment whole;
    private final Map<Long, Window> windows = new HashMap<>(); // by position; guarded by this

    private FileWindows(SteadyFile file) throws IOException {
        this.file = file;
        this.whole = file.read(channel -> map(channel, 0, channel.size(), arena));
    }

    static FileWindows open(Path path) throws IOException {
        SteadyFile file = new SteadyFile(path);
        try {
            return new FileWindows(file);
        } catch (IOException | RuntimeException | Error failed) {
            file.close();
            throw failed;
        }
    }

    private static MemorySegment map(FileChannel channel, long position, long bytes, Arena owner) throws IOException {
        return channel.map(MapMode.READ_ONLY, position, bytes, owner);
    }

    /** The whole file, until it is closed. Small parts are best read here. */
    MemorySegment whole() {
        return whole;
    }

    /**
     * A part, until it is released or the file is closed; the same one while it is not released.
     *
     * @throws IOException if the system does not map it, or another file has taken this one's place
     */
    synchronized MemorySegment window(long position, long bytes) throws IOException {
        Window known = windows.get(position);
        if (known != null && known.data().byteSize() == bytes) {
            return known.data();
        }
        release(position);
        if (!arena.scope().isAlive()) {
            throw new IllegalStateException("the file is closed");
        }
        Arena own = Arena.ofShared();
        try {
            MemorySegment data = file.read(channel -> map(channel, position, bytes, own));
            windows.put(position, new Window(own, data));
            return data;
        } catch (IOException | RuntimeException | Error failed) {
            own.close();
            throw failed;
        }
    }

    /** Ends the part that begins here, if there is one. */
    synchronized void release(long position) {
        Window window = windows.remove(position);
        if (window != null) {
            window.arena().close();
        }
    }

    /** {@link ContentHash} of the whole file, read piece by piece and not mapped. */
    long contentHash() throws IOException {
        ContentHash hash = new ContentHash();
        ByteBuffer piece = ByteBuffer.allocate(HASH_BYTES);
        long size = whole.byteSize();
        for (long at = 0; at < size; at += HASH_BYTES) {
            piece.clear().limit((int) Math.min(HASH_BYTES, size - at));
            long from = at;
            file.read(channel -> fill(piece, channel, from));
            hash.add(MemorySegment.ofBuffer(piece.flip()));
        }
        return hash.value();
    }

    /** Fills what is left of a piece that begins at a position. */
    private static ByteBuffer fill(ByteBuffer piece, FileChannel channel, long from) throws IOException {
        while (piece.hasRemaining()) {
            if (channel.read(piece, from + piece.position()) < 0) {
                throw new IOException("it was shortened while it was read");
            }
        }
        return piece;
    }

    @Override
    public synchronized void close() {
        if (!arena.scope().isAlive()) {
            return;
        }
        windows.values().forEach(window -> window.arena().close());
        windows.clear();
        arena.close();
        try {
            file.close();
        } catch (IOException e) {
            throw new UncheckedIOException("the file cannot be closed", e);
        }
    }
}
