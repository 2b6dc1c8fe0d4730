package dev.foretoken.transport.pipeline;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.foretoken.engine.error.AdmissionRefusedException;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZI_Result;
import org.openjdk.jcstress.infra.results.ZZI_Result;

/** Reservations of subscribers that come at once. */
final class AdmissionStress {
    private AdmissionStress() {}

    private static boolean enters(Admission admission, int pages) {
        try {
            admission.enter(pages);
            return true;
        } catch (AdmissionRefusedException e) {
            return false;
        }
    }

    @JCStressTest
    @Description("two sessions, room for one")
    @Outcome(
            id = {"true, false, 2", "false, true, 2"},
            expect = ACCEPTABLE,
            desc = "one of them is in")
    @Outcome(id = "true, true, 4", expect = FORBIDDEN, desc = "pages were promised twice: a stream fails midway")
    @Outcome(expect = FORBIDDEN, desc = "room was refused, or pages are lost")
    @State
    public static class RoomForOne {
        private final Admission admission = new Admission(2, 3);

        @Actor
        public void one(ZZI_Result r) {
            r.r1 = enters(admission, 2);
        }

        @Actor
        public void other(ZZI_Result r) {
            r.r2 = enters(admission, 2);
        }

        @Arbiter
        public void after(ZZI_Result r) {
            r.r3 = admission.reservedPages();
        }
    }

    @JCStressTest
    @Description("a request that does not fit beside one that does")
    @Outcome(id = "false, true, 2", expect = ACCEPTABLE, desc = "the large one is refused, the small one is in")
    @Outcome(expect = FORBIDDEN, desc = "the refused request stood in the other's way")
    @State
    public static class LargeBesideSmall {
        private final Admission admission = new Admission(3, 3);

        public LargeBesideSmall() {
            admission.enter(1);
        }

        @Actor
        public void large(ZZI_Result r) {
            r.r1 = enters(admission, 3);
        }

        @Actor
        public void small(ZZI_Result r) {
            r.r2 = enters(admission, 1);
        }

        @Arbiter
        public void after(ZZI_Result r) {
            r.r3 = admission.reservedPages();
        }
    }

    @JCStressTest
    @Description("one leaves while another comes, one slot in all")
    @Outcome(
            id = {"true, 1", "false, 0"},
            expect = ACCEPTABLE,
            desc = "the slot has one owner or none")
    @Outcome(expect = FORBIDDEN, desc = "the counts are wrong")
    @State
    public static class LeaveAndEnter {
        private final Admission admission = new Admission(1, 3);
        private final int slot = admission.enter(1);

        @Actor
        public void leaving() {
            admission.leave(slot, 1);
        }

        @Actor
        public void coming(ZI_Result r) {
            r.r1 = enters(admission, 1);
        }

        @Arbiter
        public void after(ZI_Result r) {
            r.r2 = admission.sessions() == admission.reservedPages() ? admission.sessions() : -1;
        }
    }
}
