package dev.foretoken.engine.kernel;

import dev.foretoken.engine.gguf.TensorType;
import java.lang.foreign.MemorySegment;

/**
 * Some rows of weights as they lie in a model file: row-major, each row a whole number of the type's blocks.
 *
 * @param type the storage type
 * @param rows how many rows, at least 1
 * @param data at least {@code rows} rows; only read while packing
 */
public record WeightRows(TensorType type, int rows, MemorySegment data) {
    public WeightRows {
        if (rows < 1) throw new IllegalArgumentException("a weight matrix needs at least one row, got " + rows);
    }
}
