package dev.foretoken.engine.error;

/** Base of every exception that Foretoken throws on purpose. */
public class ForetokenException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public ForetokenException(String message) {
        super(message);
    }

    public ForetokenException(String message, Throwable cause) {
        super(message, cause);
    }
}
