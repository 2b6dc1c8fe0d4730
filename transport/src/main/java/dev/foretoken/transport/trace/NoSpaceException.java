package dev.foretoken.transport.trace;

/** The disk has no room for the next record; unlike every other failure to write, it leaves the files as they were. */
final class NoSpaceException extends Exception {
    private static final long serialVersionUID = 1L;

    NoSpaceException(long usableBytes) {
        super("%d MiB are free".formatted(usableBytes >> 20));
    }

    NoSpaceException(Throwable cause) {
        super(String.valueOf(cause.getMessage()), cause);
    }
}
