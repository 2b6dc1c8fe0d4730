package dev.foretoken.transport.pipeline;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Mode;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.Signal;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/** A stage that is about to park, and a publisher: the stage sees the work or the publisher sees the sleeper. */
final class ParkerStress {
    private ParkerStress() {}

    /** The two halves of the protocol with plain reads in place of the park, so that every interleaving is counted. */
    @JCStressTest
    @Description("announce sleep, look for work; publish work, look for a sleeper")
    @Outcome(
            id = "true, true",
            expect = ACCEPTABLE,
            desc = "the stage sees the work and its sleeper is woken for nothing")
    @Outcome(id = "true, false", expect = ACCEPTABLE, desc = "the stage sees the work and does not sleep")
    @Outcome(id = "false, true", expect = ACCEPTABLE, desc = "the stage is woken")
    @Outcome(id = "false, false", expect = FORBIDDEN, desc = "the stage sleeps beside its work")
    @State
    public static class PrepareAndSignal {
        private final Parker parker = new Parker();
        private int work; // plain: a ring's cursor is written with release order only

        @Actor
        public void stage(ZZ_Result r) {
            parker.prepare();
            r.r1 = work == 1;
        }

        @Actor
        public void publisher(ZZ_Result r) {
            work = 1;
            r.r2 = parker.signal();
        }
    }

    /** The whole thing: a stage parks without a limit; one signal must end it. */
    @JCStressTest(Mode.Termination)
    @Description("one signal ends an unlimited park")
    @Outcome(id = "TERMINATED", expect = ACCEPTABLE, desc = "the stage went on")
    @Outcome(id = "STALE", expect = FORBIDDEN, desc = "the stage slept through its signal")
    @State
    public static class ParkEnds {
        private final Parker parker = new Parker();
        private volatile boolean work;

        @Actor
        public void stage() {
            parker.bind(Thread.currentThread());
            while (!work) {
                parker.prepare();
                if (work) {
                    parker.cancel();
                } else {
                    parker.park(Long.MAX_VALUE);
                }
            }
        }

        @Signal
        public void publisher() {
            work = true;
            parker.signal();
        }
    }
}
