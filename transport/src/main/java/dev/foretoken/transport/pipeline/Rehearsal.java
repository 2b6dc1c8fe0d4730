package dev.foretoken.transport.pipeline;

import dev.foretoken.drafters.control.VerifyCostModel;
import dev.foretoken.engine.verify.Verifier;

/**
 * The calibration run: passes of several sizes while no session is open, first so that the compiler sees the code, then so
 * that the cost model knows what rows cost before the first tree is drafted. One short pass at a time, so that a session that
 * comes in waits for one at most; what is left goes on when the engine is idle again. Owned by the verifier thread.
 */
final class Rehearsal {
    private static final int[] ROWS = {1, 2, 3, 4, 6, 8, 12, 16};
    private static final int ROUNDS = 40;
    /** From this round on times count: the code is compiled by then, or it will be learned from real steps. */
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
    private int round;
    private int size;
    private long totalNs;
    private boolean done;

    Rehearsal(Verifier verifier, VerifyCostModel costModel) {
        this.verifier = verifier;
        this.costModel = costModel;
        this.rowsMax = verifier.shape().batchRowsMax();
    }

    /** True once there is no pass left. */
    boolean isDone() {
        return done;
    }

    /** Runs the next pass; false if there is none left. No session may be open. */
    boolean runOnePass() {
        if (done) {
            return false;
        }
        int rows = ROWS[size];
        long passNs = rows > rowsMax ? 0 : verifier.rehearse(rows);
        totalNs += passNs;
        if (round >= MEASURED_FROM && passNs > 0) {
            costModel.observe(rows, passNs);
        }
        boolean tooLong = round >= COLD_ROUNDS && passNs > PASS_NS_MAX;
        size++;
        if (size == ROWS.length || tooLong) {
            size = 0;
            round = totalNs > WARMING_NS_MAX ? Math.max(round + 1, MEASURED_FROM) : round + 1;
        }
        done = passNs == 0 || round == ROUNDS || totalNs > TOTAL_NS_MAX || (tooLong && rows == 1);
        return true;
    }
}
