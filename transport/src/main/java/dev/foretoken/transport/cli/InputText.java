package dev.foretoken.transport.cli;

import dev.foretoken.engine.error.InvalidInputException;
import dev.foretoken.engine.error.IoProblem;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * Text from files and standard input: exactly what is there but a byte order mark at its start, if it is UTF-8 and of a size
 * that can be meant.
 */
final class InputText {
    static final int BYTES_MAX = 64 << 20;

    /** Some editors write it in front of UTF-8 text; nobody means it. */
    private static final String BYTE_ORDER_MARK = "\uFEFF";

    private InputText() {}

    static String ofFile(Path file) {
        if (file.toString().isEmpty()) {
            throw new InvalidInputException("the path of the prompt file is empty, expected a text file");
        }
        if (Files.isDirectory(file)) {
            throw new InvalidInputException("%s is a directory, expected a text file".formatted(file));
        }
        try (InputStream in = Files.newInputStream(file)) {
            return read(in, file.toString());
        } catch (NoSuchFileException e) {
            throw new InvalidInputException("%s does not exist, expected a text file".formatted(file), e);
        } catch (AccessDeniedException e) {
            throw new InvalidInputException("%s may not be read: check its permissions".formatted(file), e);
        } catch (IOException e) {
            throw new InvalidInputException(
                    "%s cannot be read (%s), expected a text file: check it and its permissions"
                            .formatted(file, IoProblem.of(e)),
                    e);
        }
    }

    static String ofStandardInput(InputStream in) {
        try {
            return read(in, "standard input");
        } catch (IOException e) {
            throw new InvalidInputException(
                    "standard input cannot be read (%s), expected a prompt".formatted(IoProblem.of(e)), e);
        }
    }

    private static String read(InputStream in, String source) throws IOException {
        byte[] bytes = in.readNBytes(BYTES_MAX + 1);
        if (bytes.length > BYTES_MAX) {
            throw new InvalidInputException(
                    "%s has more than %d MiB, expected a prompt".formatted(source, BYTES_MAX >> 20));
        }
        String text = decode(bytes, source);
        return text.startsWith(BYTE_ORDER_MARK) ? text.substring(BYTE_ORDER_MARK.length()) : text;
    }

    /** Strict UTF-8: a replacement character would change the prompt behind the caller's back. */
    static String decode(byte[] bytes, String source) {
        CharBuffer text = CharBuffer.allocate(bytes.length);
        ByteBuffer rest = ByteBuffer.wrap(bytes);
        CoderResult result = StandardCharsets.UTF_8.newDecoder().decode(rest, text, true);
        if (result.isError()) {
            throw new InvalidInputException(
                    "%s is not UTF-8 text: byte 0x%02X at offset %d; convert it, for example with iconv"
                            .formatted(source, bytes[rest.position()], rest.position()));
        }
        return text.flip().toString();
    }
}
