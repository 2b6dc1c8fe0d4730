package dev.foretoken.benchmarks.bench;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** How numbers are written in tables; what is unknown is a dash. */
final class Figures {
    static final String UNKNOWN = "–";

    private Figures() {}

    /** {@code 1.42×} */
    static String times(@Nullable Interval interval) {
        return interval == null ? UNKNOWN : format("%.2f×", interval.median());
    }

    /** {@code [1.38, 1.47]} */
    static String range(@Nullable Interval interval) {
        return interval == null || !interval.hasRange()
                ? UNKNOWN
                : format("[%.2f, %.2f]", interval.low(), interval.high());
    }

    static String number(@Nullable Double value, int decimals) {
        return value == null || !Double.isFinite(value) ? UNKNOWN : format("%." + decimals + "f", value);
    }

    static String percent(@Nullable Double share) {
        return share == null ? UNKNOWN : format("%.0f %%", 100 * share);
    }

    static String oneLine(String text) {
        return text.replaceAll("\\s+", " ").strip();
    }

    static String format(String pattern, Object... values) {
        return String.format(Locale.ROOT, pattern, values);
    }
}
