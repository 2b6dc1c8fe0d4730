package dev.foretoken.engine.kernel;

import static dev.foretoken.engine.kernel.PackedMatrix.STRIPE;

import dev.foretoken.engine.error.InvalidInputException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Turns rows of a model file into a {@link PackedMatrix}, whole stripes per chunk. */
final class MatrixPacker {
    /** Stripes decoded by one chunk at least: enough work to be worth claiming. */
    private static final int STRIPES_PER_CHUNK = 4;

    private MatrixPacker() {}

    static PackedMatrix pack(int columns, List<WeightRows> parts, @Nullable ComputeTeam team) {
        if (columns < 1 || parts.isEmpty())
            throw new IllegalArgumentException("nothing to pack: columns=" + columns + " parts=" + parts.size());
        PackedLayout layout = PackedLayout.of(parts.getFirst().type());
        long rows = 0;
        for (WeightRows part : parts) {
            check(part, layout, columns);
            rows += part.rows();
        }
        PackedMatrix.checkedWeights(layout, rows, columns);
        PackedMatrix packed = new PackedMatrix(layout, (int) rows, columns);
        int perChunk =
                Math.max(STRIPES_PER_CHUNK, (packed.stripes() + ComputeTeam.CHUNKS_MAX - 1) / ComputeTeam.CHUNKS_MAX);
        int chunks = (packed.stripes() + perChunk - 1) / perChunk;
        ComputeTeam.Task task = (chunk, worker) -> packRows(packed, parts, chunk * perChunk * STRIPE, (int)
                Math.min(packed.rows(), (chunk + 1L) * perChunk * STRIPE));
        if (team == null) for (int c = 0; c < chunks; c++) task.run(c, 0);
        else team.run(chunks, task);
        packed.seal();
        return packed;
    }

    private static void check(WeightRows part, PackedLayout layout, int columns) {
        if (PackedLayout.of(part.type()) != layout)
            throw new IllegalArgumentException(
                    "types of layout " + layout + " and " + part.type() + " cannot share a matrix");
        long needed = Math.multiplyExact((long) part.rows(), RowDecoder.rowBytes(part.type(), columns));
        if (part.data().byteSize() < needed)
            throw new InvalidInputException("a %s matrix of %d x %d needs %d bytes, the file has %d; is it truncated?"
                    .formatted(
                            part.type(),
                            part.rows(),
                            columns,
                            needed,
                            part.data().byteSize()));
    }

    private static void packRows(PackedMatrix packed, List<WeightRows> parts, int rowFrom, int rowTo) {
        RowDecoder decoder = new RowDecoder(packed.columns());
        int first = 0;
        for (WeightRows part : parts) {
            long rowBytes = RowDecoder.rowBytes(part.type(), packed.columns());
            MemorySegment data = part.data();
            int to = Math.min(rowTo, first + part.rows());
            for (int row = Math.max(rowFrom, first); row < to; row++) {
                decoder.decode(part.type(), data, (row - first) * rowBytes);
                packed.storeRow(row, decoder);
            }
            first += part.rows();
        }
    }
}
