package dev.foretoken.transport.pipeline;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.foretoken.engine.draft.DraftText;
import dev.foretoken.engine.tree.TokenTree;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.IZZ_Result;

/** The mailbox between a session's owner and a slow drafter: a draft comes whole or counts as missed, and is never stale. */
final class SlowDraftStress {
    private static final int MISSED = -1;
    private static final int TORN = -2;
    private static final int NODES = 4;

    private SlowDraftStress() {}

    private static DraftText text() {
        return new DraftText(new int[] {7, 8, 9}, 8);
    }

    /** The drafter's side: a chain of tokens that tell which text they are for. */
    private static boolean answer(SlowDraft mailbox) {
        TokenTree draft = mailbox.restartedTree();
        int length = mailbox.text().length();
        int node = 0;
        for (int i = 1; i < NODES; i++) {
            node = draft.add(node, 10 * length + i, 0.5f, 0);
        }
        return mailbox.settle(true, length);
    }

    /** The owner's side at the deadline: the length of the text that the draft is for, or {@link #MISSED}. */
    private static int collect(SlowDraft mailbox) {
        if (!mailbox.isSettled() && mailbox.abandon()) {
            return MISSED;
        }
        if (!mailbox.take()) {
            return TORN;
        }
        TokenTree draft = mailbox.tree();
        int length = (int) mailbox.elapsedNs();
        boolean whole = draft.nodeCount() == NODES;
        for (int i = 1; i < NODES && whole; i++) {
            whole = draft.token(i) == 10 * length + i;
        }
        return whole ? length : TORN;
    }

    @JCStressTest
    @Description("the deadline against the answer")
    @Outcome(id = "1, true, true", expect = ACCEPTABLE, desc = "the draft came in time and whole")
    @Outcome(id = "-1, false, true", expect = ACCEPTABLE, desc = "missed, and the drafter knows that nobody wants it")
    @Outcome(expect = FORBIDDEN, desc = "torn, taken and missed at once, or the mailbox is lost")
    @State
    public static class DeadlineAgainstAnswer {
        private final SlowDraft mailbox = new SlowDraft(text());

        public DeadlineAgainstAnswer() {
            mailbox.ask(1, NODES, NODES);
        }

        @Actor
        public void owner(IZZ_Result r) {
            r.r1 = collect(mailbox);
        }

        @Actor
        public void drafter(IZZ_Result r) {
            r.r2 = answer(mailbox);
        }

        @Arbiter
        public void after(IZZ_Result r) {
            r.r3 = mailbox.ask(2, NODES, NODES);
        }
    }

    @JCStressTest
    @Description("a question for a longer text while the draft for the shorter one is under way")
    @Outcome(id = "1, 2, 2", expect = ACCEPTABLE, desc = "both drafts came in time")
    @Outcome(id = "1, -1, 2", expect = ACCEPTABLE, desc = "the second was late")
    @Outcome(id = "-1, 2, 2", expect = ACCEPTABLE, desc = "the first was late, the second in time")
    @Outcome(id = "-1, -1, 2", expect = ACCEPTABLE, desc = "both were late")
    @Outcome(
            id = {"1, 0, 0", "-1, 0, 0"},
            expect = ACCEPTABLE,
            desc = "the drafter was still busy, nothing was asked")
    @Outcome(expect = FORBIDDEN, desc = "a stale or torn draft was taken")
    @State
    public static class NextQuestion {
        private final SlowDraft mailbox = new SlowDraft(text());
        private volatile int asked = 1;

        public NextQuestion() {
            mailbox.ask(1, NODES, NODES);
        }

        @Actor
        public void owner(III_Result r) {
            r.r1 = collect(mailbox);
            if (mailbox.ask(2, NODES, NODES)) {
                asked = 2;
                r.r2 = collect(mailbox);
                r.r3 = 2;
            }
        }

        /** Answers the first question, and the second if it comes in a moment. */
        @Actor
        public void drafter() {
            answer(mailbox);
            for (int i = 0; i < 50 && asked == 1; i++) {
                Thread.onSpinWait();
            }
            if (asked == 2) {
                answer(mailbox);
            }
        }
    }
}
