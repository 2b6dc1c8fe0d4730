package dev.foretoken.engine.tokenizer;

/** The special tokens that a file names by id. */
enum TokenRole {
    BEGIN("tokenizer.ggml.bos_token_id"),
    END_OF_SEQUENCE("tokenizer.ggml.eos_token_id"),
    END_OF_TURN("tokenizer.ggml.eot_token_id"),
    END_OF_MESSAGE("tokenizer.ggml.eom_token_id"),
    UNKNOWN("tokenizer.ggml.unknown_token_id");

    final String key;

    TokenRole(String key) {
        this.key = key;
    }

    boolean isEnd() {
        return this == END_OF_SEQUENCE || this == END_OF_TURN || this == END_OF_MESSAGE;
    }
}
