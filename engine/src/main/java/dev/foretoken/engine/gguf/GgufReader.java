package dev.foretoken.engine.gguf;

import dev.foretoken.engine.error.InvalidInputException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads and checks the head of a file, once:
 * <pre>
 * "GGUF" | version u32 | tensors u64 | pairs u64 | pairs: key, type u32, value | tensors: name, dims u32, sizes u64...,
 * type u32, offset u64 | padding to general.alignment | tensor data
 * </pre>
 * A text is its length (u64) and its bytes; an array is its element type (u32), its count (u64) and its elements.
 * Everything is little-endian. No count or length is believed before the file has been found long enough for it.
 */
final class GgufReader {
    static final int HEADER_BYTES = 24;

    private static final int MAGIC = 0x46554747; // "GGUF" as a little-endian int
    private static final int TENSORS_MAX = 1 << 17;
    private static final int PAIRS_MAX = 1 << 16;
    private static final int ELEMENTS_MAX = 1 << 24;
    private static final int KEY_BYTES_MAX = 65_535;
    private static final int KEY_CHARACTERS_SHOWN = 80;
    private static final int TENSOR_NAME_BYTES_MAX = 256; // the format says 64, some writers are built with more
    private static final int DIMENSIONS_MAX = 4;
    private static final int NESTING_MAX = 4;
    private static final int ALIGNMENT_DEFAULT = 32;
    private static final int ALIGNMENT_MIN = 8;
    private static final int ALIGNMENT_MAX = 1 << 20;
    private static final int PAIR_BYTES_MIN = 8 + 1 + 4 + 1;
    private static final int TENSOR_BYTES_MIN = 8 + 1 + 4 + 8 + 4 + 8;
    private static final int TEXT_BYTES_MIN = 8;
    private static final int ARRAY_BYTES_MIN = 4 + 8;

    private final MemorySegment data;
    private final String name;
    private final GgufCursor cursor;

    GgufReader(MemorySegment data, String name) {
        this.data = data;
        this.name = name;
        this.cursor = new GgufCursor(data, name, 0);
    }

    /** What a file's head says. */
    record Head(int version, GgufMetadata metadata, List<GgufTensor> tensors, long dataOffset) {}

    Head read() {
        checkMagic();
        int version = readVersion();
        int tensorCount = cursor.readCount(TENSOR_BYTES_MIN, TENSORS_MAX, "its tensor count");
        int pairCount = cursor.readCount(PAIR_BYTES_MIN, PAIRS_MAX, "its metadata count");
        GgufMetadata metadata = readMetadata(pairCount);
        refuseSplit(metadata);
        int alignment = alignment(metadata);
        List<GgufTensor> tensors = readTensors(tensorCount, alignment);
        long dataOffset = (cursor.position() + alignment - 1) / alignment * alignment;
        checkPlaces(tensors, dataOffset);
        return new Head(version, metadata, tensors, dataOffset);
    }

    private void checkMagic() {
        if (data.byteSize() == 0) {
            throw GgufFile.refused(name, "it is empty, expected a model in GGUF format");
        }
        if (data.byteSize() < 4 || data.get(GgufCursor.INT, 0) != MAGIC) {
            throw GgufFile.refused(
                    name,
                    "it is not a GGUF file (%s); give a model in GGUF format".formatted(FileStart.describe(data)));
        }
        cursor.readInt("the file type");
    }

    private int readVersion() {
        int version = cursor.readInt("its version");
        if (version == 2 || version == 3) {
            return version;
        }
        if (version == 1) {
            throw GgufFile.refused(name, "it has GGUF version 1, expected 2 or 3; convert the model again");
        }
        if (Integer.reverseBytes(version) >= 1 && Integer.reverseBytes(version) <= 3) {
            throw GgufFile.refused(
                    name, "it is a big-endian GGUF file, expected little-endian; convert the model again");
        }
        throw GgufFile.refused(
                name,
                "it has GGUF version %s, expected 2 or 3; a newer Foretoken may read it"
                        .formatted(Integer.toUnsignedString(version)));
    }

    private GgufMetadata readMetadata(int count) {
        Map<String, GgufValue> values = new LinkedHashMap<>();
        for (int i = 0; i < count; i++) {
            String key = cursor.readName(KEY_BYTES_MAX, "metadata key " + i);
            String what = "metadata key " + shortened(key);
            GgufValue value = readValue(cursor, cursor.readValueType(what), what, 0);
            if (values.put(key, value) != null) {
                throw cursor.damaged(what + " occurs twice");
            }
        }
        return new GgufMetadata(data, name, values);
    }

    private static String shortened(String key) {
        return key.length() <= KEY_CHARACTERS_SHOWN ? key : key.substring(0, KEY_CHARACTERS_SHOWN) + "...";
    }

    static GgufValue readValue(GgufCursor cursor, ValueType type, String what, int nesting) {
        return switch (type) {
            case UINT8 -> new GgufValue.Whole(type, cursor.readByte(what) & 0xFF);
            case INT8 -> new GgufValue.Whole(type, cursor.readByte(what));
            case UINT16 -> new GgufValue.Whole(type, cursor.readShort(what) & 0xFFFF);
            case INT16 -> new GgufValue.Whole(type, cursor.readShort(what));
            case UINT32 -> new GgufValue.Whole(type, Integer.toUnsignedLong(cursor.readInt(what)));
            case INT32 -> new GgufValue.Whole(type, cursor.readInt(what));
            case UINT64, INT64 -> new GgufValue.Whole(type, cursor.readLong(what));
            case FLOAT32 -> new GgufValue.Fraction(type, Float.intBitsToFloat(cursor.readInt(what)));
            case FLOAT64 -> new GgufValue.Fraction(type, Double.longBitsToDouble(cursor.readLong(what)));
            case BOOL -> new GgufValue.Flag(readFlag(cursor, what));
            case STRING -> cursor.readText(what);
            case ARRAY -> readArray(cursor, what, nesting);
        };
    }

    private static boolean readFlag(GgufCursor cursor, String what) {
        int value = cursor.readByte(what);
        if (value != 0 && value != 1) {
            throw cursor.damaged("%s is %d, expected 0 (false) or 1 (true)".formatted(what, value & 0xFF));
        }
        return value == 1;
    }

    /** Walks over the elements: afterwards they can be read without checks. Linear in the bytes they take. */
    private static GgufValue.Elements readArray(GgufCursor cursor, String what, int nesting) {
        if (nesting == NESTING_MAX) {
            throw cursor.damaged("%s has arrays inside arrays deeper than %d".formatted(what, NESTING_MAX));
        }
        ValueType type = cursor.readValueType("the elements of " + what);
        int bytesEachMin =
                type == ValueType.STRING ? TEXT_BYTES_MIN : type == ValueType.ARRAY ? ARRAY_BYTES_MIN : type.bytes;
        int count = cursor.readCount(bytesEachMin, ELEMENTS_MAX, "the element count of " + what);
        long offset = cursor.position();
        switch (type) {
            case STRING -> {
                for (int i = 0; i < count; i++) {
                    cursor.readText(what);
                }
            }
            case ARRAY -> {
                for (int i = 0; i < count; i++) {
                    readArray(cursor, what, nesting + 1);
                }
            }
            case BOOL -> {
                for (int i = 0; i < count; i++) {
                    readFlag(cursor, what);
                }
            }
            case UINT8, INT8, UINT16, INT16, UINT32, INT32, FLOAT32, UINT64, INT64, FLOAT64 ->
                cursor.advance((long) count * type.bytes, what);
        }
        return new GgufValue.Elements(type, offset, count);
    }

    private void refuseSplit(GgufMetadata metadata) {
        long parts = metadata.integer("split.count").orElse(1);
        if (parts > 1) {
            throw GgufFile.refused(
                    name,
                    "it is one of %d parts of a split model, expected one whole file; merge the parts first (gguf-split --merge)"
                            .formatted(parts));
        }
    }

    private int alignment(GgufMetadata metadata) {
        long alignment = metadata.integer("general.alignment").orElse(ALIGNMENT_DEFAULT);
        if (Long.bitCount(alignment) != 1 || alignment < ALIGNMENT_MIN || alignment > ALIGNMENT_MAX) {
            throw cursor.damaged("general.alignment is %d, expected a power of two from %d to %d"
                    .formatted(alignment, ALIGNMENT_MIN, ALIGNMENT_MAX));
        }
        return (int) alignment;
    }

    private List<GgufTensor> readTensors(int count, int alignment) {
        List<GgufTensor> tensors = new ArrayList<>();
        Map<String, GgufTensor> byName = new HashMap<>();
        for (int i = 0; i < count; i++) {
            GgufTensor tensor = readTensor(i, alignment);
            if (byName.put(tensor.name(), tensor) != null) {
                throw cursor.damaged("tensor %s occurs twice".formatted(tensor.name()));
            }
            tensors.add(tensor);
        }
        return List.copyOf(tensors);
    }

    private GgufTensor readTensor(int index, int alignment) {
        String tensor = cursor.readName(TENSOR_NAME_BYTES_MAX, "the name of tensor " + index);
        List<Long> shape = readShape(tensor);
        int typeId = cursor.readInt("the type of tensor " + tensor);
        TensorType type = TensorType.byId(typeId)
                .orElseThrow(() -> GgufFile.refused(
                        name,
                        "tensor %s has the unknown type number %s, expected %s"
                                .formatted(tensor, Integer.toUnsignedString(typeId), TensorType.SUPPORTED)));
        if (shape.getFirst() % type.blockElements() != 0) {
            if (!type.isSupported()) {
                throw GgufFile.refused(
                        name,
                        "tensor %s has type %s, expected %s; use another quantisation of the model"
                                .formatted(tensor, type, TensorType.SUPPORTED));
            }
            throw cursor.damaged("tensor %s has rows of %d elements, expected a multiple of %d for type %s"
                    .formatted(tensor, shape.getFirst(), type.blockElements(), type));
        }
        long offset = cursor.readLong("the offset of tensor " + tensor);
        if (offset < 0 || offset % alignment != 0) {
            throw cursor.damaged("tensor %s has the offset %s, expected a multiple of %d"
                    .formatted(tensor, Long.toUnsignedString(offset), alignment));
        }
        return new GgufTensor(tensor, type, shape, offset, sizeBytes(tensor, type, shape));
    }

    private List<Long> readShape(String tensor) {
        int dimensions = cursor.readInt("the dimensions of tensor " + tensor);
        if (dimensions < 1 || dimensions > DIMENSIONS_MAX) {
            throw cursor.damaged("tensor %s has %s dimensions, expected 1 to %d"
                    .formatted(tensor, Integer.toUnsignedString(dimensions), DIMENSIONS_MAX));
        }
        List<Long> shape = new ArrayList<>(dimensions);
        for (int i = 0; i < dimensions; i++) {
            long size = cursor.readLong("the sizes of tensor " + tensor);
            if (size < 1) {
                throw cursor.damaged(
                        "tensor %s has the size %s, expected 1 or more".formatted(tensor, Long.toUnsignedString(size)));
            }
            shape.add(size);
        }
        return shape;
    }

    private long sizeBytes(String tensor, TensorType type, List<Long> shape) {
        try {
            long elements = 1;
            for (long size : shape) {
                elements = Math.multiplyExact(elements, size);
            }
            return type.sizeBytes(elements);
        } catch (ArithmeticException overflow) {
            throw new InvalidInputException(
                    cursor.damaged("tensor %s is larger than 2^63 bytes".formatted(tensor))
                            .getMessage(),
                    overflow);
        }
    }

    /** Every tensor lies inside the file, and no two share a byte. */
    private void checkPlaces(List<GgufTensor> tensors, long dataOffset) {
        long dataBytes = data.byteSize() - dataOffset; // below 0 where the file ends in the padding
        List<GgufTensor> inOrder = new ArrayList<>(tensors);
        inOrder.sort(Comparator.comparingLong(GgufTensor::offset));
        long end = 0;
        String before = "";
        for (GgufTensor tensor : inOrder) {
            if (tensor.sizeBytes() > dataBytes || tensor.offset() > dataBytes - tensor.sizeBytes()) {
                throw cursor.damaged(
                        "tensor %s needs %d bytes from offset %d on, but the file has %d bytes of tensor data"
                                .formatted(tensor.name(), tensor.sizeBytes(), tensor.offset(), Math.max(0, dataBytes)));
            }
            if (tensor.offset() < end) {
                throw cursor.damaged("tensors %s and %s overlap".formatted(before, tensor.name()));
            }
            end = tensor.offset() + tensor.sizeBytes();
            before = tensor.name();
        }
    }
}
