package dev.foretoken.transport.pipeline;

import dev.foretoken.drafters.control.ContextCost;
import dev.foretoken.drafters.control.VerifyCostCurve;
import dev.foretoken.drafters.control.VerifyCostCurve.Point;
import dev.foretoken.drafters.control.VerifyCostModel;
import dev.foretoken.engine.verify.Verifier;
import dev.foretoken.engine.verify.VerifierShape;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The calibration run: passes of several sizes, every other round with a text before them, while no session is open; first so
 * that the compiler sees the code, then so that the cost model knows what rows and what texts cost before the first tree is
 * drafted. One short pass at a time, so that a session that comes in waits for one at most; what is left goes on when the engine
 * is idle again. Owned by the verifier thread.
 */
final class Rehearsal {
    /** Small trees of every size, so that none meets code that was never run; one row twice, see {@link #MEASURED_SIZES_FROM}. */
    private static final int[] ROWS = {1, 1, 2, 3, 4, 5, 6, 7, 8, 12, 16};
    /** The first pass of a round finds the caches as the largest left them: its time does not count. */
    private static final int MEASURED_SIZES_FROM = 1;

    private static final int ROUNDS = 48;
    /** Length of the text in odd rounds. */
    private static final int POSITIONS = 256;
    /** From this even round on times count: the code is compiled by then, or it will be learned from real steps. */
    private static final int MEASURED_FROM = 32;
    /** No session shall wait longer than about this for a pass to end; a larger one is left to real steps. */
    private static final long PASS_NS_MAX = 100_000_000;
    /** First passes of a process are many times slower than they will be. */
    private static final int COLD_ROUNDS = 2;

    /** A larger model needs fewer rounds until its code is compiled: after so long the rounds that count begin. */
    private static final long WARMING_NS_MAX = 3_000_000_000L;

    private static final long TOTAL_NS_MAX = 10_000_000_000L;

    private final Verifier verifier;
    private final VerifyCostModel costModel;
    private final int rowsMax;
    private final int positions;
    private final double[] shortestNs = new double[ROWS.length]; // without a text; 0 = not measured
    private final double[] shortestAfterTextNs = new double[ROWS.length];
    private int round;
    private int size;
    private long totalNs;
    private boolean done;

    Rehearsal(Verifier verifier, VerifyCostModel costModel) {
        this.verifier = verifier;
        this.costModel = costModel;
        VerifierShape shape = verifier.shape();
        this.rowsMax = shape.batchRowsMax();
        long room = Math.min(shape.contextMax(), (long) shape.pagesTotal() * shape.pageTokens());
        this.positions = Math.clamp(room - ROWS[ROWS.length - 1], 0, POSITIONS);
    }

    /** True once there is no pass left. */
    boolean isDone() {
        return done;
    }

    /** True while the verifier makes itself fast: passes would be in its way, and tell nothing. */
    boolean isWaiting() {
        return !done && !verifier.isWarm();
    }

    /** Runs the next pass; false if there is none left, or none yet. No session may be open. */
    boolean runOnePass() {
        if (done || isWaiting()) {
            return false;
        }
        int rows = ROWS[size];
        boolean afterText = round % 2 == 1;
        long passNs = rows > rowsMax ? 0 : verifier.rehearse(rows, afterText ? positions : 0);
        totalNs += passNs;
        if (round >= MEASURED_FROM && passNs > 0) {
            measured(rows, passNs, afterText);
        }
        boolean tooLong = round >= COLD_ROUNDS && passNs > PASS_NS_MAX;
        size++;
        if (size == ROWS.length || tooLong) {
            size = 0;
            round = totalNs > WARMING_NS_MAX ? Math.max(round + 1, MEASURED_FROM) : round + 1;
        }
        done = passNs == 0 || round == ROUNDS || totalNs > TOTAL_NS_MAX || (tooLong && rows == 1);
        if (done) {
            curve().ifPresent(costModel::rehearsed);
        }
        return true;
    }

    private void measured(int rows, long passNs, boolean afterText) {
        double[] shortest = afterText ? shortestAfterTextNs : shortestNs;
        shortest[size] = shortest[size] == 0 ? passNs : Math.min(shortest[size], passNs);
    }

    /**
     * The shortest times: what a pass took longer was the compiler's doing, or somebody else's. The model moves the curve to
     * what real passes take then.
     */
    private Optional<VerifyCostCurve> curve() {
        List<Point> points = new ArrayList<>();
        double atLeastNs = 0;
        for (int i = MEASURED_SIZES_FROM; i < ROWS.length; i++) {
            if (shortestNs[i] > 0) {
                atLeastNs = Math.max(atLeastNs, shortestNs[i]);
                points.add(new Point(ROWS[i], atLeastNs));
            }
        }
        return points.isEmpty() ? Optional.empty() : Optional.of(new VerifyCostCurve(points, contextCost()));
    }

    /** What the text added, of the sizes that were measured with one and without. */
    private ContextCost contextCost() {
        int[] sizes = IntStream.range(MEASURED_SIZES_FROM, ROWS.length)
                .filter(i -> shortestNs[i] > 0 && shortestAfterTextNs[i] > 0)
                .toArray();
        int[] rows = IntStream.of(sizes).map(i -> ROWS[i]).toArray();
        double[] addedNs = IntStream.of(sizes)
                .mapToDouble(i -> shortestAfterTextNs[i] - shortestNs[i])
                .toArray();
        return ContextCost.fit(rows, addedNs, positions);
    }
}
