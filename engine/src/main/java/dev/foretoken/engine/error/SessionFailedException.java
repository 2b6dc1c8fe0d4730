package dev.foretoken.engine.error;

/** One session failed inside the engine (a NaN logit, a broken stage); other sessions go on. */
public final class SessionFailedException extends ForetokenException {
    private static final long serialVersionUID = 1L;

    public SessionFailedException(String message) {
        super(message);
    }

    public SessionFailedException(String message, Throwable cause) {
        super(message, cause);
    }
}
