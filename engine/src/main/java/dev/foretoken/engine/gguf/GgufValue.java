package dev.foretoken.engine.gguf;

/** One metadata value, checked when the file was opened. Text and arrays stay in the file until they are asked for. */
sealed interface GgufValue {
    ValueType type();

    /** An integer; UINT64 as its bits. */
    record Whole(ValueType type, long value) implements GgufValue {}

    record Fraction(ValueType type, double value) implements GgufValue {}

    record Flag(boolean value) implements GgufValue {
        @Override
        public ValueType type() {
            return ValueType.BOOL;
        }
    }

    /** Text: its bytes lie at an offset in the file. */
    record Text(long offset, int bytes) implements GgufValue {
        @Override
        public ValueType type() {
            return ValueType.STRING;
        }
    }

    /** An array: its first element lies at an offset in the file; every element has been walked over once. */
    record Elements(ValueType elementType, long offset, int count) implements GgufValue {
        @Override
        public ValueType type() {
            return ValueType.ARRAY;
        }
    }
}
