package dev.foretoken.engine.error;

/** The reader asked for nothing for longer than the parked timeout, and its session was ended to free its KV. */
public final class ParkedTooLongException extends ForetokenException {
    private static final long serialVersionUID = 1L;

    public ParkedTooLongException(String message) {
        super(message);
    }
}
