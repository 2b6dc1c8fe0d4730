package dev.foretoken.engine.kernel;

import static dev.foretoken.engine.kernel.PackedMatrix.PANEL_ROWS;
import static dev.foretoken.engine.kernel.PackedMatrix.STRIPE;

import java.util.function.Function;

/**
 * {@code w = fma(q, scale, minimum * minimumFactor)}, nibbles 0 to 15, scale and minimum per 32 weights (Q4_0, Q4_1, Q4_K).
 * The factor is 1, or -8 where the minima are the scales themselves.
 *
 * <pre>
 *   row r of stripe s, k..k+7    four bytes from  s * bytesPerStripe + k / 8 * 4S + 4 * (r % S)  on
 *   nibble i of these            bits F + 4i to F + 4i + 3 from there, lowest first; F = 15 with wide vectors, otherwise 0
 *                                (with F = 15 the last bits lie in the bytes of the next row, before its own)
 * </pre>
 * The four bytes from byte i of a row on, read as an int, hold nibble 2i in the low place, bits F to F + 3, and nibble 2i + 1 in
 * the high place, the four bits above. So a vector of nibbles takes a load from one byte further on and a mask, where shifting
 * would take turns with the multiplications. With wide vectors F is 15: then the places are the upper bits of a float's mantissa.
 *
 * <p>The last row's bits reach two bytes beyond a stripe's rows, loads three. These bytes are the stripe's own, because rows are
 * stored by setting bits, and two stripes by two threads.
 */
final class PackedQ4 extends PackedSlab {
    private static final int FIRST_BIT = KernelChoice.hasWideVectors() ? 15 : 0;

    /** The bits of the low place in an int, and of the high one. */
    static final int LOW = 0xf << FIRST_BIT;

    static final int HIGH = LOW << 4;
    /** What makes a place's bits the nibble. Exact times a scale: that is 0 or at least 2^-24, far from where powers of two round. */
    static final float LOW_UNIT = 1f / (1 << FIRST_BIT);

    static final float HIGH_UNIT = LOW_UNIT / 16;
    /** Bytes of eight k of all rows of a stripe. */
    static final int BYTES_OF_EIGHT = Integer.BYTES * STRIPE;

    private static final float[] ZEROS = new float[STRIPE];

    final byte[] q;
    final float[] scale;
    final float[] minimum;
    final float minimumFactor;
    private final int bytesBefore;
    private volatile boolean isMantissaExact = true;

    private PackedQ4(byte[] q, float[] scale, float[] minimum, SlabGrid.Slab place) {
        super(place);
        this.q = q;
        this.scale = scale;
        this.minimum = minimum;
        this.minimumFactor = minimum == scale ? -8f : 1f;
        this.bytesBefore =
                place.columnsBefore() / 8 * BYTES_OF_EIGHT + place.stripesBefore() * (int) PackedLayout.STRIPE_END;
    }

    /** @param stripes of all slabs together */
    static Function<SlabGrid.Slab, PackedSlab> allocate(PackedLayout layout, long weights, int stripes) {
        byte[] q = new byte[(int) layout.longestArray(weights, stripes)];
        float[] scale = new float[(int) (weights / 32)];
        float[] minimum = layout == PackedLayout.Q4_CENTRED ? scale : new float[scale.length];
        return place -> new PackedQ4(q, scale, minimum, place);
    }

    /** Where the sums of a tile go on: zeros, or what the slab to the left has left in {@code y}. */
    float[] sums(float[] y) {
        return firstColumn() == 0 ? ZEROS : y;
    }

    /** Where in {@link #sums} the sums are that go to this place of {@code y}. */
    int sumsAt(int yAt) {
        return firstColumn() == 0 ? 0 : yAt;
    }

    /** From one token's {@link #sums} to those of the next. */
    int sumsStep(int yStride) {
        return firstColumn() == 0 ? 0 : yStride;
    }

    /** Bytes of one stripe, its end included. */
    private int bytesPerStripe() {
        return columns() / 8 * BYTES_OF_EIGHT + (int) PackedLayout.STRIPE_END;
    }

    /** Where the four bytes of a row of a stripe and of the eight k around {@code k} are. */
    int firstByte(int stripe, int lane, int k) {
        return bytesBefore + stripe * bytesPerStripe() + k / 8 * BYTES_OF_EIGHT + Integer.BYTES * lane;
    }

    /** Where the scales of a stripe begin, and its minima. */
    int scalesAt(int stripe) {
        return columnsBefore(stripe) / 32 * STRIPE;
    }

    /**
     * True if {@code minimum - n * scale} is a float everywhere for n = 16 and n = 256, so that {@code fma(n + q, scale,
     * minimum - n * scale)} has the bits of {@code fma(q, scale, minimum)}: the same number, rounded once. Holds for every Q4_0,
     * as 24 and 264 times a half-precision number are floats, and nearly every Q4_1 tensor, whose scales and minima have 11 bits.
     */
    boolean isMantissaExact() {
        return isMantissaExact;
    }

    /** A weight that is minus zero in one form may be plus zero in the other: only that of two negative factors can be. */
    private static boolean isMantissaExact(float scale, float minimum) {
        boolean mayBeMinusZero =
                Float.floatToRawIntBits(scale) < 0 && Float.floatToRawIntBits(minimum) == Integer.MIN_VALUE;
        return isFloat(minimum - 16.0 * scale) && isFloat(minimum - 256.0 * scale) && !mayBeMinusZero;
    }

    private static boolean isFloat(double number) {
        return (float) number == number && Double.isFinite(number);
    }

    @Override
    int stripeBytes() {
        int scales = columns() / 32 * STRIPE;
        return bytesPerStripe() + Float.BYTES * (minimum == scale ? scales : 2 * scales);
    }

    @Override
    float weight(int row, int k) {
        int stripe = row / STRIPE, lane = row % STRIPE;
        int nibble = nibble(firstByte(stripe, lane, k), k % 8);
        int scaleAt = scalesAt(stripe) + k / 32 * STRIPE + lane;
        return Math.fma((float) nibble, scale[scaleAt], minimum[scaleAt] * minimumFactor);
    }

    @Override
    void fillPanel(int panelIndex, int kFrom, int kTo, float[] panel, int panelAt) {
        int stripe = panelIndex * PANEL_ROWS / STRIPE, lane = panelIndex * PANEL_ROWS % STRIPE;
        for (int k = kFrom; k < kTo; k++, panelAt += PANEL_ROWS) {
            int at = firstByte(stripe, lane, k);
            int scaleAt = scalesAt(stripe) + k / 32 * STRIPE + lane;
            for (int r = 0; r < PANEL_ROWS; r++)
                panel[panelAt + r] = Math.fma(
                        (float) nibble(at + Integer.BYTES * r, k % 8),
                        scale[scaleAt + r],
                        minimum[scaleAt + r] * minimumFactor);
        }
    }

    /** Nibble i of the eight of a row that begin at a byte. */
    private int nibble(int at, int i) {
        int bit = FIRST_BIT + 4 * i, low = at + bit / 8;
        return ((q[low] & 0xff) | q[low + 1] << 8) >>> bit % 8 & 15;
    }

    @Override
    void storeRow(int row, RowDecoder decoded) {
        int stripe = row / STRIPE, lane = row % STRIPE;
        int at = firstByte(stripe, lane, 0), scaleAt = scalesAt(stripe) + lane, firstBlock = firstColumn() / 32;
        for (int g = 0; g < columns() / 8; g++) {
            long eight = 0;
            for (int j = 0; j < 8; j++) eight |= (long) decoded.q[firstColumn() + g * 8 + j] << FIRST_BIT + 4 * j;
            for (int b = FIRST_BIT / 8; b < Integer.BYTES + 2; b++)
                q[at + g * BYTES_OF_EIGHT + b] |= (byte) (eight >>> 8 * b);
        }
        for (int b = 0; b < columns() / 32; b++) {
            float d = decoded.scale[firstBlock + b], least = decoded.minimum[firstBlock + b];
            scale[scaleAt + b * STRIPE] = d;
            if (minimum == scale) continue;
            minimum[scaleAt + b * STRIPE] = least;
            if (!isMantissaExact(d, least)) isMantissaExact = false;
        }
    }
}
