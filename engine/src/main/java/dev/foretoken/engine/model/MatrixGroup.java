package dev.foretoken.engine.model;

import dev.foretoken.engine.kernel.ComputeTeam;
import dev.foretoken.engine.kernel.Kernels;
import dev.foretoken.engine.kernel.PackedMatrix;
import dev.foretoken.engine.kernel.Products;
import dev.foretoken.engine.kernel.Scratch;
import dev.foretoken.engine.kernel.WeightRows;
import java.util.ArrayList;
import java.util.List;

/**
 * Matrices with the same input that are multiplied as if they were one, below each other: queries, keys and values.
 * Neighbours whose storage types share a layout are joined into one packed matrix; others stay apart and meet here.
 * Immutable, thread-safe.
 */
final class MatrixGroup {
    private final PackedMatrix[] parts;
    private final int[] firstStripe;
    private final int[] rowOffset;

    private MatrixGroup(PackedMatrix[] parts, int[] firstStripe, int[] rowOffset) {
        this.parts = parts;
        this.firstStripe = firstStripe;
        this.rowOffset = rowOffset;
    }

    /** Packs the members, in order; {@code columns} is their inner length. */
    static MatrixGroup pack(int columns, List<WeightRows> members, ComputeTeam team) {
        List<PackedMatrix> parts = new ArrayList<>();
        int[] rowOffset = new int[members.size()];
        int stripes = 0;
        int from = 0;
        while (from < members.size()) {
            int to = from;
            int rows = 0;
            while (to < members.size()
                    && PackedMatrix.canJoin(
                            members.get(from).type(), members.get(to).type())) {
                rowOffset[to] = stripes * PackedMatrix.STRIPE + rows;
                rows += members.get(to++).rows();
            }
            PackedMatrix part = PackedMatrix.pack(columns, members.subList(from, to), team);
            parts.add(part);
            stripes += part.stripes();
            from = to;
        }
        return new MatrixGroup(parts.toArray(PackedMatrix[]::new), firstStripes(parts), rowOffset);
    }

    private static int[] firstStripes(List<PackedMatrix> parts) {
        int[] first = new int[parts.size() + 1];
        for (int i = 0; i < parts.size(); i++) {
            first[i + 1] = first[i] + parts.get(i).stripes();
        }
        return first;
    }

    /** True if the members lie below each other without padding between them. */
    boolean isOneMatrix() {
        return parts.length == 1;
    }

    int stripes() {
        return firstStripe[parts.length];
    }

    /** Floats of one token's output, padding included. */
    int paddedRows() {
        return stripes() * PackedMatrix.STRIPE;
    }

    /** Where a member's rows begin in the output. */
    int rowOffset(int member) {
        return rowOffset[member];
    }

    /** Stripes [from, to) of the whole group for m tokens; y has {@link #paddedRows} floats per token, as {@link Products}. */
    void multiply(Kernels kernels, float[] x, int m, float[] y, int from, int to, Scratch scratch) {
        for (int i = 0; i < parts.length; i++) {
            int first = firstStripe[i];
            int partFrom = Math.max(from, first) - first;
            int partTo = Math.min(to, firstStripe[i + 1]) - first;
            if (partFrom < partTo) {
                kernels.multiply(parts[i], x, m, y, Products.at(first, 0, m), partFrom, partTo, scratch);
            }
        }
    }
}
