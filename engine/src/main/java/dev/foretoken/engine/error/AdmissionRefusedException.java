package dev.foretoken.engine.error;

/** The engine has no room for the request now (sessions or KV pages); retrying later can succeed (HTTP 429). */
public final class AdmissionRefusedException extends ForetokenException {
    private static final long serialVersionUID = 1L;

    public AdmissionRefusedException(String message) {
        super(message);
    }
}
