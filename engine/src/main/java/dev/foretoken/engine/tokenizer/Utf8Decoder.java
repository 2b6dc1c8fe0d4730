package dev.foretoken.engine.tokenizer;

/**
 * UTF-8 to text, with one U+FFFD for each maximal part of an invalid sequence. (The JDK's own decoder makes one of
 * an encoded surrogate's three bytes, so what it returns would depend on where the bytes were split.) Reuses its buffer; not thread-safe.
 * <p>Source: the Unicode standard, section 3.9, "U+FFFD substitution of maximal subparts".
 */
final class Utf8Decoder {
    private static final char REPLACEMENT = '\uFFFD';

    private char[] text = new char[64];

    /** Decodes the first {@code count} bytes as if nothing came before or after them. */
    String decode(byte[] bytes, int count) {
        if (text.length < count) {
            text = new char[Math.max(count, text.length * 2)];
        }
        int length = 0;
        for (int at = 0; at < count; ) {
            int characterBytes = wellFormedBytes(bytes, at, count);
            if (characterBytes > 0) {
                length += Character.toChars(codePoint(bytes, at, characterBytes), text, length);
                at += characterBytes;
            } else {
                text[length++] = REPLACEMENT;
                at -= characterBytes;
            }
        }
        return new String(text, 0, length);
    }

    /** Length of the character at this index; if there is none, minus the length of the invalid part. */
    private static int wellFormedBytes(byte[] bytes, int at, int end) {
        int lead = bytes[at] & 0xFF;
        if (lead < 0x80) {
            return 1;
        }
        int length = Utf8Boundary.characterBytes(lead);
        for (int i = 1; i < length; i++) {
            int value = at + i < end ? bytes[at + i] & 0xFF : 0;
            boolean fits = i == 1 ? Utf8Boundary.isSecond(lead, value) : value >= 0x80 && value <= 0xBF;
            if (!fits) {
                return -i;
            }
        }
        return length == 1 ? -1 : length;
    }

    private static int codePoint(byte[] bytes, int at, int length) {
        if (length == 1) {
            return bytes[at];
        }
        int codePoint = bytes[at] & 0x7F >> length;
        for (int i = 1; i < length; i++) {
            codePoint = codePoint << 6 | bytes[at + i] & 0x3F;
        }
        return codePoint;
    }
}
