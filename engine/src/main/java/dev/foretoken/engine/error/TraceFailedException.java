package dev.foretoken.engine.error;

/** The trace could not be written, so nothing more may be shown. */
public final class TraceFailedException extends ForetokenException {
    private static final long serialVersionUID = 1L;

    public TraceFailedException(String message) {
        super(message);
    }

    public TraceFailedException(String message, Throwable cause) {
        super(message, cause);
    }
}
