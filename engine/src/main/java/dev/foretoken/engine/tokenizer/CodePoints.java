package dev.foretoken.engine.tokenizer;

import java.util.Arrays;

/**
 * Text as Unicode code points, with the character classes that pre-tokenizers are defined by. An unpaired surrogate,
 * which has no UTF-8 form, becomes U+FFFD.
 */
final class CodePoints {
    private static final int REPLACEMENT = 0xFFFD;
    private static final int LETTERS = 1 << Character.UPPERCASE_LETTER
            | 1 << Character.LOWERCASE_LETTER
            | 1 << Character.TITLECASE_LETTER
            | 1 << Character.MODIFIER_LETTER
            | 1 << Character.OTHER_LETTER;
    private static final int NUMBERS =
            1 << Character.DECIMAL_DIGIT_NUMBER | 1 << Character.LETTER_NUMBER | 1 << Character.OTHER_NUMBER;

    private CodePoints() {}

    static int[] of(String text) {
        int[] codePoints = new int[text.length()];
        int count = 0;
        for (int i = 0; i < text.length(); count++) {
            int codePoint = text.codePointAt(i);
            i += Character.charCount(codePoint);
            codePoints[count] = isSurrogate(codePoint) ? REPLACEMENT : codePoint;
        }
        return count == codePoints.length ? codePoints : Arrays.copyOf(codePoints, count);
    }

    private static boolean isSurrogate(int codePoint) {
        return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
    }

    /** Writes the UTF-8 form of code points [from, to); returns how many bytes it has. */
    static int encodeUtf8(int[] codePoints, int from, int to, byte[] bytesOut) {
        int count = 0;
        for (int i = from; i < to; i++) {
            count = encodeUtf8(codePoints[i], bytesOut, count);
        }
        return count;
    }

    /** Writes the UTF-8 form of one code point at an index; returns the index after it. */
    static int encodeUtf8(int codePoint, byte[] bytesOut, int at) {
        if (codePoint < 0x80) {
            bytesOut[at] = (byte) codePoint;
            return at + 1;
        }
        if (codePoint < 0x800) {
            bytesOut[at] = (byte) (0xC0 | codePoint >> 6);
            bytesOut[at + 1] = continuation(codePoint);
            return at + 2;
        }
        if (codePoint < 0x10000) {
            bytesOut[at] = (byte) (0xE0 | codePoint >> 12);
            bytesOut[at + 1] = continuation(codePoint >> 6);
            bytesOut[at + 2] = continuation(codePoint);
            return at + 3;
        }
        bytesOut[at] = (byte) (0xF0 | codePoint >> 18);
        bytesOut[at + 1] = continuation(codePoint >> 12);
        bytesOut[at + 2] = continuation(codePoint >> 6);
        bytesOut[at + 3] = continuation(codePoint);
        return at + 4;
    }

    private static byte continuation(int bits) {
        return (byte) (0x80 | bits & 0x3F);
    }

    /** {@code \p{L}} */
    static boolean isLetter(int codePoint) {
        return (LETTERS >> Character.getType(codePoint) & 1) != 0;
    }

    /** {@code \p{N}} */
    static boolean isNumber(int codePoint) {
        return (NUMBERS >> Character.getType(codePoint) & 1) != 0;
    }

    /** {@code \s}: the Unicode property White_Space, which none of Java's own predicates is. */
    static boolean isSpace(int codePoint) {
        if (codePoint < 0x80) {
            return codePoint == ' ' || (codePoint >= 0x9 && codePoint <= 0xD);
        }
        return switch (codePoint) {
            case 0x85, 0xA0, 0x1680, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000 -> true;
            default -> codePoint >= 0x2000 && codePoint <= 0x200A;
        };
    }

    static boolean isNewline(int codePoint) {
        return codePoint == '\n' || codePoint == '\r';
    }

    /** {@code [^\s\p{L}\p{N}]} */
    static boolean isOther(int codePoint) {
        return !isSpace(codePoint) && (LETTERS >> Character.getType(codePoint) & 1) == 0 && !isNumber(codePoint);
    }
}
