package dev.foretoken.transport.pipeline;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZZ_Result;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/** A drafter that is about to wait, and whoever makes it able to draft: exactly one of them lets drafting go on. */
final class WakeStress {
    private static final String DRAFTER = "the drafter saw it in time and goes on";
    private static final String WAKER = "the drafter waits and the other side has won the duty to wake it";
    private static final String NOBODY = "nobody goes on: a lost wake-up, the stream stands still";
    private static final String BOTH = "both go on: two trees for one step";

    private WakeStress() {}

    /** A session whose only obstacle is that nothing was requested. */
    @JCStressTest
    @Description("the first request against the lane that admits")
    @Outcome(id = "true, false", expect = ACCEPTABLE, desc = DRAFTER)
    @Outcome(id = "false, true", expect = ACCEPTABLE, desc = WAKER)
    @Outcome(id = "false, false", expect = FORBIDDEN, desc = NOBODY)
    @Outcome(id = "true, true", expect = FORBIDDEN, desc = BOTH)
    @State
    public static class FirstRequest {
        private final Session session = StressSessions.session();

        @Actor
        public void lane(ZZ_Result r) {
            r.r1 = !session.waitsUnlessReady(1);
        }

        @Actor
        public void subscriber(ZZ_Result r) {
            session.requested();
            r.r2 = session.wins();
        }
    }

    /** A session whose queue is one token above what lets it draft; the reader takes that token. */
    @JCStressTest
    @Description("the drain taking a token against the drafter")
    @Outcome(id = "true, false", expect = ACCEPTABLE, desc = DRAFTER)
    @Outcome(id = "false, true", expect = ACCEPTABLE, desc = WAKER)
    @Outcome(id = "false, false", expect = FORBIDDEN, desc = NOBODY)
    @Outcome(id = "true, true", expect = FORBIDDEN, desc = BOTH)
    @State
    public static class Drain {
        private static final VerdictEvent HALF = StressSessions.verdict(0, 1, Outbox.THRESHOLD / 2);
        private final Session session = StressSessions.session();

        public Drain() {
            session.requested();
            session.outbox().append(HALF, 1);
            session.outbox().append(HALF, 1);
        }

        @Actor
        public void drafter(ZZ_Result r) {
            r.r1 = !session.waitsUnlessReady(1);
        }

        @Actor
        public void drain(ZZ_Result r) {
            session.outbox().advance();
            r.r2 = session.wins();
        }
    }

    /** A session with two verdicts not yet shown; the streamer shows one. */
    @JCStressTest
    @Description("the streamer showing a verdict against the drafter")
    @Outcome(id = "true, false", expect = ACCEPTABLE, desc = DRAFTER)
    @Outcome(id = "false, true", expect = ACCEPTABLE, desc = WAKER)
    @Outcome(id = "false, false", expect = FORBIDDEN, desc = NOBODY)
    @Outcome(id = "true, true", expect = FORBIDDEN, desc = BOTH)
    @State
    public static class Shown {
        private final Session session = StressSessions.session();

        public Shown() {
            session.requested();
            session.countVerdict();
            session.countVerdict();
        }

        @Actor
        public void drafter(ZZ_Result r) {
            r.r1 = !session.waitsUnlessReady(1);
        }

        @Actor
        public void streamer(ZZ_Result r) {
            session.countShown();
            r.r2 = session.wins();
        }
    }

    /** Two obstacles go at once, by two threads; whoever comes last must see both gone. */
    @JCStressTest
    @Description("the first request and the streamer, together against the drafter")
    @Outcome(id = "true, false, false", expect = ACCEPTABLE, desc = DRAFTER)
    @Outcome(
            id = {"false, true, false", "false, false, true"},
            expect = ACCEPTABLE,
            desc = WAKER)
    @Outcome(id = "false, false, false", expect = FORBIDDEN, desc = NOBODY)
    @Outcome(expect = FORBIDDEN, desc = BOTH)
    @State
    public static class RequestAndShown {
        private final Session session = StressSessions.session();

        public RequestAndShown() {
            session.countVerdict();
            session.countVerdict();
        }

        @Actor
        public void drafter(ZZZ_Result r) {
            r.r1 = !session.waitsUnlessReady(1);
        }

        @Actor
        public void subscriber(ZZZ_Result r) {
            session.requested();
            r.r2 = session.wins();
        }

        @Actor
        public void streamer(ZZZ_Result r) {
            session.countShown();
            r.r3 = session.wins();
        }
    }

    /** Two wakers of a session that waits: one WAKE, or the draft ring would hold two. */
    @JCStressTest
    @Description("two wakers of one waiting session")
    @Outcome(
            id = {"true, false", "false, true"},
            expect = ACCEPTABLE,
            desc = "one of them publishes WAKE")
    @Outcome(id = "false, false", expect = FORBIDDEN, desc = NOBODY)
    @Outcome(id = "true, true", expect = FORBIDDEN, desc = "two WAKE events are outstanding")
    @State
    public static class TwoWakers {
        private final Session session = StressSessions.session();

        public TwoWakers() {
            session.waitsUnlessReady(1);
        }

        @Actor
        public void one(ZZ_Result r) {
            session.requested();
            r.r1 = session.wins();
        }

        @Actor
        public void other(ZZ_Result r) {
            session.requested();
            r.r2 = session.wins();
        }
    }

    /** Marks of different kinds share a word. */
    @JCStressTest
    @Description("marking one kind while another is taken")
    @Outcome(id = "true, true, true", expect = ACCEPTABLE, desc = "each kind keeps its own mark")
    @Outcome(expect = FORBIDDEN, desc = "a mark was lost or came back: an event too many or too few")
    @State
    public static class Marks {
        private final Session session = StressSessions.session();

        public Marks() {
            session.mark(DraftEvent.Kind.TREE);
        }

        @Actor
        public void subscriber(ZZZ_Result r) {
            r.r1 = session.mark(DraftEvent.Kind.CANCEL);
        }

        @Actor
        public void lane() {
            session.unmark(DraftEvent.Kind.TREE);
        }

        @Arbiter
        public void after(ZZZ_Result r) {
            r.r2 = !session.mark(DraftEvent.Kind.CANCEL);
            r.r3 = session.mark(DraftEvent.Kind.TREE);
        }
    }
}
