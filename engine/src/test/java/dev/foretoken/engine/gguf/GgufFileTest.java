package dev.foretoken.engine.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.foretoken.engine.error.InvalidInputException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GgufFileTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void shouldGiveBackEverythingThatWasWritten(int version) {
        GgufFile file = new GgufBuilder()
                .version(version)
                .string("text", "Zürich \uD83D\uDE80")
                .uint32("int", -1)
                .uint64("long", Long.MAX_VALUE)
                .float32("float", 0.1f)
                .bool("flag", true)
                .strings("texts", "a", "", "ß")
                .ints("ints", 1, -2, 3)
                .floats("floats", 0.5f, -1)
                .tensor("t", 0, bytes(1f, 2f, 3f, 4f, 5f, 6f), 3, 2)
                .tensor("u", TensorType.Q8_0, 64)
                .open();

        GgufMetadata metadata = file.metadata();
        assertThat(file.version()).isEqualTo(version);
        assertThat(metadata.keys()).containsExactly("text", "int", "long", "float", "flag", "texts", "ints", "floats");
        assertThat(metadata.string("text")).contains("Zürich \uD83D\uDE80");
        assertThat(metadata.integer("int")).hasValue(4294967295L);
        assertThat(metadata.integer("long")).hasValue(Long.MAX_VALUE);
        assertThat(metadata.number("float")).hasValue(0.1f);
        assertThat(metadata.bool("flag")).contains(true);
        assertThat(metadata.strings("texts").orElseThrow()).containsExactly("a", "", "ß");
        assertThat(metadata.ints("ints").orElseThrow()).containsExactly(1, -2, 3);
        assertThat(metadata.floats("floats").orElseThrow()).containsExactly(0.5f, -1);
        assertThat(metadata.count("texts")).hasValue(3);
        assertThat(file.tensors())
                .containsExactly(
                        new GgufTensor("t", TensorType.F32, List.of(3L, 2L), 0, 24),
                        new GgufTensor("u", TensorType.Q8_0, List.of(64L), 32, 68));
        GgufTensor t = file.tensor("t").orElseThrow();
        assertThat(new long[] {t.columns(), t.rows(), t.elementCount()}).containsExactly(3, 2, 6);
        assertThat(file.data(t).toArray(GgufCursor.FLOAT)).containsExactly(1f, 2f, 3f, 4f, 5f, 6f);
        assertThat(file.tensor("v")).isEmpty();
    }

    @Test
    void shouldTakeMinusOneForNoTokenInEveryWidth() {
        GgufMetadata metadata = new GgufBuilder()
                .uint32("some", 2)
                .uint32("none32", -1)
                .uint64("none64", -1)
                .raw("noneSigned", 5, new byte[] {-1, -1, -1, -1})
                .open()
                .metadata();

        assertThat(metadata.tokenId("some")).hasValue(2);
        assertThat(metadata.tokenId("none32")).isEmpty();
        assertThat(metadata.tokenId("none64")).isEmpty();
        assertThat(metadata.tokenId("noneSigned")).isEmpty();
        assertThat(metadata.tokenId("absent")).isEmpty();
    }

    @Test
    void shouldAnswerAbsentKeysWithNothing() {
        GgufMetadata metadata = new GgufBuilder().open().metadata();

        assertThat(metadata.has("k")).isFalse();
        assertThat(metadata.string("k")).isEmpty();
        assertThat(metadata.integer("k")).isEmpty();
        assertThat(metadata.int32("k")).isEmpty();
        assertThat(metadata.number("k")).isEmpty();
        assertThat(metadata.bool("k")).isEmpty();
        assertThat(metadata.strings("k")).isEmpty();
        assertThat(metadata.ints("k")).isEmpty();
        assertThat(metadata.floats("k")).isEmpty();
        assertThat(metadata.count("k")).isEmpty();
        assertThat(metadata.describe("k")).isEqualTo("absent");
    }

    @Test
    void shouldReadIntegersAndNumbersOfEveryWidth() {
        GgufMetadata metadata = new GgufBuilder()
                .raw("u8", 0, new byte[] {(byte) 200})
                .raw("i8", 1, new byte[] {(byte) 200})
                .raw("u16", 2, new byte[] {0, (byte) 0x80})
                .raw("i16", 3, new byte[] {0, (byte) 0x80})
                .raw("i32", 5, new byte[] {0, 0, 0, (byte) 0x80})
                .raw("i64", 11, new byte[] {-2, -1, -1, -1, -1, -1, -1, -1})
                .raw("f64", 12, little(8).putDouble(0.1).array())
                .raw(
                        "u8s",
                        9,
                        little(14)
                                .putInt(0)
                                .putLong(2)
                                .put((byte) 7)
                                .put((byte) 255)
                                .array())
                .raw(
                        "u16s",
                        9,
                        little(16)
                                .putInt(2)
                                .putLong(2)
                                .putShort((short) 7)
                                .putShort((short) -1)
                                .array())
                .raw("f64s", 9, little(20).putInt(12).putLong(1).putDouble(0.1).array())
                .open()
                .metadata();

        assertThat(metadata.integer("u8")).hasValue(200);
        assertThat(metadata.integer("i8")).hasValue(-56);
        assertThat(metadata.integer("u16")).hasValue(32768);
        assertThat(metadata.integer("i16")).hasValue(-32768);
        assertThat(metadata.integer("i32")).hasValue(Integer.MIN_VALUE);
        assertThat(metadata.integer("i64")).hasValue(-2);
        assertThat(metadata.number("f64")).hasValue(0.1);
        assertThat(metadata.number("u8")).hasValue(200);
        assertThat(metadata.ints("u8s").orElseThrow()).containsExactly(7, 255);
        assertThat(metadata.ints("u16s").orElseThrow()).containsExactly(7, 65535);
        assertThat(metadata.floats("f64s").orElseThrow()).containsExactly(0.1f);
    }

    @Test
    void shouldReplaceBytesThatAreNotUtf8() {
        byte[] broken = {'a', (byte) 0xC3, (byte) 0xFF};
        GgufMetadata metadata = new GgufBuilder()
                .raw(
                        "texts",
                        9,
                        little(12 + 8 + 3)
                                .putInt(8)
                                .putLong(1)
                                .putLong(3)
                                .put(broken)
                                .array())
                .open()
                .metadata();

        assertThat(metadata.strings("texts").orElseThrow()).containsExactly("a\uFFFD\uFFFD");
    }

    @Test
    void shouldDescribeValuesOnOneHarmlessLine() {
        GgufMetadata metadata = new GgufBuilder()
                .string("text", "a\nb\t\"\u001B[31m\u202E")
                .string("long", "x".repeat(1000))
                .uint64("large", -1)
                .float32("float", 0.1f)
                .ints("ints", 1, 2, 3, 4, 5, 6)
                .strings("texts", "a", "b")
                .raw(
                        "nested",
                        9,
                        little(24).putInt(9).putLong(1).putInt(0).putLong(0).array())
                .open()
                .metadata();

        assertThat(metadata.describe("text")).isEqualTo("\"a\\nb\\t\\\"\\u{1b}[31m\\u{202e}\"");
        assertThat(metadata.describe("long")).isEqualTo("\"" + "x".repeat(100) + "...\" (1000 bytes)");
        assertThat(metadata.describe("large")).isEqualTo("18446744073709551615");
        assertThat(metadata.describe("float")).isEqualTo("0.1");
        assertThat(metadata.describe("ints")).isEqualTo("[1, 2, 3, 4, 5, ...] (6 in all)");
        assertThat(metadata.describe("texts")).isEqualTo("[\"a\", \"b\"]");
        assertThat(metadata.describe("nested")).isEqualTo("1 arrays");
    }

    @Test
    void shouldHonourAnAlignmentOfItsOwn() {
        GgufFile file = new GgufBuilder()
                .uint32("general.alignment", 256)
                .layoutAlignment(256)
                .tensor("t", 0, bytes(1f), 1)
                .tensor("u", 0, bytes(2f), 1)
                .open();

        assertThat(file.tensor("u").orElseThrow().offset()).isEqualTo(256);
        assertThat(file.data(file.tensor("u").orElseThrow()).get(GgufCursor.FLOAT, 0))
                .isEqualTo(2);
    }

    @Test
    void contentHashShouldDependOnEveryByteAndOnTheLength() {
        byte[] content = new GgufBuilder()
                .string("general.name", "hash")
                .tensor("t", TensorType.F32, 5)
                .build();
        String hash = hash(content);

        assertThat(hash).matches("[0-9a-f]{16}").isEqualTo(hash(content.clone()));
        for (int bit = 0; bit < 8 * 4; bit++) {
            byte[] changed = content.clone();
            changed[changed.length - 32 + bit / 8] ^= (byte) (1 << bit % 8);
            assertThat(hash(changed)).isNotEqualTo(hash);
        }
        for (int more = 1; more < 40; more++) {
            assertThat(hash(Arrays.copyOf(content, content.length + more))).isNotEqualTo(hash);
        }
    }

    @Test
    void contentHashShouldStayWhatRecordedTracesHave() {
        byte[] content = new byte[77];
        for (int i = 0; i < content.length; i++) {
            content[i] = (byte) (i * 37);
        }

        assertThat("%016x".formatted(ContentHash.of(MemorySegment.ofArray(content))))
                .isEqualTo("79e1f2189bd0b4d2");
    }

    @Test
    void shouldMapFilesAndRefuseAccessAfterClosing() throws IOException {
        Path path = Files.write(
                folder.resolve("m.gguf"),
                new GgufBuilder().tensor("t", 0, bytes(42f), 1).build());
        GgufFile file = GgufFile.open(path);
        MemorySegment data = file.data(file.tensors().getFirst());

        assertThat(file.name()).isEqualTo(path.toString());
        assertThat(file.sizeBytes()).isEqualTo(Files.size(path));
        assertThat(data.get(GgufCursor.FLOAT, 0)).isEqualTo(42);
        file.close();
        file.close();
        assertThatExceptionOfType(IllegalStateException.class).isThrownBy(() -> data.get(GgufCursor.FLOAT, 0));
    }

    @Test
    void shouldLetGoOfATensorAndReadItAgain() throws IOException {
        Path path = Files.write(
                folder.resolve("m.gguf"),
                new GgufBuilder()
                        .tensor("t", 0, bytes(1f), 1)
                        .tensor("u", 0, bytes(2f), 1)
                        .build());
        try (GgufFile file = GgufFile.open(path)) {
            GgufTensor first = file.tensor("t").orElseThrow();
            GgufTensor second = file.tensor("u").orElseThrow();
            MemorySegment released = file.data(first);
            MemorySegment kept = file.data(second);

            file.release(first);
            file.release(first);

            assertThatExceptionOfType(IllegalStateException.class).isThrownBy(() -> released.get(GgufCursor.FLOAT, 0));
            assertThat(kept.get(GgufCursor.FLOAT, 0)).isEqualTo(2);
            assertThat(file.data(first).get(GgufCursor.FLOAT, 0)).isEqualTo(1);
        }
    }

    @Test
    void shouldRefuseATensorThatTheSystemDoesNotMapAnyMore() throws IOException {
        Path path = Files.write(
                folder.resolve("m.gguf"),
                new GgufBuilder().tensor("t", 0, bytes(1f), 1).build());
        try (GgufFile file = GgufFile.open(path)) {
            try (FileChannel shortened = FileChannel.open(path, StandardOpenOption.WRITE)) {
                shortened.truncate(1);
            }

            assertThatExceptionOfType(InvalidInputException.class)
                    .isThrownBy(() -> file.data(file.tensor("t").orElseThrow()))
                    .withMessageStartingWith("model %s cannot be read (", path)
                    .withMessageEndingWith("), expected a readable GGUF file; check path and permissions")
                    .withCauseInstanceOf(IOException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 31, 32, 65_503, 65_504, 65_536, 70_001, 200_000})
    void contentHashOfAFileShouldBeThatOfItsBytes(int more) throws IOException {
        byte[] head = new GgufBuilder().tensor("t", 0, bytes(42f), 1).build();
        byte[] content = Arrays.copyOf(head, head.length + more);
        for (int i = head.length; i < content.length; i++) {
            content[i] = (byte) (i * 37);
        }
        try (GgufFile file = GgufFile.open(Files.write(folder.resolve("m.gguf"), content))) {
            assertThat(file.contentHash()).isEqualTo(hash(content));
        }
    }

    @Test
    void shouldServeAThreadThatIsInterruptedAndLeaveItInterrupted() throws IOException {
        byte[] content = new GgufBuilder().tensor("t", 0, bytes(42f), 1).build();
        Path path = Files.write(folder.resolve("m.gguf"), content);
        Thread.currentThread().interrupt();
        try (GgufFile file = GgufFile.open(path)) {
            GgufTensor tensor = file.tensor("t").orElseThrow();
            assertThat(file.data(tensor).get(GgufCursor.FLOAT, 0)).isEqualTo(42f);
            file.release(tensor);
            assertThat(file.data(tensor).get(GgufCursor.FLOAT, 0)).isEqualTo(42f);
            assertThat(file.contentHash()).isEqualTo(hash(content));
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
        } finally {
            Thread.interrupted();
        }
    }

    @Test
    void shouldReadTensorsBeyondTwoGibibytes() throws IOException {
        long far = 3L << 30;
        byte[] head = new GgufBuilder()
                .tensor("large", 24, new byte[0], far)
                .misplaced("far", 0, bytes(1.5f), far, 1)
                .build();
        Path path = folder.resolve("large.gguf");
        long freeBefore = folder.toFile().getUsableSpace();
        try (FileChannel channel = FileChannel.open(
                path, StandardOpenOption.CREATE_NEW, StandardOpenOption.SPARSE, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(head, 0, head.length - 32));
            channel.write(ByteBuffer.wrap(bytes(1.5f)), head.length - 32 + far);
        } catch (IOException noSpace) {
            Assumptions.abort("this file system cannot hold a sparse file of 3 GiB: " + noSpace.getMessage());
        }
        Assumptions.assumeTrue(freeBefore - folder.toFile().getUsableSpace() < 1L << 30, "the file is not sparse here");

        try (GgufFile file = GgufFile.open(path)) {
            assertThat(file.sizeBytes()).isGreaterThan(far);
            assertThat(file.data(file.tensor("far").orElseThrow()).get(GgufCursor.FLOAT, 0))
                    .isEqualTo(1.5f);
            assertThat(file.data(file.tensor("large").orElseThrow()).byteSize()).isEqualTo(far);
        }
    }

    private static String hash(byte[] content) {
        return GgufFile.of(MemorySegment.ofArray(content), "test.gguf").contentHash();
    }

    private static byte[] bytes(float... values) {
        ByteBuffer out = little(4 * values.length);
        for (float value : values) {
            out.putFloat(value);
        }
        return out.array();
    }

    private static ByteBuffer little(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }
}
