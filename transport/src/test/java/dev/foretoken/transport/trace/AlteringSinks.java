package dev.foretoken.transport.trace;

import dev.foretoken.engine.trace.SessionEnd;
import dev.foretoken.engine.trace.SessionStart;
import dev.foretoken.engine.trace.StepView;
import dev.foretoken.engine.trace.TraceSink;
import dev.foretoken.engine.verify.StepVerdict;

/** Sinks that stand between a generation and its trace. */
final class AlteringSinks {
    private AlteringSinks() {}

    /** Passes everything on. */
    static class ForwardingSink implements TraceSink {
        private final TraceSink next;

        ForwardingSink(TraceSink next) {
            this.next = next;
        }

        @Override
        public void sessionStarted(SessionStart start) {
            next.sessionStarted(start);
        }

        @Override
        public void stepVerified(StepView step) {
            next.stepVerified(step);
        }

        @Override
        public void sessionEnded(SessionEnd end) {
            next.sessionEnded(end);
        }

        @Override
        public void close() {
            next.close();
        }
    }

    /** Drops the last token of the first step from {@code from} on that has two. */
    static final class CuttingSink extends ForwardingSink {
        private final int from;
        private boolean done;

        CuttingSink(TraceSink next, int from) {
            super(next);
            this.from = from;
        }

        @Override
        public void stepVerified(StepView step) {
            if (step.step() < from || done) {
                super.stepVerified(step);
                return;
            }
            done = true;
            StepVerdict cut = new StepVerdict();
            cut.copyFrom(step.verdict());
            cut.truncate(cut.emittedCount() - 1);
            super.stepVerified(new RecordedStep(
                    step.sessionId(),
                    step.step(),
                    step.tree(),
                    cut,
                    step.draft(),
                    step.batchRows(),
                    step.batchTrees(),
                    step.forwardNs()));
        }
    }

    /** Records requests that name no limit of their own. */
    static final class UnboundedSink extends ForwardingSink {
        UnboundedSink(TraceSink next) {
            super(next);
        }

        @Override
        public void sessionStarted(SessionStart start) {
            super.sessionStarted(new SessionStart(
                    start.sessionId(),
                    start.startedAtEpochMs(),
                    start.request().maxTokens(Integer.MAX_VALUE),
                    start.sampling(),
                    start.prompt(),
                    start.model(),
                    start.backend(),
                    start.drafters(),
                    start.engineConfiguration(),
                    start.warmStartFingerprint()));
        }
    }

    /** Loses every step from {@code from} on. */
    static final class LosingSink extends ForwardingSink {
        private final int from;

        LosingSink(TraceSink next, int from) {
            super(next);
            this.from = from;
        }

        @Override
        public void stepVerified(StepView step) {
            if (step.step() < from) {
                super.stepVerified(step);
            }
        }
    }

    /** Writes nothing, remembers how the last step ended. */
    static final class CountingSink implements TraceSink {
        boolean lastStepWasCutInsideItsPath;

        @Override
        public void sessionStarted(SessionStart start) {}

        @Override
        public void stepVerified(StepView step) {
            lastStepWasCutInsideItsPath = !step.verdict().hasBonus();
        }

        @Override
        public void sessionEnded(SessionEnd end) {}

        @Override
        public void close() {}
    }
}
