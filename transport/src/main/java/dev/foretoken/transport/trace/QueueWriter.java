package dev.foretoken.transport.trace;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import net.openhft.chronicle.bytes.Bytes;
import net.openhft.chronicle.bytes.MappedBytes;
import net.openhft.chronicle.bytes.MappedFile;
import net.openhft.chronicle.bytes.SyncMode;
import net.openhft.chronicle.queue.ChronicleQueue;
import net.openhft.chronicle.queue.ExcerptAppender;
import net.openhft.chronicle.queue.RollCycles;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueueBuilder;
import net.openhft.chronicle.wire.DocumentContext;
import org.jspecify.annotations.Nullable;

/**
 * Appends records to the queue of one run, a new file every day (UTC), after making sure of the room on disk. Appending
 * allocates nothing but what Chronicle needs to map the next block. Not thread-safe.
 */
final class QueueWriter implements Closeable {
    /** The first mapping of a new file, its overlap included, and the queue's own table. */
    static final long NEW_FILE_BYTES = (1 << 20) + (1 << 18) + (128 << 10);

    private static final int BLOCK_BYTES = 1 << 20;
    /** What the queue itself may write between two records: one array of its index. */
    private static final int INDEX_BYTES = 64 << 10;

    private static final RollCycles DAILY = RollCycles.FAST_DAILY;

    static {
        // Read when Chronicle's classes load: no usage statistics, no banner, no thread that watches disks.
        System.setProperty("chronicle.analytics.disable", "true");
        System.setProperty("chronicle.announcer.disable", "true");
        System.setProperty("chronicle.disk.monitor.disable", "true");
    }

    private final Path directory;
    private final FreeSpace freeSpace;
    private final InstantSource clock;
    private final boolean sync;
    private final ChronicleQueue queue;
    private final ExcerptAppender appender;
    /** The time as the queue is told: it enters a new day only between two records and after a look at the disk. */
    private long queueTimeMs;

    private long fileDay = Long.MIN_VALUE;
    private @Nullable ReservedFile file;
    private long writtenTo;

    /** @param sync every record is on disk before {@link #append} returns */
    QueueWriter(Path directory, boolean sync, FreeSpace freeSpace, InstantSource clock) {
        this.directory = directory;
        this.sync = sync;
        this.freeSpace = freeSpace;
        this.clock = clock;
        queueTimeMs = clock.millis();
        queue = SingleChronicleQueueBuilder.binary(directory)
                .blockSize(BLOCK_BYTES)
                .rollCycle(DAILY)
                .timeProvider(() -> queueTimeMs)
                .syncMode(SyncMode.NONE)
                .build();
        appender = queue.createAppender();
        appender.singleThreadedCheckDisabled(true);
    }

    /** @throws NoSpaceException before anything of the record's next part was written */
    void append(RecordBuffer record) throws IOException, NoSpaceException {
        long nowMs = clock.millis();
        if (nowMs / DAILY.lengthInMillis() > fileDay) {
            enterDay(nowMs);
        }
        for (int part = 0; part < record.parts(); part++) {
            if (file != null) {
                file.reserve(writtenTo + record.partBytes(part) + INDEX_BYTES);
            }
            appendDocument(record.array(), record.sealPart(part), record.partBytes(part));
        }
        if (sync && file != null) {
            file.sync();
        }
    }

    private void enterDay(long nowMs) throws IOException, NoSpaceException {
        ReservedFile.checkSpace(freeSpace, directory, NEW_FILE_BYTES);
        queueTimeMs = nowMs;
        fileDay = nowMs / DAILY.lengthInMillis();
        if (file != null) {
            file.close();
            file = null;
        }
    }

    private void appendDocument(byte[] bytes, int from, int count) throws IOException {
        DocumentContext document = appender.writingDocument();
        try {
            Bytes<?> mapped = document.wire().bytes();
            mapped.write(bytes, from, count);
            writtenTo = mapped.writePosition();
            if (file == null) {
                enterFile(((MappedBytes) mapped).mappedFile());
            }
        } catch (IOException | RuntimeException | Error e) {
            document.rollbackOnClose();
            throw e;
        } finally {
            document.close();
        }
    }

    private void enterFile(MappedFile mappedFile) throws IOException {
        mappedFile.setNewChunkListener(null); // it would log every block
        file = new ReservedFile(mappedFile.file(), writtenTo, freeSpace);
        if (sync) {
            RunDirectory.sync(directory);
        }
    }

    /** Gives the reserved room back. */
    @Override
    public void close() throws IOException {
        try (ReservedFile last = file) {
            queue.close();
            if (last != null) {
                last.trim(writtenTo);
            }
        }
    }
}
