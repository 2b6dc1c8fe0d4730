package dev.foretoken.engine.error;

/** The engine was closed while the stream was running; everything emitted before is valid and in the trace. */
public final class EngineClosedException extends ForetokenException {
    private static final long serialVersionUID = 1L;

    public EngineClosedException(String message) {
        super(message);
    }
}
