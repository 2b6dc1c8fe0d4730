package dev.foretoken.engine.error;

/** A file, flag, request or trace is not what it should be; the one-line message teaches the cure (exit status 2). */
public final class InvalidInputException extends ForetokenException {
    private static final long serialVersionUID = 1L;

    public InvalidInputException(String message) {
        super(message);
    }

    public InvalidInputException(String message, Throwable cause) {
        super(message, cause);
    }
}
