package dev.foretoken.transport.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** UTF-8 text to a byte stream, each piece flushed; unlike a {@code PrintStream} it notices a reader that has gone. */
final class TextOutput {
    private final OutputStream out;

    TextOutput(OutputStream out) {
        this.out = out;
    }

    /**
     * @throws OutputClosedException if the text cannot be written
     */
    void write(String text) {
        if (text.isEmpty()) {
            return;
        }
        try {
            out.write(text.getBytes(StandardCharsets.UTF_8));
            out.flush();
        } catch (IOException e) {
            throw new OutputClosedException(e);
        }
    }

    void writeLine(String text) {
        write(text + "\n");
    }
}
