package dev.foretoken.transport.chat;

/** What a template asked for cannot be given, or it refuses the messages itself. Its message becomes part of the user's. */
final class TemplateException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    TemplateException(String message) {
        super(message, null, false, false);
    }
}
