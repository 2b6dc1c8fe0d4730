package dev.foretoken.transport.trace;

import dev.foretoken.engine.draft.DraftLesson;
import dev.foretoken.engine.draft.DraftReport;
import dev.foretoken.engine.sampling.SamplingParameters;
import dev.foretoken.engine.session.FinishReason;
import dev.foretoken.engine.session.GenerationRequest;
import dev.foretoken.engine.trace.ModelIdentity;
import dev.foretoken.engine.trace.SessionEnd;
import dev.foretoken.engine.trace.SessionStart;
import dev.foretoken.engine.trace.TraceSink;
import dev.foretoken.engine.tree.TokenTree;
import dev.foretoken.engine.verify.StepVerdict;
import dev.foretoken.engine.verify.TreeBatch;
import dev.foretoken.engine.verify.VerdictsOut;
import dev.foretoken.engine.verify.VerifierStart;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** Generates with a {@link HashVerifier} and writes the trace, as the pipeline does, drafts being right half of the time. */
final class TracedGeneration {
    static final ModelIdentity MODEL = new ModelIdentity("models/hash.gguf", 1234, "00c0ffee");

    private final SplittableRandom random;
    private final TraceSink sink;
    private final HashVerifier verifier = new HashVerifier();
    private final TreeBatch batch = new TreeBatch(1);
    private final VerdictsOut verdicts = new VerdictsOut(1);

    TracedGeneration(long seed, TraceSink sink) {
        this.random = new SplittableRandom(seed);
        this.sink = sink;
    }

    /** Stops after exactly so many tokens, inside a step where that comes about. @return the answer */
    List<Integer> generate(long sessionId, int promptLength, int maxTokens) {
        return generate(sessionId, promptLength, maxTokens, FinishReason.LENGTH);
    }

    /** @param reason null: no end record, as after a crash */
    List<Integer> generate(long sessionId, int promptLength, int maxTokens, FinishReason reason) {
        int[] prompt = random.ints(promptLength, 0, HashVerifier.VOCABULARY).toArray();
        SamplingParameters sampling = new SamplingParameters(1, 0, 1, 0, 1, 0, 0, Map.of(), random.nextLong());
        sink.sessionStarted(new SessionStart(
                sessionId,
                0,
                GenerationRequest.raw("?").maxTokens(maxTokens),
                sampling,
                java.util.Arrays.stream(prompt).boxed().toList(),
                MODEL,
                HashVerifier.BACKEND,
                List.of("half"),
                "",
                0));
        verifier.open(0, new VerifierStart(prompt, sampling, DraftLesson.TOP_IDS, 500));
        for (int i = 0; i < promptLength - 1; i++) {
            verifier.commit(prompt[i]);
        }
        List<Integer> answer = new ArrayList<>();
        int steps = 0;
        while (answer.size() < maxTokens) {
            int pending = answer.isEmpty() ? prompt[promptLength - 1] : answer.getLast();
            step(sessionId, steps++, pending, maxTokens, answer);
        }
        verifier.release(0);
        if (reason != null) {
            sink.sessionEnded(new SessionEnd(sessionId, reason, steps, answer.size(), 1));
        }
        return answer;
    }

    private void step(long sessionId, int step, int pending, int maxTokens, List<Integer> answer) {
        TokenTree tree = draft(pending);
        batch.clear();
        batch.addTree(0, tree);
        verdicts.clear();
        verifier.submit(batch);
        verifier.poll(verdicts);
        StepVerdict verdict = verdicts.verdict(0);
        if (answer.size() + verdict.emittedCount() > maxTokens) {
            verdict.truncate(maxTokens - answer.size());
        }
        for (int i = 0; i < verdict.emittedCount(); i++) {
            answer.add(verdict.emittedToken(i));
        }
        DraftReport draft = new DraftReport();
        draft.restart();
        sink.stepVerified(new RecordedStep(sessionId, step, tree, verdict, draft, tree.nodeCount(), 1, 1000));
    }

    private TokenTree draft(int pending) {
        TokenTree tree = new TokenTree(16);
        tree.restart(pending);
        int committed = verifier.committedLength(0);
        verifier.commit(pending);
        int node = 0;
        while (random.nextInt(3) > 0 && !tree.isFull()) {
            int right = verifier.next(0);
            tree.add(node, random.nextInt(HashVerifier.VOCABULARY), 0.5f, 1);
            int next = tree.add(node, right, 0.5f, 1);
            if (next == TokenTree.FULL) {
                break;
            }
            verifier.commit(right);
            node = next;
        }
        verifier.rollBack(committed);
        return tree;
    }
}
