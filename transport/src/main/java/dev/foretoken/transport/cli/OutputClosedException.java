package dev.foretoken.transport.cli;

import java.io.IOException;

/** Whoever read standard output has gone, as {@code | head -1} does: stop quietly. */
final class OutputClosedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    OutputClosedException(IOException cause) {
        super(cause);
    }
}
