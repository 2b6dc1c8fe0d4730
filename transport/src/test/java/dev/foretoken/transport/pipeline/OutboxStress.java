package dev.foretoken.transport.pipeline;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.foretoken.engine.session.FinishReason;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** The streamer appends, the drain reads: whole tokens, whole steps, and the end behind all of them. */
final class OutboxStress {
    private static final VerdictEvent STEP = StressSessions.verdict(5, 11, 3);

    private OutboxStress() {}

    /** Takes what is there; the number of tokens, or -1 if one of them was torn. */
    private static int drain(Outbox outbox) {
        int count = 0;
        while (!outbox.isEmpty()) {
            int cell = outbox.cell();
            int token = 11 + count;
            boolean whole = outbox.tokenId(cell) == token
                    && outbox.step(cell) == 5
                    && outbox.releasedBytes(cell) == token
                    && outbox.logprob(cell) == token;
            if (!whole) {
                return -1;
            }
            outbox.advance();
            count++;
        }
        return count;
    }

    @JCStressTest
    @Description("a step appended while the drain looks, then the end")
    @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "nothing yet")
    @Outcome(id = "3, 0", expect = ACCEPTABLE, desc = "the whole step, its end not yet")
    @Outcome(id = "3, 1", expect = ACCEPTABLE, desc = "the end, and the whole step in front of it")
    @Outcome(expect = FORBIDDEN, desc = "a torn token, part of a step, or an end before its tokens")
    @State
    public static class AppendAndEnd {
        private final Outbox outbox = new Outbox(0, 0);

        @Actor
        public void streamer() {
            outbox.append(STEP, 1);
            outbox.end(FinishReason.LENGTH);
        }

        @Actor
        public void reader(II_Result r) {
            r.r2 = outbox.end() == null ? 0 : 1;
            r.r1 = drain(outbox);
        }
    }

    @JCStressTest
    @Description("totals are complete once the end is seen")
    @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "no end yet")
    @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "the end and its totals")
    @Outcome(expect = FORBIDDEN, desc = "a summary with totals missing")
    @State
    public static class Totals {
        private final Outbox outbox = new Outbox(0, 0);

        @Actor
        public void streamer() {
            outbox.append(STEP, 1);
            outbox.end(FinishReason.LENGTH);
        }

        @Actor
        public void reader(II_Result r) {
            if (outbox.end() != null) {
                r.r1 = 1;
                r.r2 = outbox.steps();
            }
        }
    }
}
