package dev.foretoken.engine.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The 256 visible characters that stand for bytes in the pieces of a byte-level vocabulary: printable Latin-1 stands for
 * itself, the other bytes in ascending order are the characters from U+0100 on.
 * <p>Source: Radford et al. 2019 (GPT-2), section 2.2 and its published encoder.
 */
final class ByteAlphabet {
    private static final int LAST = 0x143;
    private static final char[] CHARACTER_OF_BYTE = new char[256];
    private static final int[] BYTE_OF_CHARACTER = new int[LAST + 1];

    static {
        Arrays.fill(BYTE_OF_CHARACTER, -1);
        char next = 0x100;
        for (int value = 0; value < 256; value++) {
            char character = isPrintable(value) ? (char) value : next++;
            CHARACTER_OF_BYTE[value] = character;
            BYTE_OF_CHARACTER[character] = value;
        }
    }

    private ByteAlphabet() {}

    private static boolean isPrintable(int value) {
        return (value >= '!' && value <= '~') || (value >= 0xA1 && value <= 0xAC) || (value >= 0xAE && value <= 0xFF);
    }

    static char character(int unsignedByte) {
        return CHARACTER_OF_BYTE[unsignedByte];
    }

    /** The bytes a piece spells; a piece with a character outside the alphabet stands for its own text. */
    static byte[] bytes(String piece) {
        byte[] bytes = new byte[piece.length()];
        for (int i = 0; i < bytes.length; i++) {
            char character = piece.charAt(i);
            int value = character <= LAST ? BYTE_OF_CHARACTER[character] : -1;
            if (value < 0) {
                return piece.getBytes(StandardCharsets.UTF_8);
            }
            bytes[i] = (byte) value;
        }
        return bytes;
    }
}
