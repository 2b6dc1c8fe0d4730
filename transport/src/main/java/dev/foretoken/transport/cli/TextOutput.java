package dev.foretoken.transport.cli;

import dev.foretoken.engine.error.ForetokenException;
import dev.foretoken.engine.error.IoProblem;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** UTF-8 text to a byte stream, each piece flushed; unlike a {@code PrintStream} it notices a reader that has gone. */
final class TextOutput {
    private final OutputStream out;

    TextOutput(OutputStream out) {
        this.out = out;
    }

    /**
     * @throws OutputClosedException if the reader has gone
     * @throws ForetokenException if the text cannot be written for another reason, such as a full disk
     */
    void write(String text) {
        if (text.isEmpty()) {
            return;
        }
        try {
            out.write(text.getBytes(StandardCharsets.UTF_8));
            out.flush();
        } catch (IOException e) {
            throw isClosedPipe(e)
                    ? new OutputClosedException(e)
                    : new ForetokenException("standard output cannot be written: " + IoProblem.of(e), e);
        }
    }

    private static boolean isClosedPipe(IOException e) {
        return String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT).contains("pipe");
    }

    void writeLine(String text) {
        write(text + "\n");
    }
}
