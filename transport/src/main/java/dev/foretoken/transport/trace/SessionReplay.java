package dev.foretoken.transport.trace;

import dev.foretoken.engine.draft.DraftLesson;
import dev.foretoken.engine.error.InvalidInputException;
import dev.foretoken.engine.trace.SessionEnd;
import dev.foretoken.engine.tree.TokenTree;
import dev.foretoken.engine.verify.StepVerdict;
import dev.foretoken.engine.verify.TreeBatch;
import dev.foretoken.engine.verify.VerdictsOut;
import dev.foretoken.engine.verify.Verifier;
import dev.foretoken.engine.verify.VerifierShape;
import dev.foretoken.engine.verify.VerifierStart;
import java.util.concurrent.locks.LockSupport;

/** One recorded session, verified again tree by tree. Not thread-safe; owns slot 0 of the verifier while it runs. */
final class SessionReplay {
    private static final int SLOT = 0;
    private static final long POLL_PAUSE_NS = 50_000;

    private final RecordedSession session;
    private final Verifier verifier;
    private final VerifierShape shape;
    private final int[] prompt;
    private final int tokensMax;
    private final TokenTree tree = new TokenTree(TokenTree.NODES_MAX);
    private final TreeBatch batch = new TreeBatch(1);
    private final VerdictsOut verdicts = new VerdictsOut(1);
    private int pendingToken;
    private int nextStep;

    /** @throws InvalidInputException if no run of the verifier's model can have had its prompt */
    SessionReplay(RecordedSession session, Verifier verifier) {
        this.session = session;
        this.verifier = verifier;
        this.shape = verifier.shape();
        prompt = session.started().start().prompt().stream()
                .mapToInt(Integer::intValue)
                .toArray();
        checkTokens(prompt);
        if (prompt.length == 0 || prompt.length > shape.contextMax()) {
            throw unusable(
                    "its prompt has %d tokens, the model takes 1 to %d".formatted(prompt.length, shape.contextMax()));
        }
        // what was recorded, whatever context it ran in; a step is cut after it was verified
        long tokens = (long) prompt.length + session.emittedTokens().size() + StepVerdict.EMITTED_MAX;
        tokensMax = (int) Math.min(tokens, shape.contextMax());
    }

    /** KV pages that it may hold; the verifier must have as many. */
    int pages() {
        return shape.pagesFor(tokensMax, TokenTree.NODES_MAX);
    }

    /** Opens the session; unless that fails, {@link #close()} is due. */
    void open() {
        verifier.open(
                SLOT, new VerifierStart(prompt, session.started().start().sampling(), DraftLesson.TOP_IDS, tokensMax));
        pendingToken = prompt[prompt.length - 1];
    }

    /** Commits all of the prompt but its last token. */
    void prefill() {
        int count = prompt.length - 1;
        for (int from = 0; from < count; from += shape.promptRowsMax()) {
            batch.clear();
            batch.addPrompt(SLOT, from, Math.min(shape.promptRowsMax(), count - from));
            forward();
        }
    }

    private void checkTokens(int[] tokens) {
        for (int token : tokens) {
            if (token < 0 || token >= shape.vocabularySize()) {
                throw unusable(
                        "it has token id %d, the model's ids are below %d".formatted(token, shape.vocabularySize()));
            }
        }
    }

    private InvalidInputException unusable(String why) {
        return new InvalidInputException("session %d of trace run %s cannot be replayed: %s; is the trace complete?"
                .formatted(session.sessionId(), session.run(), why));
    }

    boolean hasNextStep() {
        return nextStep < session.steps().size();
    }

    /** Verifies the next recorded tree and compares. @return tokens it emitted */
    int replayStep() throws ReplayDifference {
        TraceEvent.StepVerified step = session.steps().get(nextStep++);
        ReplayDifference.checkInt("the root token", step.tree().tokens().getFirst(), pendingToken);
        rebuild(step.tree());
        batch.clear();
        batch.addTree(SLOT, tree);
        forward();
        if (verdicts.count() != 1) {
            throw new IllegalStateException("verifier gave %d verdicts for one tree".formatted(verdicts.count()));
        }
        new StepComparison(step, verdicts.verdict(0), mayBeCut()).check();
        if (!step.emitted().isEmpty()) {
            pendingToken = step.emitted().getLast().token();
        }
        return step.emitted().size();
    }

    private void rebuild(TracedTree recorded) {
        checkTokens(recorded.tokens().stream().mapToInt(Integer::intValue).toArray());
        if (recorded.nodeCount() > shape.batchRowsMax()) {
            throw unusable("it has a tree of %d nodes, the verifier takes %d"
                    .formatted(recorded.nodeCount(), shape.batchRowsMax()));
        }
        try {
            recorded.copyTo(tree);
        } catch (IllegalArgumentException e) {
            throw unusable("it has " + e.getMessage());
        }
    }

    /** Only a stop condition cuts a step, and then it is the last; without an end record that may have been the reason. */
    private boolean mayBeCut() {
        SessionEnd end = session.end();
        return !hasNextStep() && (end == null || end.reason().isRegular());
    }

    private void forward() {
        verdicts.clear();
        verifier.submit(batch);
        while (!verifier.poll(verdicts)) {
            LockSupport.parkNanos(POLL_PAUSE_NS);
        }
    }

    /** A session that ended regularly must have all the steps it counted. */
    void checkTotals() throws ReplayDifference {
        SessionEnd end = session.end();
        if (end != null && end.reason().isRegular()) {
            ReplayDifference.checkInt(
                    "the number of recorded steps", end.steps(), session.steps().size());
            ReplayDifference.checkInt(
                    "the number of recorded tokens",
                    end.emittedTokens(),
                    session.emittedTokens().size());
        }
    }

    void close() {
        verifier.release(SLOT);
    }

    /** One recorded step beside its new verdict. */
    private record StepComparison(TraceEvent.StepVerified step, StepVerdict verdict, boolean mayBeCut) {
        void check() throws ReplayDifference {
            ReplayDifference.check(
                    step.failure().isEmpty() == (verdict.failure() == null),
                    "the verifier's failure",
                    step.failure().isEmpty() ? "none" : step.failure(),
                    verdict.failure() == null ? "none" : verdict.failure());
            int compared = Math.min(step.emitted().size(), verdict.emittedCount());
            for (int index = 0; index < compared; index++) {
                checkRow(index, step.emitted().get(index));
            }
            boolean isCut = mayBeCut && compared > 0 && compared < verdict.emittedCount();
            if (!isCut) {
                ReplayDifference.checkInt(
                        "the number of emitted tokens", step.emitted().size(), verdict.emittedCount());
                ReplayDifference.checkInt("the bonus token", step.bonusToken(), verdict.bonusToken());
            }
            checkPath(compared);
        }

        private void checkPath(int compared) throws ReplayDifference {
            int length = Math.min(verdict.pathLength(), compared);
            ReplayDifference.checkInt(
                    "the length of the accepted path", step.path().size(), length);
            for (int i = 0; i < length; i++) {
                ReplayDifference.checkInt("accepted node " + i, step.path().get(i), verdict.pathNode(i));
            }
        }

        private void checkRow(int index, TracedRow row) throws ReplayDifference {
            String token = "token " + index + ": ";
            ReplayDifference.checkInt(token + "its id", row.token(), verdict.emittedToken(index));
            ReplayDifference.checkBits(token + "its logit", row.chosenLogit(), verdict.chosenLogit(index));
            checkTop(token, index, row);
            ReplayDifference.checkBits(token + "the log-sum-exp of its row", row.logSumExp(), verdict.logSumExp(index));
        }

        private void checkTop(String token, int index, TracedRow row) throws ReplayDifference {
            int tops = row.topIds().size();
            ReplayDifference.check(
                    tops <= verdict.topCount(), token + "the number of best ids", tops, verdict.topCount());
            for (int rank = 0; rank < tops; rank++) {
                ReplayDifference.checkInt(
                        token + "best id " + rank, row.topIds().get(rank), verdict.topId(index, rank));
            }
            if (tops > 0) {
                ReplayDifference.checkBits(token + "the best logit", row.bestLogit(), verdict.topLogit(index, 0));
            }
            if (tops > 1) {
                ReplayDifference.checkBits(token + "the second logit", row.secondLogit(), verdict.topLogit(index, 1));
            }
        }
    }
}
