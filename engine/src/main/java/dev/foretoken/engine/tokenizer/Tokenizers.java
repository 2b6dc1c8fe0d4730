package dev.foretoken.engine.tokenizer;

import dev.foretoken.engine.error.InvalidInputException;
import dev.foretoken.engine.gguf.GgufFile;
import dev.foretoken.engine.gguf.GgufMetadata;
import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Makes the tokenizer that a model file describes: byte-level BPE ({@code tokenizer.ggml.model} = {@code gpt2}) or
 * SentencePiece-style ({@code llama}). No Unicode normalisation is applied: files do not ask for one.
 */
public final class Tokenizers {
    private static final String MODEL_KEY = "tokenizer.ggml.model";

    private Tokenizers() {}

    /**
     * The tokenizer of a file.
     *
     * @throws InvalidInputException as {@link #from(GgufMetadata)}, naming the file
     */
    public static Tokenizer of(GgufFile file) {
        try {
            return from(file.metadata());
        } catch (InvalidInputException refused) {
            throw GgufFile.refused(file.name(), refused);
        }
    }

    /**
     * Reads and checks everything a file says about its tokens.
     *
     * @throws InvalidInputException if something is missing, contradicts itself or is not supported
     */
    public static Tokenizer from(GgufMetadata metadata) {
        String[] pieces = metadata.strings(TokenizerData.TOKENS_KEY)
                .orElseThrow(() -> new InvalidInputException(
                        "%s is missing, expected the model's vocabulary; convert the model again"
                                .formatted(TokenizerData.TOKENS_KEY)));
        TokenizerData.Builder data = TokenizerData.builder(metadata.requireString(MODEL_KEY), pieces)
                .preTokenizer(metadata.string("tokenizer.ggml.pre").orElse(null))
                .scores(metadata.floats("tokenizer.ggml.scores").orElse(null))
                .types(metadata.ints("tokenizer.ggml.token_type").orElse(null))
                .merges(metadata.strings("tokenizer.ggml.merges").orElse(null))
                .addsBegin(metadata.bool("tokenizer.ggml.add_bos_token").orElse(null))
                .addsSpacePrefix(
                        metadata.bool("tokenizer.ggml.add_space_prefix").orElse(null));
        for (TokenRole role : TokenRole.values()) {
            metadata.tokenId(role.key).ifPresent(id -> data.role(role, id));
        }
        return from(data.build());
    }

    static Tokenizer from(TokenizerData data) {
        return switch (data.model()) {
            case "gpt2" -> byteLevel(data);
            case "llama" -> sentencePiece(data);
            default ->
                throw new InvalidInputException(
                        "tokenizer.ggml.model is %s, expected gpt2 or llama; this tokenizer is not supported, use another model"
                                .formatted(Quoted.of(data.model())));
        };
    }

    private static Tokenizer byteLevel(TokenizerData data) {
        boolean llamaFamily = PreTokenizers.isLlamaFamily(data.preTokenizer());
        TokenVocabulary vocabulary = TokenVocabulary.byteLevel(data);
        PieceTable wholeWords = llamaFamily ? new PieceTable(normalPieces(data, vocabulary)) : null;
        TextEncoder encoder = new ByteLevelEncoder(data, wholeWords);
        return new SegmentedTokenizer(
                vocabulary, encoder, SpecialSpellings.of(data, true), beginToken(data, llamaFamily));
    }

    private static byte @Nullable [][] normalPieces(TokenizerData data, Vocabulary vocabulary) {
        byte[][] bytes = new byte[data.size()][];
        for (int id = 0; id < bytes.length; id++) {
            bytes[id] = data.kind(id) == TokenKind.NORMAL ? vocabulary.bytes(id) : null;
        }
        return bytes;
    }

    private static Tokenizer sentencePiece(TokenizerData data) {
        TextEncoder encoder = new SentencePieceEncoder(data, normalPieceTexts(data));
        return new SegmentedTokenizer(
                TokenVocabulary.sentencePiece(data), encoder, SpecialSpellings.of(data, false), beginToken(data, true));
    }

    private static byte[][] normalPieceTexts(TokenizerData data) {
        byte[][] bytes = new byte[data.size()][];
        for (int id = 0; id < bytes.length; id++) {
            bytes[id] = data.kind(id) == TokenKind.NORMAL ? data.piece(id).getBytes(StandardCharsets.UTF_8) : null;
        }
        return bytes;
    }

    private static OptionalInt beginToken(TokenizerData data, boolean otherwise) {
        int id = data.id(TokenRole.BEGIN);
        if (!data.addsBegin(otherwise)) {
            return OptionalInt.empty();
        }
        if (id < 0 && data.saysWhetherToAddBegin()) {
            throw new InvalidInputException(
                    "tokenizer.ggml.add_bos_token is true, but %s is missing, expected the token that begins a prompt; convert the model again"
                            .formatted(TokenRole.BEGIN.key));
        }
        return id < 0 ? OptionalInt.empty() : OptionalInt.of(id);
    }
}
