package dev.foretoken.engine.tokenizer;

import dev.foretoken.engine.error.InvalidInputException;

/** Pieces that stand for one byte: {@code <0x00>} to {@code <0xFF>}. */
final class BytePiece {
    private BytePiece() {}

    static int value(String piece, int id) {
        if (piece.length() == 6 && piece.startsWith("<0x") && piece.endsWith(">")) {
            int high = Character.digit(piece.charAt(3), 16);
            int low = Character.digit(piece.charAt(4), 16);
            if (high >= 0 && low >= 0) {
                return high << 4 | low;
            }
        }
        throw new InvalidInputException(
                "token %d is a byte spelled %s, expected <0x00> to <0xFF>; convert the model again"
                        .formatted(id, Quoted.of(piece)));
    }
}
