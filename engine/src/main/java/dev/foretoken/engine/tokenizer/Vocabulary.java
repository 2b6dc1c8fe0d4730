package dev.foretoken.engine.tokenizer;

/** What everyone may ask about a model's tokens, which have the ids 0 to {@link #size()} - 1. Immutable, thread-safe. */
public interface Vocabulary {
    /** How many tokens there are; the model's matrices have as many rows. */
    int size();

    /** The bytes this token contributes to the text; empty for control tokens. The array is shared: read only. */
    byte[] bytes(int token);

    /** The piece as the file spells it, for people to read. */
    String piece(int token);

    /** True for tokens that structure the input and never appear as text (begin, end, role markers). */
    boolean isControl(int token);

    /** True if generation ends with this token (end of sequence, end of turn, end of message). */
    boolean isEnd(int token);

    /** A hash over all pieces in order: two models may share drafts only if it is equal. */
    long fingerprint();
}
