package dev.foretoken.transport.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.foretoken.drafters.control.VerifyCostModel;
import dev.foretoken.engine.draft.DraftReport;
import dev.foretoken.engine.session.FinishReason;
import dev.foretoken.engine.testing.HashTarget;
import dev.foretoken.engine.tree.TokenTree;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The lane by hand: no thread, and a clock that the test moves. */
class VerifierLaneTest {
    private static final int PROMPT_TOKEN = 1;

    private final HashTarget target = new HashTarget(2, 2000, 1000, 0);
    private final EngineCounters counters = new EngineCounters();
    private final Parker parker = new Parker();
    private final DraftInbox inbox = new DraftInbox(2, parker, counters);
    private long nowNs = 1;
    private final VerifierLane lane = new VerifierLane(
            inbox,
            inbox.newBarrier(),
            parker,
            new VerdictRing(2, counters),
            target,
            new VerifyCostModel(),
            () -> {},
            () -> nowNs,
            counters);
    private final Session first = StressSessions.session(0);
    private final Session second = StressSessions.session(1);

    /** Two sessions that have made a step together, of 10 ms after 1 ms of drafting. */
    @BeforeEach
    void stepTogether() {
        inbox.gateOn(lane);
        target.beforeForward(() -> nowNs += 10_000_000);
        for (Session session : new Session[] {first, second}) {
            session.requested();
            inbox.admit(session);
        }
        lane.doWork();
        draft(first, PROMPT_TOKEN);
        draft(second, PROMPT_TOKEN);
        lane.doWork();
        assertThat(target.forwards()).isEqualTo(1);
    }

    /** A tree that is complete a millisecond from now. */
    private void draft(Session session, int pendingToken) {
        draft(session, pendingToken, nowNs + 1_000_000);
    }

    private void draft(Session session, int pendingToken, long completedNs) {
        TokenTree tree = new TokenTree(1);
        tree.restart(pendingToken);
        DraftReport report = new DraftReport();
        report.draftNs = 100_000;
        inbox.tree(session, tree, report, completedNs);
    }

    private int secondToken() {
        return target.next(0, PROMPT_TOKEN);
    }

    @Test
    void shouldWaitAMomentForTheTreeOfASessionItHasJustServed() {
        draft(first, secondToken());
        lane.doWork();

        assertThat(target.forwards()).isEqualTo(1);
        assertThat(lane.parkTimeoutNs()).isBetween(50_000L, 1_000_000L);

        draft(second, secondToken());
        lane.doWork();
        assertThat(target.forwards()).as("both in one").isEqualTo(2);
    }

    @Test
    void shouldWaitForSessionsThatAreDraftedOneAfterAnother() {
        int before = PROMPT_TOKEN;
        int token = secondToken();
        int forwards = 0;
        for (int step = 0; step < 60; step++) {
            forwards = target.forwards();
            draft(first, token, nowNs += 100_000);
            lane.doWork();
            nowNs += 500_000;
            lane.doWork();
            draft(second, token, nowNs += 100_000);
            lane.doWork();
            int after = target.next(before, token);
            before = token;
            token = after;
        }

        assertThat(target.forwards() - forwards).as("in the last step").isEqualTo(1);
    }

    @Test
    void shouldGoOnWithoutATreeThatDoesNotCome() {
        draft(first, secondToken());
        lane.doWork();
        nowNs += 2_000_000;
        lane.doWork();

        assertThat(target.forwards()).isEqualTo(2);
        assertThat(lane.parkTimeoutNs()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void shouldSleepWhenEverybodyItWaitedForHasLeft() {
        draft(first, secondToken());
        lane.doWork();
        inbox.cancel(first, FinishReason.CANCELLED);
        inbox.cancel(second, FinishReason.CANCELLED);
        lane.doWork();
        nowNs += 1_000_000_000;

        assertThat(target.openSessions()).isZero();
        assertThat(lane.parkTimeoutNs()).isEqualTo(Long.MAX_VALUE);
    }
}
