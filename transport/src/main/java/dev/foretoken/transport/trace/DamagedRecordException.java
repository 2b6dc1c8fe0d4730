package dev.foretoken.transport.trace;

/** A record's bytes mean nothing; the message completes "the record at ... is damaged: ". Never leaves this package. */
final class DamagedRecordException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    DamagedRecordException(String message) {
        super(message);
    }

    DamagedRecordException(String message, Throwable cause) {
        super(message, cause);
    }
}
