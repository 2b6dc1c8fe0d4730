package dev.foretoken.engine.tokenizer;

import java.util.LinkedHashMap;
import java.util.Map;

/** How special tokens are written in a text, in order of id. */
record SpecialSpellings(Map<String, Integer> control, Map<String, Integer> userDefined) {
    static SpecialSpellings of(TokenizerData data, boolean byteLevel) {
        Map<String, Integer> control = new LinkedHashMap<>();
        Map<String, Integer> userDefined = new LinkedHashMap<>();
        for (int id = 0; id < data.size(); id++) {
            String piece = data.piece(id);
            TokenKind kind = data.kind(id);
            if (piece.isEmpty()) {
                continue;
            }
            if (kind == TokenKind.CONTROL || kind == TokenKind.UNKNOWN) {
                control.put(piece, id);
            } else if (kind == TokenKind.USER_DEFINED) {
                userDefined.putIfAbsent(byteLevel ? piece : TokenVocabulary.spaced(piece), id);
            }
        }
        return new SpecialSpellings(control, userDefined);
    }
}
