package dev.foretoken.engine.gguf;

/** Types of metadata values; the ordinal is the number that stands for the type in a file. */
enum ValueType {
    UINT8(1, "an integer"),
    INT8(1, "an integer"),
    UINT16(2, "an integer"),
    INT16(2, "an integer"),
    UINT32(4, "an integer"),
    INT32(4, "an integer"),
    FLOAT32(4, "a number"),
    BOOL(1, "true or false"),
    STRING(0, "a string"),
    ARRAY(0, "an array"),
    UINT64(8, "an integer"),
    INT64(8, "an integer"),
    FLOAT64(8, "a number");

    /** Bytes of one value; 0 where the value tells its own length. */
    final int bytes;

    /** For messages. */
    final String words;

    ValueType(int bytes, String words) {
        this.bytes = bytes;
        this.words = words;
    }

    boolean isInteger() {
        return words.equals("an integer");
    }

    boolean isFraction() {
        return words.equals("a number");
    }
}
