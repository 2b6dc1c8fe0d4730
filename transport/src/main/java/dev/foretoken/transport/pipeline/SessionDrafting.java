package dev.foretoken.transport.pipeline;

import dev.foretoken.drafters.control.SpeculationController;
import dev.foretoken.engine.draft.DraftReport;
import dev.foretoken.engine.draft.DraftSession;
import dev.foretoken.engine.draft.DraftStart;
import dev.foretoken.engine.draft.DraftText;
import dev.foretoken.engine.tree.TokenTree;
import dev.foretoken.engine.verify.StepVerdict;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One session's drafting: its text, its side of every drafter, its controller, and the tree under way. Owned by the session's
 * drafter thread; made per session.
 */
final class SessionDrafting {
    /** Misses or failures in a row after which a drafter is left alone for the rest of the session. */
    private static final int STRIKES_MAX = 8;

    private static final long DEADLINE_FACTOR = 3;
    private static final long DEADLINE_MIN_NS = 1_000_000;
    private static final long DEADLINE_UNMEASURED_NS = 1_000_000_000;

    private final Session session;
    private final DrafterSet drafters;
    private final SpeculationController controller;
    private final int tokensMax;
    private final int vocabularySize;
    private final Parker owner;
    private final EngineCounters counters;
    private final DraftStart start;
    private final DraftText text;
    private final @Nullable DraftSession[] inline;
    private final @Nullable SlowDraft[] slow;
    private final int[] strikes;
    private final DraftTimes[] slowTimes;
    private final DraftReport report = new DraftReport();
    private final TokenTree tree = new TokenTree(TokenTree.NODES_MAX);

    private long startedNs;
    /** Slow drafters that were asked and have not answered yet, as bits. */
    private int openMask;

    private long deadlineNs;

    SessionDrafting(
            Session session,
            DraftStart start,
            int vocabularySize,
            DrafterSet drafters,
            SpeculationController controller,
            Parker owner,
            EngineCounters counters) {
        this.session = session;
        this.drafters = drafters;
        this.controller = controller;
        this.tokensMax = start.tokensMax();
        this.vocabularySize = vocabularySize;
        this.owner = owner;
        this.counters = counters;
        this.start = start;
        this.text = start.text();
        int count = drafters.count();
        inline = new DraftSession[count];
        slow = new SlowDraft[count];
        strikes = new int[count];
        slowTimes = new DraftTimes[count];
        for (int i = 0; i < count; i++) {
            slowTimes[i] = new DraftTimes();
            SlowDrafter slowDrafter = drafters.slow(i);
            if (slowDrafter == null) {
                openInline(i);
            } else if (controller.isWanted(i)) {
                openSlow(i, slowDrafter);
            }
        }
    }

    private void openInline(int index) {
        try {
            inline[index] = drafters.drafter(index).open(start);
        } catch (Throwable e) {
            counters.increment(EngineCounter.DRAFTS_FAILED);
            drafters.log(index).threw("open", e);
            quarantine(index);
        }
    }

    /**
     * Tells the drafter of this session, once it is wanted: it reads the text, beside the target's threads. Without room in its
     * inbox the next step tries again.
     */
    private void openSlow(int index, SlowDrafter drafter) {
        if (!drafter.hasRoom()) {
            return;
        }
        DraftText view = text.viewOf(text.length());
        SlowDraft mailbox = new SlowDraft(view);
        DraftStart slowStart = new DraftStart(
                start.sessionId(), view, start.sampling(), start.vocabulary(), start.tokensMax(), start.cacheTenant());
        if (drafter.open(session, slowStart, mailbox)) {
            slow[index] = mailbox;
        }
    }

    Session session() {
        return session;
    }

    // ---- one draft

    /** Starts the next draft; true if its tree is complete already. */
    boolean begin(long nowNs) {
        startedNs = nowNs;
        // the last token a session may emit is always a bonus: deeper nodes could not be kept
        int depthMax = tokensMax - text.length() - 1;
        controller.plan(text.pendingToken(), availableMask(), text.length(), depthMax, report);
        openMask = 0;
        long longestNs = 0;
        for (int rest = report.askedMask; rest != 0; rest &= rest - 1) {
            int index = Integer.numberOfTrailingZeros(rest);
            if (drafters.slow(index) == null) {
                askInline(index);
            } else if (askSlow(index)) {
                longestNs = Math.max(longestNs, deadlineOf(index));
            }
        }
        deadlineNs = nowNs + longestNs;
        return openMask == 0;
    }

    private int availableMask() {
        int mask = 0;
        for (int i = 0; i < strikes.length; i++) {
            mask |= strikes[i] < STRIKES_MAX && isReady(i) ? 1 << i : 0;
        }
        return mask;
    }

    /** A slow drafter sits a step out while it prepares, is behind or was not told of the session: no fault of its drafts. */
    private boolean isReady(int index) {
        SlowDrafter drafter = drafters.slow(index);
        if (drafter == null) {
            return true;
        }
        if (slow[index] == null && controller.isWanted(index)) {
            openSlow(index, drafter);
        }
        SlowDraft mailbox = slow[index];
        if (mailbox != null && mailbox.isRefused()) {
            quarantine(index);
            return false;
        }
        return mailbox != null && mailbox.mayBeAsked() && !drafter.isBehind();
    }

    private void askInline(int index) {
        DraftSession drafting = inline[index];
        if (drafting == null) {
            return;
        }
        long beforeNs = System.nanoTime();
        try {
            drafting.propose(text, report.budgetDepth, controller.draft(index));
        } catch (Throwable e) {
            drafters.log(index).threw("propose", e);
            fail(index);
            return;
        }
        arrived(index, System.nanoTime() - beforeNs);
    }

    /** A draft is in the controller's hands; whoever made it, the target must be able to judge it. */
    private void arrived(int index, long tookNs) {
        if (isSound(controller.draft(index))) {
            strikes[index] = 0;
            controller.arrived(index, tookNs);
        } else {
            fail(index);
        }
    }

    /** A token that does not exist would break the forward of everybody in the batch. */
    private boolean isSound(TokenTree draft) {
        boolean sound = draft.token(0) == text.pendingToken();
        for (int node = 1; node < draft.nodeCount(); node++) {
            sound &= draft.token(node) >= 0 && draft.token(node) < vocabularySize;
        }
        return sound;
    }

    private boolean askSlow(int index) {
        SlowDraft mailbox = slow[index];
        SlowDrafter drafter = drafters.slow(index);
        if (mailbox == null
                || drafter == null
                || !mailbox.ask(text.length(), report.allottedNodes[index], report.budgetDepth)) {
            notAsked(index);
            return false;
        }
        if (!drafter.propose(session, mailbox, owner)) {
            mailbox.withdraw();
            notAsked(index);
            return false;
        }
        openMask |= 1 << index;
        return true;
    }

    /** The plan asked for a draft that nobody could be asked for. */
    private void notAsked(int index) {
        report.askedMask &= ~(1 << index);
        report.allottedNodes[index] = 0;
    }

    private long deadlineOf(int index) {
        double estimateNs = slowTimes[index].estimateNs(report.allottedNodes[index]);
        if (session.fixedTreeSize() != null || estimateNs == 0) {
            return DEADLINE_UNMEASURED_NS;
        }
        return Math.max(DEADLINE_MIN_NS, (long) (DEADLINE_FACTOR * estimateNs));
    }

    /** True if some slow draft has come since. */
    boolean hasArrivals() {
        for (int rest = openMask; rest != 0; rest &= rest - 1) {
            SlowDraft mailbox = slow[Integer.numberOfTrailingZeros(rest)];
            if (mailbox != null && mailbox.isSettled()) {
                return true;
            }
        }
        return false;
    }

    /** Collects slow drafts; true once none is open any more, be it by the deadline. */
    boolean collect(long nowNs) {
        boolean late = nowNs >= deadlineNs;
        for (int rest = openMask; rest != 0; rest &= rest - 1) {
            int index = Integer.numberOfTrailingZeros(rest);
            SlowDraft mailbox = slow[index];
            if (mailbox == null) {
                continue;
            }
            if (!mailbox.isSettled() && late && giveUp(index, mailbox)) {
                openMask &= ~(1 << index);
                slowTimes[index].tookLonger(report.allottedNodes[index], nowNs - startedNs);
                miss(index);
            } else if (mailbox.isSettled()) {
                openMask &= ~(1 << index);
                take(index, mailbox);
            }
        }
        return openMask == 0;
    }

    private boolean giveUp(int index, SlowDraft mailbox) {
        SlowDrafter drafter = Objects.requireNonNull(drafters.slow(index));
        drafter.gaveUp(); // before the mailbox says so: the drafter's thread takes it back when it finds out
        if (mailbox.abandon()) {
            return true;
        }
        drafter.tookBack();
        return false;
    }

    private void take(int index, SlowDraft mailbox) {
        if (mailbox.tookBackUnprepared()) {
            notAsked(index);
            return;
        }
        long tookNs = mailbox.elapsedNs();
        if (!mailbox.take()) {
            if (mailbox.isRefused()) {
                refuse(index);
            } else {
                fail(index);
            }
            return;
        }
        slowTimes[index].took(report.allottedNodes[index], tookNs);
        controller.draft(index).copyFrom(mailbox.tree());
        arrived(index, tookNs);
    }

    long deadlineNs() {
        return deadlineNs;
    }

    /** Merges what has come into the session's tree. */
    TokenTree complete(long nowNs) {
        controller.compose(report, tree);
        report.draftNs = nowNs - startedNs;
        return tree;
    }

    DraftReport report() {
        return report;
    }

    // ---- learning

    /** Takes a verdict in: the text grows, everybody learns. */
    void learn(VerdictEvent event) {
        StepVerdict verdict = event.verdict();
        for (int i = 0; i < verdict.emittedCount(); i++) {
            text.append(verdict.emittedToken(i));
        }
        controller.observe(event.draft(), event.tree(), verdict, event.treeRows, event.batchTrees(), event.treesNs);
        for (int i = 0; i < strikes.length; i++) {
            if (strikes[i] >= STRIKES_MAX) {
                continue;
            }
            DraftSession drafting = inline[i];
            if (drafting != null) {
                try {
                    drafting.observe(verdict);
                } catch (Throwable e) {
                    drafters.log(i).threw("observe", e);
                    fail(i);
                }
            } else if (slow[i] != null) {
                teachSlow(slow[i], Objects.requireNonNull(drafters.slow(i)), verdict);
            }
        }
    }

    private void teachSlow(SlowDraft mailbox, SlowDrafter drafter, StepVerdict verdict) {
        mailbox.textLength(text.length());
        if (drafter.observes() && !drafter.observe(session, verdict)) {
            counters.increment(EngineCounter.LESSONS_LOST);
        }
    }

    private void miss(int index) {
        report.missedMask |= 1 << index;
        counters.increment(EngineCounter.DRAFTS_MISSED);
        strike(index);
    }

    private void fail(int index) {
        report.failedMask |= 1 << index;
        counters.increment(EngineCounter.DRAFTS_FAILED);
        strike(index);
    }

    /** The drafter could not be opened, which its own thread has counted. */
    private void refuse(int index) {
        report.failedMask |= 1 << index;
        quarantine(index);
    }

    private void strike(int index) {
        if (++strikes[index] == STRIKES_MAX) {
            counters.increment(EngineCounter.DRAFTERS_QUARANTINED);
        }
    }

    private void quarantine(int index) {
        strikes[index] = STRIKES_MAX;
        counters.increment(EngineCounter.DRAFTERS_QUARANTINED);
    }

    /** No verdict will come any more: later sessions learn from this one. */
    void ended() {
        controller.close();
    }

    /** Closes every drafter's side; false while a slow drafter's inbox is full: call again. */
    boolean close() {
        for (int rest = openMask; rest != 0; rest &= rest - 1) {
            int index = Integer.numberOfTrailingZeros(rest);
            giveUp(index, Objects.requireNonNull(slow[index]));
        }
        openMask = 0;
        boolean closed = true;
        for (int i = 0; i < strikes.length; i++) {
            DraftSession drafting = inline[i];
            SlowDrafter slowDrafter = drafters.slow(i);
            if (drafting != null) {
                inline[i] = null;
                try {
                    drafting.close();
                } catch (Throwable e) {
                    counters.increment(EngineCounter.DRAFTS_FAILED);
                    drafters.log(i).threw("close", e);
                }
            } else if (slowDrafter != null && slow[i] != null) {
                if (slowDrafter.close(session)) {
                    slow[i] = null;
                } else {
                    closed = false;
                }
            }
        }
        return closed;
    }
}
