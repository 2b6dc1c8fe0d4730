package dev.foretoken.engine.gguf;

import java.util.List;

/**
 * Where one tensor lies in a file and how it is stored; its bytes are {@link GgufFile#data(GgufTensor)}.
 *
 * @param name unique in its file
 * @param type storage of the elements
 * @param shape one to four sizes, the innermost first: a weight matrix that maps n inputs to m outputs is [n, m]
 * @param offset of the first byte from the start of the file's tensor data
 * @param sizeBytes of all elements
 */
public record GgufTensor(String name, TensorType type, List<Long> shape, long offset, long sizeBytes) {
    public GgufTensor {
        shape = List.copyOf(shape);
    }

    /** Elements of one row: the innermost size. */
    public long columns() {
        return shape.getFirst();
    }

    /** Product of all sizes but the innermost; 1 for vectors. */
    public long rows() {
        return elementCount() / columns();
    }

    /** Product of all sizes; the reader made sure that it fits. */
    public long elementCount() {
        long count = 1;
        for (long size : shape) {
            count *= size;
        }
        return count;
    }

    /** The shape for people, as in {@code 576 x 49152}. */
    public String shapeText() {
        StringBuilder text = new StringBuilder();
        for (long size : shape) {
            text.append(text.isEmpty() ? "" : " x ").append(size);
        }
        return text.toString();
    }
}
