package dev.foretoken.engine.tokenizer;

/**
 * Tells, byte by byte, how much of a byte sequence's end is the beginning of a UTF-8 character that may still be completed.
 * Everything before it is whole characters and bytes that are invalid whatever follows, so decoding up to there and going
 * on later gives the same text as decoding all at once. Not thread-safe.
 * <p>Source: the Unicode standard, table 3-7 (well-formed byte sequences).
 */
public final class Utf8Boundary {
    private int lead;
    private int pending;

    public void accept(byte next) {
        int value = next & 0xFF;
        boolean continues = pending == 1 ? isSecond(lead, value) : pending > 1 && value >= 0x80 && value <= 0xBF;
        if (continues) {
            pending = pending + 1 == characterBytes(lead) ? 0 : pending + 1;
        } else {
            lead = value;
            pending = characterBytes(value) > 1 ? 1 : 0;
        }
    }

    /** Bytes at the end, 0 to 3, that later bytes may complete to a character. */
    public int pendingBytes() {
        return pending;
    }

    /** Forgets everything: the sequence begins anew. */
    public void reset() {
        pending = 0;
    }

    /** Length of the characters that begin with this byte; 1 also for bytes that begin none. */
    static int characterBytes(int lead) {
        if (lead < 0xC2 || lead > 0xF4) {
            return 1;
        }
        return lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    }

    /** Whether the byte may come second: neither an overlong form, nor a surrogate, nor above U+10FFFF. */
    static boolean isSecond(int lead, int value) {
        return switch (lead) {
            case 0xE0 -> value >= 0xA0 && value <= 0xBF;
            case 0xED -> value >= 0x80 && value <= 0x9F;
            case 0xF0 -> value >= 0x90 && value <= 0xBF;
            case 0xF4 -> value >= 0x80 && value <= 0x8F;
            default -> value >= 0x80 && value <= 0xBF;
        };
    }
}
