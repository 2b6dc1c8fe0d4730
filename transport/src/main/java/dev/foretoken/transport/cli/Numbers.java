package dev.foretoken.transport.cli;

import java.math.BigInteger;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** How options read numbers: plain decimal notation only, and a refusal says what was expected. */
public final class Numbers {
    private static final Pattern WHOLE = Pattern.compile("[+-]?\\d{1,18}");
    private static final Pattern DECIMAL = Pattern.compile("[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d{1,4})?");

    private Numbers() {}

    /** A whole number that fits an {@code int}. */
    public static final class Whole implements ITypeConverter<Integer> {
        @Override
        public Integer convert(String text) {
            if (WHOLE.matcher(text).matches()) {
                long value = Long.parseLong(text);
                if (value == (int) value) {
                    return (int) value;
                }
            }
            throw refused(text, "a whole number");
        }
    }

    /** A finite number. */
    public static final class Decimal implements ITypeConverter<Double> {
        @Override
        public Double convert(String text) {
            double value = DECIMAL.matcher(text).matches() ? Double.parseDouble(text) : Double.NaN;
            if (!Double.isFinite(value)) {
                throw refused(text, "a number like 0.8");
            }
            return value;
        }
    }

    /** All of 64 bits, read as unsigned. */
    public static final class Seed implements ITypeConverter<Long> {
        private static final Pattern DIGITS = Pattern.compile("\\d{1,40}");

        @Override
        public Long convert(String text) {
            if (DIGITS.matcher(text).matches()) {
                BigInteger value = new BigInteger(text);
                if (value.bitLength() <= Long.SIZE) {
                    return value.longValue();
                }
            }
            throw refused(text, "a whole number from 0 to 18446744073709551615");
        }
    }

    /** {@code auto} (null is not possible here: 0 stands for it) or a number of nodes. */
    static final class TreeSize implements ITypeConverter<Integer> {
        static final int AUTO = 0;

        @Override
        public Integer convert(String text) {
            if (text.equals("auto")) {
                return AUTO;
            }
            Integer nodes = WHOLE.matcher(text).matches() ? new Whole().convert(text) : null;
            if (nodes == null || nodes < 1) {
                throw refused(text, "auto or a whole number of nodes from 1 (plain decoding), the root included");
            }
            return nodes;
        }
    }

    static TypeConversionException refused(String text, String expected) {
        return new TypeConversionException("'%s', expected %s".formatted(text, expected));
    }
}
