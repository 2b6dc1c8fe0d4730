package dev.foretoken.engine.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.foretoken.engine.error.InvalidInputException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every way in which a file can be wrong has its own sentence, and these are the sentences. */
class BadGgufFileTest {
    private static final String AGAIN = "; the file is damaged or incomplete, fetch it again";
    private static final String NO_GGUF = "it is not a GGUF file (%s); give a model in GGUF format";

    @TempDir
    Path folder;

    static Stream<Arguments> shouldRefuseWhatIsNoGgufFile() {
        return Stream.of(
                arguments("", "it is empty, expected a model in GGUF format"),
                arguments("GG", NO_GGUF.formatted("it has only 2 bytes")),
                arguments("hello, world", NO_GGUF.formatted("it starts with the bytes 68 65 6c 6c")),
                arguments("lmgg12345678", NO_GGUF.formatted("it is an old GGML file")),
                arguments("PK\u0003\u0004 and more", NO_GGUF.formatted("it is a ZIP archive or a PyTorch checkpoint")),
                arguments("12345678{\"weights\"", NO_GGUF.formatted("it looks like a safetensors file")),
                arguments("\n<!DOCTYPE html><html>", NO_GGUF.formatted("it is a web page: the download went wrong")),
                arguments(
                        "version https://git-lfs.github.com/spec/v1\noid sha256:0",
                        NO_GGUF.formatted("it is a Git LFS pointer: fetch the file it points to")));
    }

    @ParameterizedTest
    @MethodSource
    void shouldRefuseWhatIsNoGgufFile(String content, String problem) {
        assertRefused(content.getBytes(StandardCharsets.ISO_8859_1), problem);
    }

    static Stream<Arguments> shouldRefuseVersions() {
        return Stream.of(
                arguments(1, "it has GGUF version 1, expected 2 or 3; convert the model again"),
                arguments(4, "it has GGUF version 4, expected 2 or 3; a newer Foretoken may read it"),
                arguments(-1, "it has GGUF version 4294967295, expected 2 or 3; a newer Foretoken may read it"),
                arguments(3 << 24, "it is a big-endian GGUF file, expected little-endian; convert the model again"));
    }

    @ParameterizedTest
    @MethodSource
    void shouldRefuseVersions(int version, String problem) {
        assertRefused(new GgufBuilder().version(version).build(), problem);
    }

    static Stream<Arguments> shouldRefuseDamagedHeads() {
        return Stream.of(
                damaged(
                        "a tensor count beyond the file",
                        overwrite(8, Long.MAX_VALUE),
                        "its tensor count is 9223372036854775807, which cannot fit in the 176 bytes that are left"),
                damaged(
                        "a negative metadata count",
                        overwrite(16, -1),
                        "its metadata count is 18446744073709551615, which cannot fit in the 168 bytes that are left"),
                damaged(
                        "a key longer than the file",
                        overwrite(24, 1L << 40),
                        "metadata key 0 has a length of 1099511627776 bytes, but 160 bytes are left"),
                damaged("an empty key", overwrite(24, 0), "metadata key 0 has 0 bytes, expected 1 to 65535"),
                damaged("a key of noise", bytes -> bytes[32] = 7, "metadata key 0 is not readable text"),
                damaged(
                        "an unknown value type",
                        bytes -> bytes[36] = 13,
                        "metadata key name has type number 13, expected 0 to 12"),
                damaged(
                        "text longer than the file",
                        overwrite(40, 1000),
                        "metadata key name has a length of 1000 bytes, but 144 bytes are left"));
    }

    /** The file that the offsets above point into: one text (key at 24, type at 36, value at 40), one tensor. */
    private static byte[] sound() {
        return new GgufBuilder()
                .string("name", "value")
                .tensor("tensor", 0, new byte[96], 24)
                .build();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void shouldRefuseDamagedHeads(String what, Consumer<byte[]> damage, String problem) {
        byte[] content = sound();
        damage.accept(content);
        assertRefused(content, problem);
    }

    @Test
    void shouldRefuseAFileCutAnywhere() {
        byte[] content = sound();
        for (int length = 0; length < content.length; length++) {
            byte[] cut = Arrays.copyOf(content, length);
            assertThatExceptionOfType(InvalidInputException.class)
                    .as("cut to %d bytes", length)
                    .isThrownBy(() -> GgufFile.of(MemorySegment.ofArray(cut), "cut.gguf"))
                    .withMessageStartingWith("model cut.gguf cannot be used: ");
        }
    }

    static Stream<Arguments> shouldRefuseUnsoundContent() {
        return Stream.of(
                unsound(
                        "split file",
                        new GgufBuilder().raw("split.count", 2, new byte[] {3, 0}),
                        "it is one of 3 parts of a split model, expected one whole file; merge the parts first"
                                + " (gguf-split --merge)"),
                unsound(
                        "alignment 0",
                        new GgufBuilder().uint32("general.alignment", 0),
                        "general.alignment is 0, expected a power of two from 8 to 1048576" + AGAIN),
                unsound(
                        "odd alignment",
                        new GgufBuilder().uint32("general.alignment", 48),
                        "general.alignment is 48, expected a power of two from 8 to 1048576" + AGAIN),
                unsound(
                        "alignment of another type",
                        new GgufBuilder().string("general.alignment", "32"),
                        "metadata key general.alignment is \"32\", expected an integer"),
                unsound(
                        "boolean 2",
                        new GgufBuilder().raw("flag", 7, new byte[] {2}),
                        "metadata key flag is 2, expected 0 (false) or 1 (true)" + AGAIN),
                unsound(
                        "array longer than the file",
                        new GgufBuilder()
                                .raw(
                                        "array",
                                        9,
                                        little(12).putInt(4).putLong(1L << 62).array()),
                        "the element count of metadata key array is 4611686018427387904, which cannot fit in the 0"
                                + " bytes that are left"
                                + AGAIN),
                unsound(
                        "text without end",
                        new GgufBuilder().string("text", "x".repeat((16 << 20) + 1)),
                        "metadata key text has a length of 16777217 bytes, expected at most 16777216" + AGAIN),
                unsound(
                        "array without end",
                        new GgufBuilder()
                                .raw(
                                        "array",
                                        9,
                                        little((16 << 20) + 13)
                                                .putInt(0)
                                                .putLong((16 << 20) + 1)
                                                .array()),
                        "the element count of metadata key array is 16777217, expected at most 16777216" + AGAIN),
                unsound(
                        "array of an unknown type",
                        new GgufBuilder()
                                .raw(
                                        "array",
                                        9,
                                        little(12).putInt(99).putLong(0).array()),
                        "the elements of metadata key array has type number 99, expected 0 to 12" + AGAIN),
                unsound(
                        "arrays nested too deeply",
                        new GgufBuilder().raw("array", 9, nested(20)),
                        "metadata key array has arrays inside arrays deeper than 4" + AGAIN),
                unsound(
                        "unknown tensor type",
                        new GgufBuilder().tensor("t", 77, new byte[32], 8),
                        "tensor t has the unknown type number 77, expected F32, F16, BF16, Q8_0, Q4_0, Q4_1, Q5_0,"
                                + " Q5_1, Q4_K, Q5_K or Q6_K"),
                unsound(
                        "broken block",
                        new GgufBuilder().tensor("t", TensorType.Q4_0.id(), new byte[32], 48),
                        "tensor t has rows of 48 elements, expected a multiple of 32 for type Q4_0" + AGAIN),
                unsound(
                        "tensor beyond the end",
                        new GgufBuilder().tensor("t", 0, new byte[32], 9),
                        "tensor t needs 36 bytes from offset 0 on, but the file has 32 bytes of tensor data" + AGAIN),
                unsound(
                        "offset beyond the end",
                        new GgufBuilder().misplaced("t", 0, new byte[32], 1L << 62, 8),
                        "tensor t needs 32 bytes from offset 4611686018427387904 on, but the file has 32 bytes of"
                                + " tensor data"
                                + AGAIN),
                unsound(
                        "negative offset",
                        new GgufBuilder().misplaced("t", 0, new byte[32], -32, 8),
                        "tensor t has the offset 18446744073709551584, expected a multiple of 32" + AGAIN),
                unsound(
                        "misaligned offset",
                        new GgufBuilder().misplaced("t", 0, new byte[32], 8, 2),
                        "tensor t has the offset 8, expected a multiple of 32" + AGAIN),
                unsound(
                        "overlapping tensors",
                        new GgufBuilder().tensor("t", 0, new byte[32], 8).misplaced("u", 0, new byte[32], -32, 8),
                        "tensors t and u overlap" + AGAIN),
                unsound(
                        "no dimensions",
                        new GgufBuilder().tensor("t", 0, new byte[32]),
                        "tensor t has 0 dimensions, expected 1 to 4" + AGAIN),
                unsound(
                        "five dimensions",
                        new GgufBuilder().tensor("t", 0, new byte[32], 1, 1, 1, 1, 1),
                        "tensor t has 5 dimensions, expected 1 to 4" + AGAIN),
                unsound(
                        "size 0",
                        new GgufBuilder().tensor("t", 0, new byte[32], 8, 0),
                        "tensor t has the size 0, expected 1 or more" + AGAIN),
                unsound(
                        "sizes that overflow",
                        new GgufBuilder().tensor("t", 0, new byte[32], 1L << 32, 1L << 32),
                        "tensor t is larger than 2^63 bytes" + AGAIN),
                unsound(
                        "bytes that overflow",
                        new GgufBuilder().tensor("t", 0, new byte[32], 1L << 62),
                        "tensor t is larger than 2^63 bytes" + AGAIN),
                unsound(
                        "a tensor name that is too long",
                        new GgufBuilder().tensor("t".repeat(257), 0, new byte[32], 8),
                        "the name of tensor 0 has 257 bytes, expected 1 to 256" + AGAIN));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void shouldRefuseUnsoundContent(String what, GgufBuilder builder, String problem) {
        assertRefused(builder.build(), problem);
    }

    @Test
    void shouldRefuseNamesThatOccurTwice() {
        byte[] keys = new GgufBuilder().uint32("aa", 1).uint32("ab", 2).build();
        keys[keys.length - 9] = 'a';
        assertRefused(keys, "metadata key aa occurs twice" + AGAIN);

        byte[] tensors = new GgufBuilder()
                .tensor("ta", 0, new byte[32], 8)
                .tensor("tb", 0, new byte[32], 8)
                .build();
        int second = new String(tensors, StandardCharsets.ISO_8859_1).indexOf("tb");
        tensors[second + 1] = 'a';
        assertRefused(tensors, "tensor ta occurs twice" + AGAIN);
    }

    @Test
    void shouldRefuseValuesOfAnotherType() {
        GgufMetadata metadata = new GgufBuilder()
                .string("text", "t")
                .uint32("large", -1)
                .uint64("huge", -1)
                .ints("ints", 1)
                .raw(
                        "longs",
                        9,
                        little(20).putInt(10).putLong(1).putLong(1L << 40).array())
                .raw(
                        "negatives",
                        9,
                        little(20).putInt(11).putLong(1).putLong(-1L << 40).array())
                .raw(
                        "huges",
                        9,
                        little(28).putInt(10).putLong(2).putLong(7).putLong(-1).array())
                .open()
                .metadata();

        assertProblem(() -> metadata.integer("text"), "metadata key text is \"t\", expected an integer");
        assertProblem(() -> metadata.number("text"), "metadata key text is \"t\", expected a number");
        assertProblem(() -> metadata.bool("text"), "metadata key text is \"t\", expected true or false");
        assertProblem(() -> metadata.string("ints"), "metadata key ints is [1], expected a string");
        assertProblem(() -> metadata.strings("ints"), "metadata key ints is [1], expected an array of strings");
        assertProblem(() -> metadata.floats("ints"), "metadata key ints is [1], expected an array of numbers");
        assertProblem(() -> metadata.ints("text"), "metadata key text is \"t\", expected an array of integers");
        assertProblem(() -> metadata.count("text"), "metadata key text is \"t\", expected an array");
        assertProblem(
                () -> metadata.ints("longs"),
                "element 0 of metadata key longs is 1099511627776, expected -2147483648 to 2147483647");
        assertProblem(
                () -> metadata.ints("negatives"),
                "element 0 of metadata key negatives is -1099511627776, expected -2147483648 to 2147483647");
        assertProblem(
                () -> metadata.ints("huges"),
                "element 1 of metadata key huges is 18446744073709551615, expected -2147483648 to 2147483647");
        assertProblem(
                () -> metadata.int32("large"), "metadata key large is 4294967295, expected -2147483648 to 2147483647");
        assertProblem(
                () -> metadata.integer("huge"),
                "metadata key huge is 18446744073709551615, expected at most 9223372036854775807");
        assertProblem(() -> metadata.requireString("none"), "metadata key none is missing; convert the model again");
        assertProblem(() -> metadata.requireInteger("none"), "metadata key none is missing; convert the model again");
        assertProblem(() -> metadata.requireNumber("none"), "metadata key none is missing; convert the model again");
    }

    @Test
    void shouldRefuseToDecodeTextThatWouldFillTheHeap() throws IOException {
        int count = 17;
        long bytesEach = 16 << 20;
        byte[] head = new GgufBuilder()
                .raw("texts", 9, little(12).putInt(8).putLong(count).array())
                .build();
        Path path = folder.resolve("texts.gguf");
        try (FileChannel channel = FileChannel.open(
                path, StandardOpenOption.CREATE_NEW, StandardOpenOption.SPARSE, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(head));
            for (int i = 0; i < count; i++) {
                channel.write(little(8).putLong(bytesEach).flip(), head.length + i * (8 + bytesEach));
            }
            channel.write(ByteBuffer.allocate(1), head.length + count * (8 + bytesEach) - 1);
        } catch (IOException noSpace) {
            Assumptions.abort("this file system cannot hold a sparse file of 272 MiB: " + noSpace.getMessage());
        }

        try (GgufFile file = GgufFile.open(path)) {
            assertThatExceptionOfType(InvalidInputException.class)
                    .isThrownBy(() -> file.metadata().strings("texts"))
                    .withMessage(
                            "model %s cannot be used: metadata key texts takes 285212808 bytes, expected at most"
                                    + " 268435456",
                            path);
        }
    }

    @Test
    void shouldRefuseDirectoriesAndMissingFiles() {
        assertThatExceptionOfType(InvalidInputException.class)
                .isThrownBy(() -> GgufFile.open(folder))
                .withMessage("model %s is a directory, expected a GGUF file", folder);
        Path missing = folder.resolve("missing.gguf");
        assertThatExceptionOfType(InvalidInputException.class)
                .isThrownBy(() -> GgufFile.open(missing))
                .withMessage("model %s does not exist, expected a GGUF file; check the path", missing);
    }

    @Test
    void shouldRefuseAnEmptyPath() {
        assertThatExceptionOfType(InvalidInputException.class)
                .isThrownBy(() -> GgufFile.open(Path.of("")))
                .withMessage("the path of the model is empty, expected a GGUF file; give its path");
    }

    @Test
    void shouldSayThatLinksLeadInACircle() throws IOException {
        Assumptions.assumeTrue(
                folder.getFileSystem().supportedFileAttributeViews().contains("posix"), "no links");
        Path first = folder.resolve("first.gguf");
        Path second = Files.createSymbolicLink(folder.resolve("second.gguf"), first);
        Files.createSymbolicLink(first, second);
        assertThatExceptionOfType(InvalidInputException.class)
                .isThrownBy(() -> GgufFile.open(first))
                .withMessage(
                        "model %s cannot be read (its symbolic links lead in a circle), expected a readable GGUF file;"
                                + " check path and permissions",
                        first);
    }

    @Test
    void shouldRefuseAnUnsupportedTypeByNameBeforeItMeasuresItsRows() {
        assertRefused(
                new GgufBuilder()
                        .tensor("odd", TensorType.IQ2_XXS.id(), new byte[66], 100)
                        .build(),
                "tensor odd has type IQ2_XXS, expected " + TensorType.SUPPORTED
                        + "; use another quantisation of the model");
        assertRefused(
                new GgufBuilder()
                        .tensor("odd", TensorType.Q8_0.id(), new byte[34], 33)
                        .build(),
                "tensor odd has rows of 33 elements, expected a multiple of 32 for type Q8_0" + AGAIN);
    }

    @Test
    void shouldRefuseAnEmptyFile() throws IOException {
        Path empty = Files.createFile(folder.resolve("empty.gguf"));
        assertThatExceptionOfType(InvalidInputException.class)
                .isThrownBy(() -> GgufFile.open(empty))
                .withMessage("model %s cannot be used: it is empty, expected a model in GGUF format", empty);
    }

    @Test
    void shouldRefuseADeviceInsteadOfReadingItForEver() {
        Path device = Path.of("/dev/zero");
        Assumptions.assumeTrue(Files.exists(device), "no /dev/zero here");
        assertThatExceptionOfType(InvalidInputException.class)
                .isThrownBy(() -> GgufFile.open(device))
                .withMessage("model /dev/zero is not a regular file, expected a GGUF file");
    }

    @Test
    void shouldRefuseAnUnreadableFile() throws IOException {
        Assumptions.assumeTrue(
                folder.getFileSystem().supportedFileAttributeViews().contains("posix"), "no permissions");
        Path secret = Files.write(folder.resolve("secret.gguf"), sound());
        Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("---------"));
        Assumptions.assumeFalse(Files.isReadable(secret), "this user may read everything");
        assertThatExceptionOfType(InvalidInputException.class)
                .isThrownBy(() -> GgufFile.open(secret))
                .withMessage(
                        "model %s cannot be read (permission denied), expected a readable GGUF file; check path and"
                                + " permissions",
                        secret);
    }

    private static Arguments damaged(String what, Consumer<byte[]> damage, String problem) {
        return arguments(what, damage, problem + AGAIN);
    }

    private static Arguments unsound(String what, GgufBuilder builder, String problem) {
        return arguments(what, builder, problem);
    }

    private static Consumer<byte[]> overwrite(int offset, long value) {
        return bytes -> ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(offset, value);
    }

    /** The value of an array that holds one array that holds one array, and so on. */
    private static byte[] nested(int depth) {
        ByteBuffer out = little(12 * depth);
        for (int i = 0; i < depth - 1; i++) {
            out.putInt(9).putLong(1);
        }
        return out.putInt(0).putLong(0).array();
    }

    private static ByteBuffer little(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static void assertRefused(byte[] content, String problem) {
        assertProblem(() -> GgufFile.of(MemorySegment.ofArray(content), "test.gguf"), problem);
    }

    private static void assertProblem(Runnable action, String problem) {
        assertThatExceptionOfType(InvalidInputException.class)
                .isThrownBy(action::run)
                .withMessage("model test.gguf cannot be used: " + problem)
                .satisfies(refused -> assertThat(refused.getMessage()).doesNotContain("\n"));
    }
}
