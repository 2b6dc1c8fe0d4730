package dev.foretoken.engine.tokenizer;

/** What a token is, as {@code tokenizer.ggml.token_type} numbers it. */
enum TokenKind {
    /** Text, reached by merging. */
    NORMAL,
    /** Stands for text that nothing else covers. */
    UNKNOWN,
    /** Structures the input; never text. */
    CONTROL,
    /** Text that is one token wherever it appears; never merged with its neighbours. */
    USER_DEFINED,
    /** Padding of the table; never text. */
    UNUSED,
    /** One byte, spelled {@code <0xNN>}. */
    BYTE;

    /** The kind behind a file's number, or null; 0 is what old files write for normal tokens. */
    static @org.jspecify.annotations.Nullable TokenKind of(int number) {
        return switch (number) {
            case 0, 1 -> NORMAL;
            case 2 -> UNKNOWN;
            case 3 -> CONTROL;
            case 4 -> USER_DEFINED;
            case 5 -> UNUSED;
            case 6 -> BYTE;
            default -> null;
        };
    }

    boolean isText() {
        return this == NORMAL || this == USER_DEFINED || this == BYTE;
    }
}
