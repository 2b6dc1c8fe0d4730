package dev.foretoken.transport.stream;

import org.jspecify.annotations.Nullable;

/** What a subscriber wants to see of a generation; null = nothing of this, and no demand is spent. */
interface StreamView<T> {
    @Nullable
    T started(GenerationEvent.Started started);

    @Nullable
    T token(GeneratedToken token);

    @Nullable
    T finished(GenerationSummary summary);

    /** Everything. */
    StreamView<GenerationEvent> EVENTS = new StreamView<>() {
        @Override
        public GenerationEvent started(GenerationEvent.Started started) {
            return started;
        }

        @Override
        public GenerationEvent token(GeneratedToken token) {
            return new GenerationEvent.Token(token);
        }

        @Override
        public GenerationEvent finished(GenerationSummary summary) {
            return new GenerationEvent.Finished(summary);
        }
    };

    /** One item per token. */
    StreamView<GeneratedToken> TOKENS = new StreamView<>() {
        @Override
        public @Nullable GeneratedToken started(GenerationEvent.Started started) {
            return null;
        }

        @Override
        public GeneratedToken token(GeneratedToken token) {
            return token;
        }

        @Override
        public @Nullable GeneratedToken finished(GenerationSummary summary) {
            return null;
        }
    };

    /** Non-empty pieces of text. */
    StreamView<String> TEXT = new StreamView<>() {
        @Override
        public @Nullable String started(GenerationEvent.Started started) {
            return null;
        }

        @Override
        public @Nullable String token(GeneratedToken token) {
            return token.text().isEmpty() ? null : token.text();
        }

        @Override
        public @Nullable String finished(GenerationSummary summary) {
            return null;
        }
    };
}
