package dev.foretoken.engine.gguf;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes GGUF files for tests, sound ones by default and broken ones on demand. */
public final class GgufBuilder {
    private record Tensor(int typeId, List<Long> shape, byte[] data, long offsetShift) {}

    private final Map<String, byte[]> pairs = new LinkedHashMap<>();
    private final Map<String, Tensor> tensors = new LinkedHashMap<>();
    private int version = 3;
    private int alignment = 32;

    public GgufBuilder version(int newVersion) {
        version = newVersion;
        return this;
    }

    /** Lays the tensors out by this alignment, whatever the metadata say. */
    public GgufBuilder layoutAlignment(int newAlignment) {
        alignment = newAlignment;
        return this;
    }

    public GgufBuilder string(String key, String value) {
        return raw(key, 8, text(value.getBytes(StandardCharsets.UTF_8)));
    }

    public GgufBuilder uint32(String key, int value) {
        return raw(key, 4, bytes(4).putInt(value).array());
    }

    public GgufBuilder uint64(String key, long value) {
        return raw(key, 10, bytes(8).putLong(value).array());
    }

    public GgufBuilder float32(String key, float value) {
        return raw(key, 6, bytes(4).putFloat(value).array());
    }

    public GgufBuilder bool(String key, boolean value) {
        return raw(key, 7, new byte[] {(byte) (value ? 1 : 0)});
    }

    public GgufBuilder strings(String key, String... values) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(bytes(12).putInt(8).putLong(values.length).array());
        for (String value : values) {
            out.writeBytes(text(value.getBytes(StandardCharsets.UTF_8)));
        }
        return raw(key, 9, out.toByteArray());
    }

    public GgufBuilder floats(String key, float... values) {
        ByteBuffer out = bytes(12 + 4 * values.length).putInt(6).putLong(values.length);
        for (float value : values) {
            out.putFloat(value);
        }
        return raw(key, 9, out.array());
    }

    public GgufBuilder ints(String key, int... values) {
        ByteBuffer out = bytes(12 + 4 * values.length).putInt(5).putLong(values.length);
        for (int value : values) {
            out.putInt(value);
        }
        return raw(key, 9, out.array());
    }

    /** A value of any type number, with its bytes as they are. */
    public GgufBuilder raw(String key, int typeId, byte[] value) {
        pairs.put(key, bytes(4 + value.length).putInt(typeId).put(value).array());
        return this;
    }

    public GgufBuilder remove(String key) {
        if (pairs.remove(key) == null && tensors.remove(key) == null) {
            throw new AssertionError("nothing is called " + key);
        }
        return this;
    }

    /** A tensor full of zeros. */
    public GgufBuilder tensor(String name, TensorType type, long... shape) {
        long elements = 1;
        for (long size : shape) {
            elements *= size;
        }
        return tensor(name, type.id(), new byte[(int) type.sizeBytes(elements)], shape);
    }

    /** A tensor with a type number, data and shape that need not fit each other. */
    public GgufBuilder tensor(String name, int typeId, byte[] data, long... shape) {
        return misplaced(name, typeId, data, 0, shape);
    }

    /** A tensor whose offset is this far from where it lies. */
    public GgufBuilder misplaced(String name, int typeId, byte[] data, long offsetShift, long... shape) {
        tensors.put(name, new Tensor(typeId, Arrays.stream(shape).boxed().toList(), data, offsetShift));
        return this;
    }

    public byte[] build() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(bytes(24)
                .putInt(0x46554747)
                .putInt(version)
                .putLong(tensors.size())
                .putLong(pairs.size())
                .array());
        pairs.forEach((key, value) -> {
            out.writeBytes(text(key.getBytes(StandardCharsets.UTF_8)));
            out.writeBytes(value);
        });
        long offset = 0;
        for (Map.Entry<String, Tensor> entry : tensors.entrySet()) {
            Tensor tensor = entry.getValue();
            out.writeBytes(text(entry.getKey().getBytes(StandardCharsets.UTF_8)));
            out.writeBytes(bytes(4).putInt(tensor.shape().size()).array());
            tensor.shape().forEach(size -> out.writeBytes(bytes(8).putLong(size).array()));
            out.writeBytes(bytes(12)
                    .putInt(tensor.typeId())
                    .putLong(offset + tensor.offsetShift())
                    .array());
            offset += padded(tensor.data().length);
        }
        if (!tensors.isEmpty()) {
            out.writeBytes(new byte[padded(out.size()) - out.size()]);
        }
        tensors.values().forEach(tensor -> {
            out.writeBytes(tensor.data());
            out.writeBytes(new byte[padded(tensor.data().length) - tensor.data().length]);
        });
        return out.toByteArray();
    }

    public GgufFile open() {
        return GgufFile.of(MemorySegment.ofArray(build()), "test.gguf");
    }

    private int padded(int size) {
        return (size + alignment - 1) / alignment * alignment;
    }

    private static byte[] text(byte[] value) {
        return bytes(8 + value.length).putLong(value.length).put(value).array();
    }

    private static ByteBuffer bytes(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }
}
