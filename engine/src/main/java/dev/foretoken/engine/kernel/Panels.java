package dev.foretoken.engine.kernel;

import static dev.foretoken.engine.kernel.HalfTiles.S;
import static dev.foretoken.engine.kernel.PackedMatrix.PANEL_ROWS;
import static dev.foretoken.engine.kernel.PackedMatrix.STRIPE;
import static dev.foretoken.engine.kernel.VectorWidth.F;
import static dev.foretoken.engine.kernel.VectorWidth.I;
import static dev.foretoken.engine.kernel.VectorWidth.LANES;
import static dev.foretoken.engine.kernel.VectorWidth.PER_STRIPE;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Dequantises columns [kFrom, kTo) of a stripe, whole blocks, to float panels {@code [k][16]}: vector j of the stripe begins
 * {@code step} floats after vector j - 1, side by side in a panel of 16 rows or, with 512 bits, in the next panel.
 */
final class Panels {
    /** Bytes of one load of {@link #fillQ8}, which is for 256 bits. */
    private static final VectorSpecies<Byte> B = ByteVector.SPECIES_64;

    /** Panels of a stripe. */
    private static final int PANELS = STRIPE / PANEL_ROWS;

    private Panels() {}

    static void fill(PackedSlab w, int stripe, int kFrom, int kTo, float[] panel, int panelAt, int step) {
        switch (w) {
            case PackedQ8 q8
            when LANES == 8 -> {
                for (int part = 0; part < PER_STRIPE; part++)
                    fillQ8(q8, stripe, part * LANES, kFrom, kTo, panel, panelAt + part * step);
            }
            case PackedQ4 q4 -> {
                for (int part = 0; part < PER_STRIPE; part++)
                    fillQ4(q4, stripe, part * LANES, kFrom, kTo, panel, panelAt + part * step);
            }
            case PackedHalf half
            when LANES == 16 && half.isFinite() -> {
                for (int part = 0; part < PER_STRIPE; part++)
                    fillHalf(half, stripe, part * LANES, kFrom, kTo, panel, panelAt + part * step);
            }
            // Halves of narrow vectors lie as in a panel, some of wide ones have no float; 128 bits load no four bytes.
            default -> {
                for (int i = 0; i < PANELS; i++)
                    w.fillPanel(stripe * PANELS + i, kFrom, kTo, panel, panelAt + i * step);
            }
        }
    }

    /** Wide tiles fill such panels themselves. */
    private static void fillQ8(PackedQ8 w, int stripe, int lane, int kFrom, int kTo, float[] panel, int panelAt) {
        int length = 1 << w.blockShift;
        int at = (w.columnsBefore(stripe) + kFrom) * STRIPE + lane;
        int scaleAt = w.scalesAt(stripe) + (kFrom >> w.blockShift) * STRIPE + lane;
        int minimumAt = w.minimaAt(stripe) + (kFrom >> w.blockShift) * w.minimumStep + lane;
        for (int block = 0; block < kTo - kFrom >> w.blockShift; block++) {
            FloatVector s = FloatVector.fromArray(F, w.scale, scaleAt + block * STRIPE);
            FloatVector m = FloatVector.fromArray(F, w.minimum, minimumAt + block * w.minimumStep);
            int first = block * length;
            for (int k = 0; k < length; k++) {
                FloatVector q = (FloatVector)
                        ByteVector.fromArray(B, w.q, at + (first + k) * STRIPE).castShape(F, 0);
                q.fma(s, m).intoArray(panel, panelAt + (first + k) * PANEL_ROWS);
            }
        }
    }

    private static void fillHalf(PackedHalf w, int stripe, int lane, int kFrom, int kTo, float[] panel, int panelAt) {
        int at = (w.columnsBefore(stripe) + kFrom) * STRIPE + lane, count = kTo - kFrom;
        IntVector shift = IntVector.broadcast(I, w.shift), mask = IntVector.broadcast(I, w.mask);
        FloatVector factor = FloatVector.broadcast(F, w.factor());
        for (int k = 0; k < count; k++) {
            IntVector bits =
                    (IntVector) ShortVector.fromArray(S, w.w, at + k * STRIPE).castShape(I, 0);
            FloatVector v = bits.lanewise(VectorOperators.LSHL, shift).and(mask).reinterpretAsFloats();
            v.mul(factor).intoArray(panel, panelAt + k * PANEL_ROWS);
        }
    }

    /** Called for narrow vectors only: wide tiles fill panels themselves. */
    private static void fillQ4(PackedQ4 w, int stripe, int lane, int kFrom, int kTo, float[] panel, int panelAt) {
        int at = w.firstByte(stripe, lane, kFrom);
        int scaleAt = w.scalesAt(stripe) + kFrom / 32 * STRIPE + lane;
        for (int block = 0; block < (kTo - kFrom) / 32; block++) {
            FloatVector s = FloatVector.fromArray(F, w.scale, scaleAt + block * STRIPE);
            FloatVector l = s.mul(PackedQ4.LOW_UNIT), h = s.mul(PackedQ4.HIGH_UNIT);
            FloatVector m = FloatVector.fromArray(F, w.minimum, scaleAt + block * STRIPE)
                    .mul(w.minimumFactor);
            for (int eight = block * 4; eight < block * 4 + 4; eight++) {
                for (int pair = 0; pair < 4; pair++) {
                    IntVector i = ByteVector.fromArray(
                                    VectorWidth.BYTES, w.q, at + eight * PackedQ4.BYTES_OF_EIGHT + pair)
                            .reinterpretAsInts();
                    int to = panelAt + (eight * 8 + pair * 2) * PANEL_ROWS;
                    FloatVector low = (FloatVector) i.and(PackedQ4.LOW).convert(VectorOperators.I2F, 0);
                    low.fma(l, m).intoArray(panel, to);
                    FloatVector high = (FloatVector) i.and(PackedQ4.HIGH).convert(VectorOperators.I2F, 0);
                    high.fma(h, m).intoArray(panel, to + PANEL_ROWS);
                }
            }
        }
    }
}
