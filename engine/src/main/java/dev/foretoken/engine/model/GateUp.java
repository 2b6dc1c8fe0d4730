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
 * The matrices gate and up of a feed-forward network, whose outputs are used in pairs: a stripe of gate and the same stripe of up
 * are one pair. They lie in one matrix, pair after pair, so that a thread reads one stream. Where the two share no layout, or their
 * last stripe is not full, they stay apart and meet here. Immutable, thread-safe.
 */
final class GateUp {
    /** Stripes of a pair. */
    private static final int PAIR = 2;
    /** Pairs that are multiplied at once, where there are many tokens: they are read ahead together. */
    private static final int PAIRS_OF_MANY = 4;

    private final List<PackedMatrix> matrices; // pair after pair in one, or gate and up
    private final int pairs;

    private GateUp(List<PackedMatrix> matrices, int pairs) {
        this.matrices = matrices;
        this.pairs = pairs;
    }

    /** Packs both; they have equally many rows, and {@code columns} is their inner length. */
    static GateUp pack(int columns, WeightRows gate, WeightRows up, ComputeTeam team) {
        int pairs = Math.ceilDiv(gate.rows(), PackedMatrix.STRIPE);
        boolean join = PackedMatrix.canJoin(gate.type(), up.type()) && gate.rows() % PackedMatrix.STRIPE == 0;
        List<PackedMatrix> matrices = join
                ? List.of(PackedMatrix.pack(columns, pairUp(columns, gate, up), team))
                : List.of(
                        PackedMatrix.pack(columns, List.of(gate), team), PackedMatrix.pack(columns, List.of(up), team));
        return new GateUp(matrices, pairs);
    }

    private static List<WeightRows> pairUp(int columns, WeightRows gate, WeightRows up) {
        List<WeightRows> stripes = new ArrayList<>();
        for (int row = 0; row < gate.rows(); row += PackedMatrix.STRIPE) {
            stripes.add(stripe(columns, gate, row));
            stripes.add(stripe(columns, up, row));
        }
        return stripes;
    }

    private static WeightRows stripe(int columns, WeightRows of, int row) {
        long rowBytes = of.type().sizeBytes(columns);
        return new WeightRows(
                of.type(), PackedMatrix.STRIPE, of.data().asSlice(row * rowBytes, PackedMatrix.STRIPE * rowBytes));
    }

    int pairs() {
        return pairs;
    }

    /** How many pairs to multiply at once, out of so many in a row. */
    int pairsAtOnce(int tokens, int inRow) {
        if (tokens <= StripeChunks.TOKENS_FEW) {
            return inRow;
        }
        return Math.min(inRow, Math.max(PAIRS_OF_MANY, matrices.getFirst().stripesTogether() / PAIR));
    }

    /** Most floats that {@link #multiply} writes for up to so many tokens, out of so many pairs in a row. */
    int floatsAtOnce(int tokensMax, int inRow) {
        int few = Math.min(StripeChunks.TOKENS_FEW, tokensMax);
        int products = Math.max(pairsAtOnce(few, inRow) * few, pairsAtOnce(tokensMax, inRow) * tokensMax);
        return products * PAIR * PackedMatrix.STRIPE;
    }

    /** Where in the output a pair's gate begins, after so many other pairs; its up follows. In the order of {@link Products}. */
    static int gateAt(int pair, int tokens) {
        return Products.at(pair * PAIR, 0, tokens);
    }

    /** Where in the output a pair's up begins. */
    static int upAt(int pair, int tokens) {
        return Products.at(pair * PAIR + 1, 0, tokens);
    }

    /** Pairs [from, to) for m tokens; y begins with the first of them. */
    void multiply(Kernels kernels, float[] x, int m, float[] y, int from, int to, Scratch scratch) {
        if (matrices.size() == 1) {
            kernels.multiply(matrices.getFirst(), x, m, y, -gateAt(from, m), PAIR * from, PAIR * to, scratch);
            return;
        }
        for (int pair = from; pair < to; pair++) {
            int unit = Products.at(pair, 0, m);
            kernels.multiply(matrices.getFirst(), x, m, y, gateAt(pair - from, m) - unit, pair, pair + 1, scratch);
            kernels.multiply(matrices.getLast(), x, m, y, upAt(pair - from, m) - unit, pair, pair + 1, scratch);
        }
    }
}
