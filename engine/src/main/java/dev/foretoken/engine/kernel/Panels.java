package dev.foretoken.engine.kernel;

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

/** Dequantises columns [kFrom, kTo) of a stripe, whole blocks, to a float panel {@code [k][16]}. */
final class Panels {
    /** Bytes of one load; with 128-bit vectors eight, of which the first four count. */
    private static final VectorSpecies<Byte> B = LANES == 16 ? ByteVector.SPECIES_128 : ByteVector.SPECIES_64;

    private static final VectorSpecies<Short> S = switch (LANES) {
        case 16 -> ShortVector.SPECIES_256;
        case 8 -> ShortVector.SPECIES_128;
        default -> ShortVector.SPECIES_64;
    };

    private Panels() {}

    static void fill(PackedMatrix w, int stripe, int kFrom, int kTo, float[] panel, int panelAt) {
        switch (w) {
            case PackedQ8 q8
            when LANES > 4 -> {
                for (int part = 0; part < PER_STRIPE; part++)
                    fillQ8(q8, stripe, part * LANES, kFrom, kTo, panel, panelAt);
            }
            case PackedQ8Min q8
            when LANES > 4 -> {
                for (int part = 0; part < PER_STRIPE; part++)
                    fillQ8Min(q8, stripe, part * LANES, kFrom, kTo, panel, panelAt);
            }
            case PackedQ4 q4 -> {
                for (int part = 0; part < PER_STRIPE; part++)
                    fillQ4(q4, stripe, part * LANES, kFrom, kTo, panel, panelAt);
            }
            case PackedBf16 bf16 -> fillBf16(bf16, stripe, kFrom, kTo, panel, panelAt);
            // F16: a flat loop that the compiler turns into conversions; 128 bits: there are no four-byte vectors to
            // load
            default -> w.fillPanel(stripe, kFrom, kTo, panel, panelAt);
        }
    }

    private static void fillQ8(PackedQ8 w, int stripe, int lane, int kFrom, int kTo, float[] panel, int panelAt) {
        int length = 1 << w.blockShift;
        int at = (stripe * w.columns() + kFrom) * 16 + lane;
        int scaleAt = stripe * w.scalesPerStripe() + (kFrom >> w.blockShift) * 16 + lane;
        int to = panelAt + lane;
        for (int block = 0; block < kTo - kFrom >> w.blockShift; block++) {
            FloatVector s = FloatVector.fromArray(F, w.scale, scaleAt + block * 16);
            int first = block * length * 16;
            for (int k = 0; k < length; k++) {
                FloatVector q = (FloatVector)
                        ByteVector.fromArray(B, w.q, at + first + k * 16).castShape(F, 0);
                q.mul(s).intoArray(panel, to + first + k * 16);
            }
        }
    }

    private static void fillQ8Min(PackedQ8Min w, int stripe, int lane, int kFrom, int kTo, float[] panel, int panelAt) {
        int at = (stripe * w.columns() + kFrom) * 16 + lane;
        int scaleAt = stripe * w.scalesPerStripe() + kFrom / 32 * 16 + lane;
        int to = panelAt + lane;
        for (int block = 0; block < (kTo - kFrom) / 32; block++) {
            FloatVector s = FloatVector.fromArray(F, w.scale, scaleAt + block * 16);
            FloatVector m = FloatVector.fromArray(F, w.minimum, scaleAt + block * 16);
            int first = block * 512;
            for (int k = 0; k < 32; k++) {
                FloatVector q = (FloatVector)
                        ByteVector.fromArray(B, w.q, at + first + k * 16).castShape(F, 0);
                q.fma(s, m).intoArray(panel, to + first + k * 16);
            }
        }
    }

    /** The upper halves of floats. */
    private static void fillBf16(PackedBf16 w, int stripe, int kFrom, int kTo, float[] panel, int panelAt) {
        int at = (stripe * w.columns() + kFrom) * 16;
        for (int i = 0; i < (kTo - kFrom) * 16; i += LANES) {
            IntVector bits = (IntVector) ShortVector.fromArray(S, w.w, at + i).castShape(I, 0);
            bits.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats().intoArray(panel, panelAt + i);
        }
    }

    private static void fillQ4(PackedQ4 w, int stripe, int lane, int kFrom, int kTo, float[] panel, int panelAt) {
        int at = stripe * w.intsPerStripe() + kFrom / 8 * 16 + lane;
        int scaleAt = stripe * w.scalesPerStripe() + kFrom / 32 * 16 + lane;
        int to = panelAt + lane;
        for (int eight = 0; eight < (kTo - kFrom) / 8; eight++) {
            FloatVector s = FloatVector.fromArray(F, w.scale, scaleAt + eight / 4 * 16);
            FloatVector m = FloatVector.fromArray(F, w.minimum, scaleAt + eight / 4 * 16);
            IntVector i = IntVector.fromArray(I, w.q, at + eight * 16);
            for (int k = 0; k < 8; k++) {
                FloatVector q = (FloatVector) i.and(15).convert(VectorOperators.I2F, 0);
                q.fma(s, m).intoArray(panel, to + eight * 128 + k * 16);
                i = i.lanewise(VectorOperators.LSHR, 4);
            }
        }
    }
}
