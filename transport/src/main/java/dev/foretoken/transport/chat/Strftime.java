package dev.foretoken.transport.chat;

import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Dates by the formats of C's {@code strftime}, in English. */
final class Strftime {
    private Strftime() {}

    static String format(String format, LocalDateTime time) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < format.length(); i++) {
            char c = format.charAt(i);
            if (c != '%' || i + 1 == format.length()) {
                text.append(c);
                continue;
            }
            char field = format.charAt(++i);
            boolean unpadded = field == '-' && i + 1 < format.length();
            if (unpadded) {
                field = format.charAt(++i);
            }
            text.append(field(field, unpadded, time));
        }
        return text.toString();
    }

    private static String field(char field, boolean unpadded, LocalDateTime time) {
        if (field == '%') {
            return "%";
        }
        String pattern = pattern(field);
        if (pattern == null) {
            throw new TemplateException("strftime_now does not know %%%c".formatted(field));
        }
        String value = time.format(DateTimeFormatter.ofPattern(pattern, Locale.ENGLISH));
        return unpadded ? value.replaceFirst("^0+(?=.)", "") : value;
    }

    private static @Nullable String pattern(char field) {
        return switch (field) {
            case 'Y' -> "yyyy";
            case 'y' -> "yy";
            case 'm' -> "MM";
            case 'B' -> "MMMM";
            case 'b', 'h' -> "MMM";
            case 'd' -> "dd";
            case 'j' -> "DDD";
            case 'A' -> "EEEE";
            case 'a' -> "EEE";
            case 'H' -> "HH";
            case 'I' -> "hh";
            case 'M' -> "mm";
            case 'S' -> "ss";
            case 'p' -> "a";
            case 'F' -> "yyyy-MM-dd";
            case 'T' -> "HH:mm:ss";
            default -> null;
        };
    }
}
