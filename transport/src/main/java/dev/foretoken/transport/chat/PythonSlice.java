package dev.foretoken.transport.chat;

import org.jspecify.annotations.Nullable;

/** The indices that {@code [from:to:step]} selects of a sequence, by Python's rules. */
record PythonSlice(int from, int to, int step) {
    static PythonSlice of(int length, @Nullable Object from, @Nullable Object to, @Nullable Object step) {
        int stride = step == null ? 1 : whole(step);
        if (stride == 0) {
            throw new TemplateException("a slice has step 0");
        }
        int low = stride > 0 ? 0 : -1;
        int high = stride > 0 ? length : length - 1;
        int start = from == null ? (stride > 0 ? low : high) : clamp(whole(from), length, low, high);
        int stop = to == null ? (stride > 0 ? high : low) : clamp(whole(to), length, low, high);
        return new PythonSlice(start, stop, stride);
    }

    private static int clamp(int index, int length, int low, int high) {
        int absolute = index < 0 ? index + length : index;
        return Math.max(low, Math.min(high, absolute));
    }

    private static int whole(Object value) {
        if (value instanceof Number number) {
            return number.intValue();
        }
        throw new TemplateException("a slice has the bound %s, expected a number".formatted(value));
    }

    boolean covers(long index) {
        return step > 0 ? index < to : index > to;
    }
}
