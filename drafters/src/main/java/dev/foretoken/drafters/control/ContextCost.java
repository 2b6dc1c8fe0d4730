package dev.foretoken.drafters.control;

/**
 * What attention adds to a pass: reading the stored positions of every session, and weighing them for every row. A pass over
 * many rows after a short text and one over few after a long text are compared by it.
 *
 * @param nsPerPosition for each position of each session
 * @param nsPerRowPosition for each position and row
 */
public record ContextCost(double nsPerPosition, double nsPerRowPosition) {
    /** Not known, or not worth knowing. */
    public static final ContextCost NONE = new ContextCost(0, 0);

    /** @throws IllegalArgumentException unless both are finite and not negative */
    public ContextCost {
        if (!(nsPerPosition >= 0 && nsPerPosition < Double.POSITIVE_INFINITY)
                || !(nsPerRowPosition >= 0 && nsPerRowPosition < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(
                    "attention costs %s and %s ns per position, expected finite numbers, none negative"
                            .formatted(nsPerPosition, nsPerRowPosition));
        }
    }

    /**
     * The line through what passes took longer because of positions before them.
     *
     * @param rows of each pass
     * @param addedNs what the positions added to it
     */
    public static ContextCost fit(int[] rows, double[] addedNs, int positions) {
        if (rows.length == 0 || positions == 0) {
            return NONE;
        }
        double meanRows = 0;
        double meanNs = 0;
        for (int i = 0; i < rows.length; i++) {
            meanRows += (double) rows[i] / rows.length;
            meanNs += addedNs[i] / rows.length;
        }
        double together = 0;
        double spread = 0;
        for (int i = 0; i < rows.length; i++) {
            together += (rows[i] - meanRows) * (addedNs[i] - meanNs);
            spread += (rows[i] - meanRows) * (rows[i] - meanRows);
        }
        double perRow = spread > 0 ? Math.clamp(together / spread, 0, Math.max(0, meanNs / meanRows)) : 0;
        return new ContextCost(Math.max(0, meanNs - perRow * meanRows) / positions, perRow / positions);
    }

    /**
     * Expected time of attention in ns.
     *
     * @param positions of all sessions
     * @param rowPositions the sum over all rows of the positions before them
     */
    public double ns(double positions, double rowPositions) {
        return nsPerPosition * positions + nsPerRowPosition * rowPositions;
    }
}
