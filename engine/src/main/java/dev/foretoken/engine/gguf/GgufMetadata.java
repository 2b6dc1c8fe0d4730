package dev.foretoken.engine.gguf;

import dev.foretoken.engine.error.InvalidInputException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The key-value pairs of a GGUF file. Text and arrays are decoded anew by each call, so ask once and keep the answer.
 * <p>A getter is empty where the key is absent and throws {@link InvalidInputException}, which names file, key and
 * value, where the value has another type. Immutable and thread-safe; usable until the file is closed.
 */
public final class GgufMetadata {
    private static final long TEXT_ARRAY_BYTES_MAX = 256 << 20;
    private static final long NO_TOKEN = 0xFFFF_FFFFL;
    private static final int ELEMENTS_SHOWN = 5;
    private static final int CHARACTERS_SHOWN = 100;
    private static final String INT32 = "%d to %d".formatted(Integer.MIN_VALUE, Integer.MAX_VALUE);

    private final MemorySegment data;
    private final String fileName;
    private final Map<String, GgufValue> values;

    GgufMetadata(MemorySegment data, String fileName, Map<String, GgufValue> values) {
        this.data = data;
        this.fileName = fileName;
        this.values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }

    /** All keys, in the file's order. */
    public Set<String> keys() {
        return values.keySet();
    }

    public boolean has(String key) {
        return values.containsKey(key);
    }

    /** Text; bytes that are no UTF-8 become replacement characters. */
    public Optional<String> string(String key) {
        return switch (values.get(key)) {
            case null -> Optional.empty();
            case GgufValue.Text text -> Optional.of(decode(text));
            case GgufValue other -> throw wrongType(key, other, "a string");
        };
    }

    /** An integer of any width. An unsigned value above 2^63 - 1 is refused: nothing in a model is that large. */
    public OptionalLong integer(String key) {
        return switch (values.get(key)) {
            case null -> OptionalLong.empty();
            case GgufValue.Whole whole -> OptionalLong.of(signed(key, whole));
            case GgufValue other -> throw wrongType(key, other, "an integer");
        };
    }

    /** An integer that fits 32 bits. */
    public OptionalInt int32(String key) {
        OptionalLong value = integer(key);
        if (value.isEmpty()) {
            return OptionalInt.empty();
        }
        if (value.getAsLong() != (int) value.getAsLong()) {
            throw GgufFile.refused(
                    fileName, "metadata key %s is %d, expected %s".formatted(key, value.getAsLong(), INT32));
        }
        return OptionalInt.of((int) value.getAsLong());
    }

    /** The id of a token; absent too where the file says that there is none, which is -1, signed or as 32 or 64 unsigned bits. */
    public OptionalInt tokenId(String key) {
        boolean none =
                values.get(key) instanceof GgufValue.Whole whole && (whole.value() == -1 || whole.value() == NO_TOKEN);
        return none ? OptionalInt.empty() : int32(key);
    }

    /** A floating-point number or an integer. */
    public OptionalDouble number(String key) {
        return switch (values.get(key)) {
            case null -> OptionalDouble.empty();
            case GgufValue.Fraction fraction -> OptionalDouble.of(fraction.value());
            case GgufValue.Whole whole -> OptionalDouble.of(signed(key, whole));
            case GgufValue other -> throw wrongType(key, other, "a number");
        };
    }

    public Optional<Boolean> bool(String key) {
        return switch (values.get(key)) {
            case null -> Optional.empty();
            case GgufValue.Flag flag -> Optional.of(flag.value());
            case GgufValue other -> throw wrongType(key, other, "true or false");
        };
    }

    public String requireString(String key) {
        return string(key).orElseThrow(() -> missing(key));
    }

    public long requireInteger(String key) {
        return integer(key).orElseThrow(() -> missing(key));
    }

    public double requireNumber(String key) {
        return number(key).orElseThrow(() -> missing(key));
    }

    /** An array of text; bytes that are no UTF-8 become replacement characters. */
    public Optional<String[]> strings(String key) {
        return textArray(key).map(array -> {
            GgufValue.Text[] texts = texts(key, array);
            String[] result = new String[texts.length];
            for (int i = 0; i < result.length; i++) {
                result[i] = decode(texts[i]);
            }
            return result;
        });
    }

    /** An array of integers of any width; each must fit 32 bits. */
    public Optional<int[]> ints(String key) {
        return array(key, "an array of integers", ValueType::isInteger).map(array -> {
            int[] result = new int[array.count()];
            for (int i = 0; i < result.length; i++) {
                GgufValue.Whole whole = new GgufValue.Whole(array.elementType(), wholeAt(array, i));
                if (isBeyondLong(whole) || whole.value() != (int) whole.value()) {
                    throw GgufFile.refused(
                            fileName,
                            "element %d of metadata key %s is %s, expected %s"
                                    .formatted(i, key, wholeText(whole), INT32));
                }
                result[i] = (int) whole.value();
            }
            return result;
        });
    }

    /** An array of floating-point numbers; 64-bit ones are rounded. */
    public Optional<float[]> floats(String key) {
        return array(key, "an array of numbers", ValueType::isFraction).map(array -> {
            float[] result = new float[array.count()];
            for (int i = 0; i < result.length; i++) {
                result[i] = (float) fractionAt(array, i);
            }
            return result;
        });
    }

    /** How many elements an array has; empty where the key is absent. Decodes nothing. */
    public OptionalInt count(String key) {
        return switch (values.get(key)) {
            case null -> OptionalInt.empty();
            case GgufValue.Elements array -> OptionalInt.of(array.count());
            case GgufValue other -> throw wrongType(key, other, "an array");
        };
    }

    /** The value on one line for people: long text and arrays are cut, control characters are escaped. */
    public String describe(String key) {
        GgufValue value = values.get(key);
        return value == null ? "absent" : describe(value);
    }

    /** As {@link #describe}, but text without its quotes: for a name among other words. */
    public String display(String key) {
        String described = describe(key);
        return values.get(key) instanceof GgufValue.Text && described.endsWith("\"")
                ? described.substring(1, described.length() - 1)
                : described;
    }

    private String describe(GgufValue value) {
        return switch (value) {
            case GgufValue.Whole whole -> wholeText(whole);
            case GgufValue.Fraction fraction -> fractionText(fraction);
            case GgufValue.Flag flag -> Boolean.toString(flag.value());
            case GgufValue.Text text -> quoted(text);
            case GgufValue.Elements array -> describe(array);
        };
    }

    private String describe(GgufValue.Elements array) {
        if (array.elementType() == ValueType.ARRAY) {
            return "%d arrays".formatted(array.count());
        }
        StringBuilder shown = new StringBuilder("[");
        GgufCursor cursor = new GgufCursor(data, fileName, array.offset());
        for (int i = 0; i < Math.min(array.count(), ELEMENTS_SHOWN); i++) {
            shown.append(i == 0 ? "" : ", ")
                    .append(describe(GgufReader.readValue(cursor, array.elementType(), "an element", 0)));
        }
        return shown.append(array.count() > ELEMENTS_SHOWN ? ", ...] (%d in all)".formatted(array.count()) : "]")
                .toString();
    }

    private static String wholeText(GgufValue.Whole whole) {
        return whole.type() == ValueType.UINT64 ? Long.toUnsignedString(whole.value()) : Long.toString(whole.value());
    }

    private static String fractionText(GgufValue.Fraction fraction) {
        return fraction.type() == ValueType.FLOAT32
                ? Float.toString((float) fraction.value())
                : Double.toString(fraction.value());
    }

    private String quoted(GgufValue.Text text) {
        String start = decode(new GgufValue.Text(text.offset(), Math.min(text.bytes(), CHARACTERS_SHOWN * 4)));
        StringBuilder shown = new StringBuilder("\"");
        start.codePoints().limit(CHARACTERS_SHOWN).forEach(c -> {
            switch (c) {
                case '\n' -> shown.append("\\n");
                case '\t' -> shown.append("\\t");
                case '"' -> shown.append("\\\"");
                default -> shown.append(GgufCursor.isInvisible(c) ? "\\u{%x}".formatted(c) : Character.toString(c));
            }
        });
        boolean isCut =
                start.codePointCount(0, start.length()) > CHARACTERS_SHOWN || text.bytes() > CHARACTERS_SHOWN * 4;
        return shown.append(isCut ? "...\" (%d bytes)".formatted(text.bytes()) : "\"")
                .toString();
    }

    private String decode(GgufValue.Text text) {
        return new String(GgufCursor.bytes(data, text), StandardCharsets.UTF_8);
    }

    private Optional<GgufValue.Elements> textArray(String key) {
        return array(key, "an array of strings", type -> type == ValueType.STRING);
    }

    private Optional<GgufValue.Elements> array(String key, String expected, Predicate<ValueType> accepted) {
        return switch (values.get(key)) {
            case null -> Optional.empty();
            case GgufValue.Elements array when accepted.test(array.elementType()) -> Optional.of(array);
            case GgufValue other -> throw wrongType(key, other, expected);
        };
    }

    private GgufValue.Text[] texts(String key, GgufValue.Elements array) {
        GgufValue.Text[] texts = new GgufValue.Text[array.count()];
        GgufCursor cursor = new GgufCursor(data, fileName, array.offset());
        for (int i = 0; i < texts.length; i++) {
            texts[i] = cursor.readText("an element");
        }
        long bytes = cursor.position() - array.offset();
        if (bytes > TEXT_ARRAY_BYTES_MAX) {
            throw GgufFile.refused(
                    fileName,
                    "metadata key %s takes %d bytes, expected at most %d".formatted(key, bytes, TEXT_ARRAY_BYTES_MAX));
        }
        return texts;
    }

    private long wholeAt(GgufValue.Elements array, int index) {
        long at = array.offset() + (long) index * array.elementType().bytes;
        return switch (array.elementType()) {
            case UINT8 -> data.get(ValueLayout.JAVA_BYTE, at) & 0xFF;
            case INT8 -> data.get(ValueLayout.JAVA_BYTE, at);
            case UINT16 -> data.get(GgufCursor.SHORT, at) & 0xFFFF;
            case INT16 -> data.get(GgufCursor.SHORT, at);
            case UINT32 -> Integer.toUnsignedLong(data.get(GgufCursor.INT, at));
            case INT32 -> data.get(GgufCursor.INT, at);
            case UINT64, INT64 -> data.get(GgufCursor.LONG, at);
            case FLOAT32, FLOAT64, BOOL, STRING, ARRAY -> throw new AssertionError(array.elementType());
        };
    }

    private double fractionAt(GgufValue.Elements array, int index) {
        long at = array.offset() + (long) index * array.elementType().bytes;
        return array.elementType() == ValueType.FLOAT32
                ? data.get(GgufCursor.FLOAT, at)
                : data.get(GgufCursor.DOUBLE, at);
    }

    private long signed(String key, GgufValue.Whole whole) {
        if (isBeyondLong(whole)) {
            throw GgufFile.refused(
                    fileName,
                    "metadata key %s is %s, expected at most 9223372036854775807".formatted(key, wholeText(whole)));
        }
        return whole.value();
    }

    /** Whether it is above 2^63 - 1: its bits are those of a negative number. */
    private static boolean isBeyondLong(GgufValue.Whole whole) {
        return whole.type() == ValueType.UINT64 && whole.value() < 0;
    }

    private InvalidInputException missing(String key) {
        return GgufFile.refused(fileName, "metadata key %s is missing; convert the model again".formatted(key));
    }

    private InvalidInputException wrongType(String key, @Nullable GgufValue value, String expected) {
        return GgufFile.refused(
                fileName,
                "metadata key %s is %s, expected %s"
                        .formatted(key, value == null ? "absent" : describe(value), expected));
    }
}
