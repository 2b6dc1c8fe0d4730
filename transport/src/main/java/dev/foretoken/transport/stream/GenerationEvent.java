package dev.foretoken.transport.stream;

/** What a generation emits: its start, its tokens in order, and at last how it went. */
public sealed interface GenerationEvent {
    /** Admitted and prefilled: the prompt is in the KV cache. {@code seed} is to be read as unsigned. */
    record Started(long sessionId, long seed, int promptTokens) implements GenerationEvent {}

    record Token(GeneratedToken token) implements GenerationEvent {}

    record Finished(GenerationSummary summary) implements GenerationEvent {}
}
