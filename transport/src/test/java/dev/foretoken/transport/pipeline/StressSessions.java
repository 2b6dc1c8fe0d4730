package dev.foretoken.transport.pipeline;

import dev.foretoken.engine.sampling.SamplingParameters;
import dev.foretoken.engine.session.GenerationRequest;
import dev.foretoken.engine.session.Prompt;
import dev.foretoken.engine.session.StepCut;
import dev.foretoken.engine.trace.ModelIdentity;
import dev.foretoken.engine.trace.SessionStart;
import dev.foretoken.engine.verify.StepVerdict;
import dev.foretoken.engine.verify.VerifierStart;
import java.util.Arrays;
import java.util.List;

/** Sessions and verdicts for tests of single classes of the pipeline. */
final class StressSessions {
    private static final SessionStart START = new SessionStart(
            1,
            0,
            GenerationRequest.of(new Prompt.Tokens(List.of(1))),
            SamplingParameters.GREEDY,
            List.of(1),
            new ModelIdentity("hash", 0, "0"),
            "hash-1",
            List.of(),
            "",
            0);
    private static final VerifierStart VERIFIER_START =
            new VerifierStart(new int[] {1}, SamplingParameters.GREEDY, StepVerdict.TOP_IDS, 1024);

    private StressSessions() {}

    static SessionStart start() {
        return START;
    }

    /** A session that nobody has asked for anything. */
    static Session session() {
        return session(0);
    }

    static Session session(int slot) {
        return new Session(START, VERIFIER_START, StepCut.NEVER, slot, 1, 2, 0, new Outbox(0, 0));
    }

    static Session session(int slot, int promptLength) {
        int[] prompt = new int[promptLength];
        Arrays.fill(prompt, 1);
        VerifierStart start = new VerifierStart(prompt, SamplingParameters.GREEDY, StepVerdict.TOP_IDS, 1024);
        return new Session(START, start, StepCut.NEVER, slot, 1, 2, 0, new Outbox(0, 0));
    }

    /** A verdict of so many tokens (first, first + 1, and so on), all but the last of them accepted nodes. */
    static VerdictEvent verdict(int step, int first, int count) {
        VerdictEvent event = new VerdictEvent();
        event.kind = VerdictEvent.Kind.VERDICT;
        event.step = step;
        event.tree.restart(0);
        int node = 0;
        event.verdict.restart(0, 0, 0);
        for (int i = 0; i < count; i++) {
            event.verdict.emit(first + i, first + i, 0);
            if (i < count - 1) {
                node = event.tree.add(node, first + i, 1f, 0);
                event.verdict.acceptNode(node);
            }
            event.releasedBytes[i] = first + i;
        }
        return event;
    }
}
