package dev.foretoken.engine.model;

import org.jspecify.annotations.Nullable;

/**
 * Cosines and sines by position, in blocks of positions that are filled when the first of them is needed. Filling belongs to
 * the owner of the forward pass, between regions; reading to its whole team.
 */
final class RotaryTable {
    private static final int BLOCK = 64;

    private final RotaryEmbedding rotary;
    private final float @Nullable [][] cos;
    private final float[][] sin;

    RotaryTable(RotaryEmbedding rotary, int positionsMax) {
        this.rotary = rotary;
        int blocks = Math.ceilDiv(positionsMax, BLOCK);
        cos = new float[blocks][];
        sin = new float[blocks][];
    }

    /** Makes a position readable. */
    void require(int position) {
        int block = position / BLOCK;
        if (cos[block] != null) {
            return;
        }
        float[] blockCos = new float[BLOCK * rotary.pairs()];
        float[] blockSin = new float[BLOCK * rotary.pairs()];
        for (int i = 0; i < BLOCK; i++) {
            rotary.angles(block * BLOCK + i, blockCos, blockSin, i * rotary.pairs());
        }
        cos[block] = blockCos;
        sin[block] = blockSin;
    }

    float[] cos(int position) {
        return cos[position / BLOCK];
    }

    float[] sin(int position) {
        return sin[position / BLOCK];
    }

    /** Where a position's pairs begin in {@link #cos} and {@link #sin}. */
    int at(int position) {
        return position % BLOCK * rotary.pairs();
    }
}
