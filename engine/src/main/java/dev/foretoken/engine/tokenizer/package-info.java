/**
 * Text to tokens and back, from a GGUF file's own vocabulary: byte-level BPE and SentencePiece-style.
 * <p>Lives here: tokenizers, pre-tokenizers, streaming detokenisation. May not: models, chat templates, HTTP.
 */
@NullMarked
package dev.foretoken.engine.tokenizer;

import org.jspecify.annotations.NullMarked;
