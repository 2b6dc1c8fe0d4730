package dev.foretoken.transport.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.foretoken.engine.error.InvalidInputException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import net.openhft.chronicle.queue.ChronicleQueue;
import net.openhft.chronicle.queue.ExcerptAppender;
import net.openhft.chronicle.queue.ExcerptTailer;
import net.openhft.chronicle.queue.RollCycles;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueueBuilder;
import net.openhft.chronicle.wire.DocumentContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TraceReaderTest {
    @TempDir
    Path traces;

    @Test
    void shouldRefuseADirectoryThatDoesNotExist() {
        Path missing = traces.resolve("missing");

        assertThatThrownBy(() -> TraceReader.open(missing))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("trace directory %s does not exist, expected a directory written with --trace"
                        .formatted(missing));
    }

    @Test
    void shouldRefuseAFileInPlaceOfADirectory() throws IOException {
        Path file = Files.createFile(traces.resolve("file"));

        assertThatThrownBy(() -> TraceReader.open(file))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("trace directory %s is a file, expected a directory written with --trace".formatted(file));
    }

    @Test
    void shouldRefuseADirectoryWithoutRuns() throws IOException {
        Files.createDirectory(traces.resolve("holiday-photos"));

        assertThatThrownBy(() -> TraceReader.open(traces))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("holds no run")
                .hasMessageContaining("run-...");
    }

    @Test
    void shouldReadOneRunAloneAlsoUnderAnotherName() throws IOException {
        List<TraceEvent> written = writeRun(1);
        Path renamed = Files.move(run(), traces.resolve("kept"));

        assertThat(ChronicleTraceSinkTest.read(renamed)).isEqualTo(written);
    }

    @Test
    void shouldTakeARunThatWasKilledBeforeItsFirstRecordAsEmpty() throws IOException {
        Path run = Files.createDirectory(traces.resolve("run-killed-early"));
        Files.write(run.resolve("20261122F.cq4"), new byte[4096]);

        assertThat(ChronicleTraceSinkTest.read(traces)).isEmpty();
    }

    @Test
    void shouldRefuseForeignFiles() throws IOException {
        Path run = Files.createDirectory(traces.resolve("run-foreign"));
        Path file = Files.writeString(run.resolve("20261122F.cq4"), "This is a letter, not a trace. ".repeat(100));

        assertThatThrownBy(() -> ChronicleTraceSinkTest.read(traces))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining(file + " is no trace file: it does not start as a Chronicle queue file does");
    }

    @Test
    void shouldRefuseTheQueueOfAnotherProgram() {
        Path run = traces.resolve("run-other");
        try (ChronicleQueue queue = SingleChronicleQueueBuilder.binary(run)
                        .blockSize(1 << 20)
                        .build();
                ExcerptAppender appender = queue.createAppender()) {
            appender.writeText("an order");
            appender.writeText("another order");
        }

        assertThatThrownBy(() -> ChronicleTraceSinkTest.read(traces))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("is damaged, record at byte")
                .hasMessageContaining("the queue may be another program's");
    }

    @Test
    void shouldIgnoreATornTail() throws IOException {
        List<TraceEvent> written = writeRun(2);
        Path file = queueFile();
        long end = endOfLastRecord(file);

        // the machine dies with the last record's end not yet on disk
        try (RandomAccessFile tail = new RandomAccessFile(file.toFile(), "rw")) {
            tail.setLength(end - 10);
        }
        assertThat(ChronicleTraceSinkTest.read(traces)).isEqualTo(written.subList(0, written.size() - 1));

        // or with zeros in its place
        try (RandomAccessFile tail = new RandomAccessFile(file.toFile(), "rw")) {
            tail.setLength(end + 4096);
        }
        assertThat(ChronicleTraceSinkTest.read(traces)).isEqualTo(written.subList(0, written.size() - 1));
    }

    @Test
    void shouldReadTheWholeRecordsOfAFileCutAnywhere() throws IOException {
        List<TraceEvent> written = writeRun(2);
        Path file = queueFile();
        byte[] whole = Files.readAllBytes(file);

        int lengthsWithRecords = 0;
        for (int length = whole.length; length >= 0; length -= 97) {
            Files.write(file, java.util.Arrays.copyOf(whole, length));
            try {
                List<TraceEvent> read = ChronicleTraceSinkTest.read(traces);
                assertThat(read).isEqualTo(written.subList(0, read.size()));
                lengthsWithRecords += read.isEmpty() ? 0 : 1;
            } catch (InvalidInputException e) {
                assertThat(length)
                        .as("only the queue's own description may be refused")
                        .isLessThan(4096);
            }
        }
        assertThat(lengthsWithRecords).isGreaterThan(50);
    }

    @Test
    void shouldRefuseARecordThatChangedInTheMiddle() throws IOException {
        writeRun(2);
        Path file = queueFile();
        flipByte(file, endOfLastRecord(file) / 2 + 40_000);

        assertThatThrownBy(() -> ChronicleTraceSinkTest.read(traces))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("trace file " + file + " is damaged, record at byte")
                .hasMessageContaining("its checksum does not match its content");
    }

    @Test
    void shouldNotTakeARecordThatWasCompleteForTheTail() throws IOException {
        writeRun(2);
        Path file = queueFile();
        long secondRecord;
        try (QueueFile records = QueueFile.open(file)) {
            records.next();
            records.next();
            secondRecord = records.contentAt();
        }
        // the top bit of the header says that the record is being written
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            bytes.seek(secondRecord - 1);
            int was = bytes.read();
            bytes.seek(secondRecord - 1);
            bytes.write(was | 0x80);
        }

        assertThatThrownBy(() -> ChronicleTraceSinkTest.read(traces))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("trace file %s is damaged at byte %d".formatted(file, secondRecord - 4))
                .hasMessageContaining("a record that is not complete lies before others");
    }

    private static void flipByte(Path file, long at) throws IOException {
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            bytes.seek(at);
            int was = bytes.read();
            bytes.seek(at);
            bytes.write(was ^ 0x10);
        }
    }

    @Test
    void shouldRefuseANewerMajorVersionAndNameBoth() {
        writeRaw(record -> {
            byte[] bytes = record.clone();
            bytes[RecordLayout.MAJOR_AT] = 9;
            return bytes;
        });

        assertThatThrownBy(() -> ChronicleTraceSinkTest.read(traces))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining(
                        "has record version 9.0, expected 1: replay it with the version of Foretoken that wrote it");
    }

    @Test
    void shouldSkipKindsItDoesNotKnowAndIgnoreWhatANewerMinorVersionAppends() {
        RandomTraces random = new RandomTraces(7);
        RecordBuffer buffer = new RecordBuffer();
        try (ChronicleQueue queue = rawQueue();
                ExcerptAppender appender = queue.createAppender()) {
            RecordEncoder.encode(random.start(1), "", -1, buffer);
            buffer.putText("something of version 1.1");
            append(appender, buffer);
            buffer.restart(99);
            buffer.putText("a kind of version 1.1");
            append(appender, buffer);
            RecordEncoder.encode(random.end(1), buffer);
            append(appender, buffer);
        }

        assertThat(ChronicleTraceSinkTest.read(traces))
                .hasExactlyElementsOfTypes(TraceEvent.SessionStarted.class, TraceEvent.SessionEnded.class);
    }

    @Test
    void shouldReadTheContinuationOfAnotherRun() {
        RandomTraces random = new RandomTraces(7);
        RecordBuffer buffer = new RecordBuffer();
        try (ChronicleQueue queue = rawQueue();
                ExcerptAppender appender = queue.createAppender()) {
            RecordEncoder.encode(random.start(1), "run-before", 41, buffer);
            append(appender, buffer);
        }

        TraceEvent.SessionStarted started =
                (TraceEvent.SessionStarted) ChronicleTraceSinkTest.read(traces).getFirst();
        assertThat(started.continuesRun()).isEqualTo("run-before");
        assertThat(started.continuesSessionId()).isEqualTo(41);
    }

    @Test
    void shouldRefuseStepsOutOfOrder() {
        RandomTraces random = new RandomTraces(7);
        try (ChronicleTraceSink sink = ChronicleTraceSink.open(traces, false)) {
            sink.sessionStarted(random.start(1));
            sink.stepVerified(random.step(1, 0));
            sink.stepVerified(random.step(1, 2));
        }

        List<RecordedSession> before = new ArrayList<>();
        assertThatThrownBy(() -> TraceReader.open(traces).sessions().forEach(before::add))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("session 1 has step 2 where step 1 belongs");
        assertThat(before)
                .hasSize(1)
                .first()
                .satisfies(session -> assertThat(session.steps()).hasSize(1));
    }

    @Test
    void shouldGroupInterleavedSessions() {
        RandomTraces random = new RandomTraces(9);
        try (ChronicleTraceSink sink = ChronicleTraceSink.open(traces, false)) {
            sink.sessionStarted(random.start(1));
            sink.sessionStarted(random.start(2));
            sink.sessionStarted(random.start(3));
            for (int step = 0; step < 5; step++) {
                for (int session = 1; session <= 3; session++) {
                    sink.stepVerified(random.step(session, step));
                }
            }
            sink.sessionEnded(random.end(2));
            sink.sessionEnded(random.end(1));
        }

        List<RecordedSession> sessions = TraceReader.open(traces).sessions().toList();

        assertThat(sessions).extracting(RecordedSession::sessionId).containsExactly(2L, 1L, 3L);
        assertThat(sessions).allSatisfy(session -> assertThat(session.steps()).hasSize(5));
        assertThat(sessions.getFirst().end()).isNotNull();
        assertThat(sessions.getLast().end()).isNull();
    }

    @Test
    void shouldNeitherMakeNorChangeAnyFile() throws IOException {
        writeRun(3);
        Map<String, String> before = snapshot();

        ChronicleTraceSinkTest.read(traces);
        TraceReader.open(traces).sessions().toList();

        assertThat(snapshot()).isEqualTo(before);
    }

    @Test
    void shouldNotOpenPipesAndDirectoriesThatLookLikeQueueFiles() throws Exception {
        List<TraceEvent> written = writeRun(3);
        Files.createDirectory(run().resolve("20200101F.cq4"));
        Process pipe =
                new ProcessBuilder("mkfifo", run().resolve("20200102F.cq4").toString()).start();
        org.junit.jupiter.api.Assumptions.assumeTrue(pipe.waitFor() == 0, "mkfifo is missing");

        assertThat(ChronicleTraceSinkTest.read(traces)).isEqualTo(written);
    }

    /** The framing is Chronicle's: its own tailer must see the same documents. */
    @Test
    void shouldSeeTheDocumentsThatChronicleSees() {
        writeRun(4);
        List<byte[]> ours = new ArrayList<>();
        try (QueueFile file = QueueFile.open(queueFile())) {
            while (file.next()) {
                ours.add(java.util.Arrays.copyOf(file.content(), file.contentBytes()));
            }
        }

        List<byte[]> theirs = new ArrayList<>();
        try (ChronicleQueue queue = SingleChronicleQueueBuilder.binary(run())
                        .blockSize(1 << 20)
                        .build();
                ExcerptTailer tailer = queue.createTailer()) {
            while (true) {
                try (DocumentContext document = tailer.readingDocument()) {
                    if (!document.isPresent()) {
                        break;
                    }
                    theirs.add(document.wire().bytes().toByteArray());
                }
            }
        }

        assertThat(ours).hasSameSizeAs(theirs).hasSizeGreaterThan(40);
        for (int i = 0; i < ours.size(); i++) {
            assertThat(ours.get(i)).isEqualTo(theirs.get(i));
        }
    }

    private List<TraceEvent> writeRun(long seed) {
        RandomTraces random = new RandomTraces(seed);
        List<TraceEvent> written = new ArrayList<>();
        try (ChronicleTraceSink sink = ChronicleTraceSink.open(traces, false)) {
            written.add(ChronicleTraceSinkTest.write(sink, random.start(1)));
            for (int step = 0; step < 40; step++) {
                written.add(ChronicleTraceSinkTest.write(sink, random.step(1, step)));
            }
            written.add(ChronicleTraceSinkTest.write(sink, random.end(1)));
        }
        return written;
    }

    private interface Alteration {
        byte[] of(byte[] record);
    }

    private void writeRaw(Alteration alteration) {
        RecordBuffer buffer = new RecordBuffer();
        RecordEncoder.encode(new RandomTraces(1).start(1), "", -1, buffer);
        int at = buffer.sealPart(0);
        byte[] altered = alteration.of(java.util.Arrays.copyOfRange(buffer.array(), at, at + buffer.partBytes(0)));
        try (ChronicleQueue queue = rawQueue();
                ExcerptAppender appender = queue.createAppender()) {
            append(appender, altered);
        }
    }

    private ChronicleQueue rawQueue() {
        return SingleChronicleQueueBuilder.binary(traces.resolve("run-raw"))
                .blockSize(1 << 20)
                .rollCycle(RollCycles.FAST_DAILY)
                .build();
    }

    private static void append(ExcerptAppender appender, RecordBuffer buffer) {
        int at = buffer.sealPart(0);
        append(appender, java.util.Arrays.copyOfRange(buffer.array(), at, at + buffer.partBytes(0)));
    }

    private static void append(ExcerptAppender appender, byte[] bytes) {
        try (DocumentContext document = appender.writingDocument()) {
            document.wire().bytes().write(bytes);
        }
    }

    private Path run() {
        return TraceReader.open(traces).runs().getFirst().directory();
    }

    private Path queueFile() {
        return new TraceRun(run()).files().getFirst();
    }

    private static long endOfLastRecord(Path path) {
        long end = 0;
        try (QueueFile file = QueueFile.open(path)) {
            while (file.next()) {
                end = file.contentAt() + file.contentBytes();
            }
        }
        return end;
    }

    /** Names, sizes, times and contents of everything there. */
    private Map<String, String> snapshot() throws IOException {
        Map<String, String> snapshot = new TreeMap<>();
        try (Stream<Path> paths = Files.walk(traces)) {
            for (Path path : paths.toList()) {
                FileTime modified = Files.getLastModifiedTime(path);
                String content = Files.isRegularFile(path)
                        ? Integer.toHexString(
                                new String(Files.readAllBytes(path), StandardCharsets.ISO_8859_1).hashCode())
                        : "";
                snapshot.put(path.toString(), modified + " " + Files.getAttribute(path, "size") + " " + content);
            }
        }
        return snapshot;
    }
}
