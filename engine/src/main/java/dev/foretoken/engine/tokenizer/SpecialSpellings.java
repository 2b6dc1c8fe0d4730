package dev.foretoken.engine.tokenizer;

import dev.foretoken.engine.error.InvalidInputException;
import java.util.LinkedHashMap;
import java.util.Map;

/** How special tokens are written in a text, in order of id. */
record SpecialSpellings(Map<String, Integer> control, Map<String, Integer> userDefined) {
    /** Characters of one; real ones have some 30. At every place of a text so many may have to be looked at. */
    private static final int SPELLING_MAX = 1024;

    /** Characters of all; models whose tokens are sounds have some 700,000. Each may become a node of a trie, of 80 bytes. */
    private static final int SPELLINGS_MAX = 1 << 21;

    /** @throws InvalidInputException if there is too much to look for */
    static SpecialSpellings of(TokenizerData data, boolean byteLevel) {
        Map<String, Integer> control = new LinkedHashMap<>();
        Map<String, Integer> userDefined = new LinkedHashMap<>();
        long characters = 0;
        for (int id = 0; id < data.size(); id++) {
            String piece = data.piece(id);
            TokenKind kind = data.kind(id);
            boolean isControl = kind == TokenKind.CONTROL || kind == TokenKind.UNKNOWN;
            if (piece.isEmpty() || !isControl && kind != TokenKind.USER_DEFINED) {
                continue;
            }
            characters += checkedLength(id, piece);
            if (isControl) {
                control.put(piece, id);
            } else {
                userDefined.putIfAbsent(byteLevel ? piece : TokenVocabulary.spaced(piece), id);
            }
        }
        if (characters > SPELLINGS_MAX) {
            throw new InvalidInputException(
                    "the special tokens of %s have %d characters, expected at most %d; convert the model again"
                            .formatted(TokenizerData.TOKENS_KEY, characters, SPELLINGS_MAX));
        }
        return new SpecialSpellings(control, userDefined);
    }

    private static int checkedLength(int id, String piece) {
        if (piece.length() > SPELLING_MAX) {
            throw new InvalidInputException(
                    "special token %d of %s has %d characters, expected at most %d; convert the model again"
                            .formatted(id, TokenizerData.TOKENS_KEY, piece.length(), SPELLING_MAX));
        }
        return piece.length();
    }
}
