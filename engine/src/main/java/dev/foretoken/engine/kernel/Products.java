package dev.foretoken.engine.kernel;

import static dev.foretoken.engine.kernel.PackedMatrix.STRIPE;

/**
 * Order of what a matrix product gives: stripe after stripe, and in each the rows of token after token. Rows of a token are not
 * neighbours beyond a stripe.
 *
 * <pre>
 *   [stripe][token][32], row r of token m  at  at(r / 32, m, M) + r % 32
 * </pre>
 *
 * <p>So a thread writes one stream, which processors fetch ahead. Where each token had a row of its own, a tile of four tokens
 * wrote to four places, whose lines came from the second cache one by one, behind the weights on their way from memory.
 */
public final class Products {
    private Products() {}

    /** Index of the first row of a stripe of token {@code m} in a batch of {@code tokens} tokens. */
    public static int at(int stripe, int m, int tokens) {
        return (stripe * tokens + m) * STRIPE;
    }

    /** Copies a token's rows of stripes [stripeFrom, stripeTo), padding included, to a plain row that begins at {@code rowAt}. */
    public static void gather(
            float[] products, int m, int tokens, int stripeFrom, int stripeTo, float[] row, int rowAt) {
        for (int s = stripeFrom; s < stripeTo; s++)
            System.arraycopy(products, at(s, m, tokens), row, rowAt + s * STRIPE, STRIPE);
    }
}
