package dev.foretoken.drafters.control;

import dev.foretoken.drafters.control.VerifyCostCurve.Point;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * How long one forward pass takes without attention, by the rows of its batch: moving averages at a few row counts, made
 * monotone, with straight lines between and a careful guess beyond. Rows far from anything measured are guessed at {@link RisingCurve#GUESSED_SLOPE}
 * of a plain step each.
 * <p>One writer, the thread that knows the times; any thread may read. A reader may see some knots of the curve before and
 * some after an update; each is a valid estimate.
 */
public final class VerifyCostModel {
    /** A knot learns by so much, times the surprises in a row that were in the same direction: many are no chance. */
    private static final double LEARNING_RATE = 0.05;

    private static final double LEARNING_RATE_MAX = 0.4;
    /** From so many observations on, a knot that moves moves all others by a part of its way: the context has grown. */
    private static final int SETTLED = 20;
    /** The first passes of a size run code that is not compiled yet: while so few were seen, the shorter ones count. */
    private static final int COLD = 12;

    private static final double COLD_DOWN = 0.7;
    private static final double COLD_UP = 0.2;
    /** The curve goes through the knots with so many observations. */
    private static final int TRUSTED = 8;
    /** A trusted knot is up to date for so many passes, and twice as many after each further observation. */
    private static final int FRESH_FOR = 1024;

    /** Row counts whose ratio is at most this are so close that nothing between them needs to be tried. */
    private static final double CLOSE = 1.5;

    private static final int FRESH_DOUBLINGS = 5;
    /**
     * With every pass of other sizes, a knot goes back by this part of its way to the recalled shape: what was measured
     * while code was compiled anew must not keep a size from being tried for ever.
     */
    private static final double FADING = 1.0 / 256;
    /** So many passes after {@link #recall} tell how fast everything is now, and leave the curve's shape alone. */
    private static final int LEVELLING = COLD;
    /** Of a row, in plain steps: what costs more is not recalled. */
    private static final double PLAUSIBLE_SLOPE = 1.2;
    /** A recalled knot without any observation of its own counts as so many where neighbours disagree. */
    private static final double RECALLED_WEIGHT = 0.25;
    /**
     * Without a rehearsal, a model knows something worth keeping after so many passes: at sizes seen often, or recalled. Sizes
     * seen a few times were seen while code was being compiled, and who starts from that drafts too little.
     */
    private static final int LASTING = 256;
    /** Longer than so many times the expectation counts as that: a collector's pause is not a cost of rows. */
    private static final double SURPRISE_MAX = 4;
    /** What is left of a pass without attention is this part of it at least, whatever attention is expected to take. */
    private static final double REST_MIN = 0.25;

    // Owned by the writer.
    private final double[] measured = new double[CostKnots.COUNT]; // [knots] ns; 0 = never
    private final int[] observations = new int[CostKnots.COUNT];
    private final int[] surprises = new int[CostKnots.COUNT]; // in a row: above expectation; negative: below
    private final long[] updatedAt = new long[CostKnots.COUNT];
    private final double[] shape = new double[CostKnots.COUNT]; // the curve as it was recalled; 0 = it was not
    private final boolean[] isTrusted = new boolean[CostKnots.COUNT];
    private final RisingCurve curve = new RisingCurve();
    private long passes;
    private int levelling;
    private boolean rehearsed;
    private long recalled; // bit i: knot i was recalled, which counted as TRUSTED observations

    // Read by everyone.
    private volatile ContextCost context = ContextCost.NONE;
    private final AtomicLongArray published = new AtomicLongArray(CostKnots.COUNT);
    private final AtomicLongArray publishedLeast = new AtomicLongArray(CostKnots.COUNT);
    private volatile int rowsTrusted;
    /** Bit i: knot i was measured often enough to outlive this model. */
    private volatile long lasting;

    /**
     * Starts from what an earlier model learned. Its curve is believed at once, where it is plausible; the first passes move it up or down as a
     * whole, to the speed of today, and later ones refine it. By the thread that made the model, before the first pass.
     */
    public void recall(VerifyCostCurve earlier) {
        context = earlier.context();
        double plainNs = earlier.points().getFirst().ns();
        for (Point point : earlier.points()) {
            int knot = CostKnots.atOrAbove(point.rows());
            if (CostKnots.rows(knot) == point.rows() && isPlausible(point.rows(), point.ns(), plainNs)) {
                measured[knot] = point.ns();
                observations[knot] = TRUSTED;
                recalled |= 1L << knot;
                levelling = LEVELLING;
            }
        }
        if (levelling > 0) {
            draw();
            for (int knot = 0; knot < CostKnots.COUNT; knot++) {
                shape[knot] = curve.at(knot);
            }
        }
    }

    /** Rows together never cost more than one by one, but for noise: else they were measured in a bad moment. */
    private static boolean isPlausible(int rows, double ns, double plainNs) {
        return ns <= PLAUSIBLE_SLOPE * rows * plainNs;
    }

    /**
     * As {@link #recall}, of what this engine has just measured with compiled code: a later model may recall it at once. Writer
     * only, also after passes.
     */
    public void rehearsed(VerifyCostCurve measuredNow) {
        rehearsed = true;
        recall(measuredNow);
    }

    /** What a later model may {@link #recall}; empty while too little was measured to be worth keeping. Any thread. */
    public Optional<VerifyCostCurve> curve() {
        long knots = lasting;
        List<Point> points = new ArrayList<>();
        double atLeast = 0;
        for (int knot = 0; knot < CostKnots.COUNT; knot++) {
            if ((knots & 1L << knot) != 0) {
                atLeast = Math.max(atLeast, Double.longBitsToDouble(published.getOpaque(knot)));
                points.add(new Point(CostKnots.rows(knot), atLeast));
            }
        }
        return points.isEmpty() ? Optional.empty() : Optional.of(new VerifyCostCurve(points, context));
    }

    /** What attention adds to the times here; nothing until it is known. Any thread. */
    public ContextCost context() {
        return context;
    }

    /**
     * As {@link #observe(int, long)} of a pass with attention, which is taken off first.
     *
     * @param positions of all sessions of the batch
     * @param rowPositions the sum over its rows of the positions before them
     */
    public void observe(int rows, long passNs, double positions, double rowPositions) {
        double attentionNs = context.ns(positions, rowPositions);
        observe(rows, Math.round(Math.max(passNs - attentionNs, passNs * REST_MIN)));
    }

    /** Takes one measured pass in; a batch without trees (prompt rows only) does not count. Writer only. */
    public void observe(int rows, long passNs) {
        if (rows < 1 || passNs <= 0) {
            return;
        }
        if (passes++ == 0 && recalled == 0) {
            curve.guessFrom(rows, passNs);
        }
        double level = passNs / curve.read(rows);
        if (levelling > 0) {
            level(level);
            draw();
            return;
        }
        int right = CostKnots.atOrAbove(rows);
        int left = CostKnots.atOrBelow(rows, right);
        double share = left == right ? 1 : CostKnots.onLine(rows, left, 1, right, 0);
        double before = measured[left];
        learn(left, level * curve.at(left), share);
        if (right != left) {
            learn(right, level * curve.at(right), 1 - share);
        }
        if (observations[left] > SETTLED) {
            shiftOthers(left, right, Math.sqrt(measured[left] / before));
        }
        fadeOthers(left, right);
        draw();
    }

    /** Expected time of a pass over so many rows in ns, 0 while nothing was ever measured. Any thread. */
    public double ns(int rows) {
        return read(published, rows);
    }

    /**
     * The least that a pass over so many rows can take if the curve rises: that of the next smaller number that was
     * measured well and lately. Equal to {@link #ns} there, and between two close numbers that were
     * measured well. Any thread.
     */
    double leastNs(int rows) {
        return read(publishedLeast, rows);
    }

    private static double read(AtomicLongArray published, int rows) {
        int right = CostKnots.atOrAbove(rows);
        int left = CostKnots.atOrBelow(rows, right);
        double above = Double.longBitsToDouble(published.getOpaque(right));
        return left == right
                ? above
                : CostKnots.onLine(rows, left, Double.longBitsToDouble(published.getOpaque(left)), right, above);
    }

    /** The most rows whose time was measured several times: beyond them the curve is a guess. Any thread. */
    int rowsTrusted() {
        return rowsTrusted;
    }

    /** The whole curve at the speed of this pass; code that is still being compiled is not taken for a slow machine for long. */
    private void level(double surprise) {
        boolean first = levelling-- == LEVELLING;
        double rate = first ? 1 : surprise < 1 ? COLD_DOWN : COLD_UP;
        double factor = 1 + rate * (Math.min(surprise, SURPRISE_MAX) - 1);
        for (int knot = 0; knot < CostKnots.COUNT; knot++) {
            measured[knot] *= factor;
        }
    }

    private void learn(int knot, double ns, double share) {
        boolean first = observations[knot] == 0;
        if (first && share < 0.25) {
            return; // too far away to found a knot on
        }
        double before = first ? curve.at(knot) : measured[knot];
        double surprise = Math.min(ns / before, SURPRISE_MAX);
        observations[knot]++;
        surprises[knot] = surprise > 1 ? Math.max(surprises[knot], 0) + 1 : Math.min(surprises[knot], 0) - 1;
        double rate = first ? 1 : share * rateOf(knot, surprise);
        measured[knot] = before * (1 + rate * (surprise - 1));
        updatedAt[knot] = passes;
    }

    private double rateOf(int knot, double surprise) {
        if (observations[knot] <= COLD) {
            return surprise < 1 ? COLD_DOWN : COLD_UP;
        }
        return Math.min(LEARNING_RATE_MAX, LEARNING_RATE * Math.abs(surprises[knot]));
    }

    private void shiftOthers(int left, int right, double factor) {
        for (int knot = 0; knot < CostKnots.COUNT; knot++) {
            if (knot != left && knot != right) {
                measured[knot] *= factor;
            }
        }
    }

    private void fadeOthers(int left, int right) {
        if (shape[0] == 0) {
            return;
        }
        double today = measured[0] / shape[0];
        for (int knot = 1; knot < CostKnots.COUNT; knot++) {
            if (observations[knot] > 0 && knot != left && knot != right) {
                measured[knot] += FADING * (shape[knot] * today - measured[knot]);
            }
        }
    }

    /** Cheaper than the guess at the first sight already: nothing is lost by believing that. */
    private boolean isGoodNews(int knot) {
        return observations[knot] > 0
                && observations[0] > 0
                && measured[knot] <= measured[0] * RisingCurve.guessed(CostKnots.rows(knot));
    }

    private boolean isFresh(int knot) {
        int doublings = Math.min(observations[knot] - TRUSTED, FRESH_DOUBLINGS);
        return isTrusted[knot] && passes - updatedAt[knot] < (long) FRESH_FOR << Math.max(0, doublings);
    }

    /** Not measured, but what is on both sides of it was, and lies so close together that a line between is good enough. */
    private boolean isEnclosed(int knot) {
        int left = knot;
        int right = knot;
        while (left > 0 && !isTrusted[left]) {
            left--;
        }
        while (right < CostKnots.COUNT - 1 && !isTrusted[right]) {
            right++;
        }
        return left < knot
                && isTrusted[left]
                && isTrusted[right]
                && CostKnots.rows(right) <= CLOSE * CostKnots.rows(left);
    }

    /** At first even one observation is better than none. */
    private void chooseTrusted() {
        int most = 0;
        for (int count : observations) {
            most = Math.max(most, count);
        }
        for (int knot = 0; knot < CostKnots.COUNT; knot++) {
            boolean isKnown = observations[knot] >= Math.min(TRUSTED, most) || isGoodNews(knot);
            isTrusted[knot] = isKnown && !isOverruled(knot);
        }
    }

    /** Seen only while code was being compiled, and since then more rows took less. */
    private boolean isOverruled(int knot) {
        boolean isOverruled = false;
        for (int more = knot + 1; more < CostKnots.COUNT && observations[knot] <= COLD; more++) {
            isOverruled |=
                    observations[more] > COLD && measured[more] <= measured[knot] && updatedAt[more] > updatedAt[knot];
        }
        return isOverruled;
    }

    /** Redraws the curve through the trusted knots and publishes it. */
    private void draw() {
        chooseTrusted();
        curve.begin();
        for (int knot = 0; knot < CostKnots.COUNT; knot++) {
            if (isTrusted[knot]) {
                curve.add(knot, measured[knot], weight(knot));
            }
        }
        curve.finish();
        publish();
    }

    private void publish() {
        double least = 0;
        int rows = 0;
        long kept = 0;
        for (int knot = 0; knot < CostKnots.COUNT; knot++) {
            least = isFresh(knot) || isEnclosed(knot) || least == 0 ? curve.at(knot) : least;
            rows = isTrusted[knot] ? CostKnots.rows(knot) : rows;
            kept |= observations[knot] >= (rehearsed ? TRUSTED : SETTLED) ? 1L << knot : 0;
            published.setOpaque(knot, Double.doubleToRawLongBits(curve.at(knot)));
            publishedLeast.setOpaque(knot, Double.doubleToRawLongBits(least));
        }
        rowsTrusted = rows;
        lasting = rehearsed || passes >= LASTING ? kept | recalled : 0;
    }

    /** What was recalled holds no ground against what is measured now. */
    private double weight(int knot) {
        boolean isRecalled = (recalled & 1L << knot) != 0;
        int own = observations[knot] - (isRecalled ? TRUSTED : 0);
        return own == 0 ? RECALLED_WEIGHT : Math.min(SETTLED, own);
    }
}
