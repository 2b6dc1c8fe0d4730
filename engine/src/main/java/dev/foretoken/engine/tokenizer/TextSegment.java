package dev.foretoken.engine.tokenizer;

/** A part of an input: plain text, in which nothing is special, or one special token. */
public sealed interface TextSegment {
    record Plain(String text) implements TextSegment {}

    record Special(int token) implements TextSegment {}
}
