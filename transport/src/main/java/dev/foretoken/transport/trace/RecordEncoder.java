package dev.foretoken.transport.trace;

import dev.foretoken.engine.draft.DraftLesson;
import dev.foretoken.engine.draft.DraftReport;
import dev.foretoken.engine.sampling.SamplingParameters;
import dev.foretoken.engine.session.GenerationRequest;
import dev.foretoken.engine.session.Prompt;
import dev.foretoken.engine.trace.SessionEnd;
import dev.foretoken.engine.trace.SessionStart;
import dev.foretoken.engine.trace.StepView;
import dev.foretoken.engine.tree.TokenTree;
import dev.foretoken.engine.verify.StepVerdict;
import java.util.Map;

/** Turns events into the bytes of {@link RecordLayout}. Stateless; {@link #encode(StepView, RecordBuffer)} allocates nothing. */
final class RecordEncoder {
    private RecordEncoder() {}

    static void encode(SessionStart start, String continuesRun, long continuesSessionId, RecordBuffer out) {
        out.restart(RecordLayout.KIND_SESSION_STARTED);
        out.putLong(start.sessionId());
        out.putLong(start.startedAtEpochMs());
        out.putText(continuesRun);
        out.putLong(continuesSessionId);
        out.putText(start.model().path());
        out.putLong(start.model().sizeBytes());
        out.putText(start.model().contentHash());
        out.putText(start.backend());
        out.putLong(start.warmStartFingerprint());
        out.putTexts(start.drafters());
        out.putText(start.engineConfiguration());
        out.putIds(start.prompt());
        sampling(start.sampling(), out);
        request(start.request(), out);
    }

    private static void sampling(SamplingParameters sampling, RecordBuffer out) {
        out.putDouble(sampling.temperature());
        out.putInt(sampling.topK());
        out.putDouble(sampling.topP());
        out.putDouble(sampling.minP());
        out.putDouble(sampling.repetitionPenalty());
        out.putDouble(sampling.presencePenalty());
        out.putDouble(sampling.frequencyPenalty());
        bias(sampling.logitBias(), out);
        out.putLong(sampling.seed());
    }

    private static void bias(Map<Integer, Double> biasById, RecordBuffer out) {
        out.putInt(biasById.size());
        biasById.forEach((id, value) -> {
            out.putInt(id);
            out.putDouble(value);
        });
    }

    private static void request(GenerationRequest request, RecordBuffer out) {
        prompt(request.prompt(), out);
        out.putInt(request.maxTokens());
        Number[] optional = {
            request.temperature(), request.topK(), request.topP(), request.minP(), request.repetitionPenalty(),
            request.presencePenalty(), request.frequencyPenalty(), request.seed(), request.logprobs(),
                    request.treeSize()
        };
        int present = 0;
        for (int i = 0; i < optional.length; i++) {
            present |= optional[i] == null ? 0 : 1 << i;
        }
        out.putShort(present);
        bias(request.logitBias(), out);
        out.putTexts(request.stop());
        for (Number value : optional) {
            switch (value) {
                case null -> {}
                case Double number -> out.putDouble(number);
                case Long number -> out.putLong(number);
                default -> out.putInt(value.intValue());
            }
        }
    }

    private static void prompt(Prompt prompt, RecordBuffer out) {
        switch (prompt) {
            case Prompt.Raw raw -> {
                out.putByte(RecordLayout.PROMPT_RAW);
                out.putText(raw.text());
                out.putByte(raw.parseSpecial() ? 1 : 0);
            }
            case Prompt.Chat chat -> {
                out.putByte(RecordLayout.PROMPT_CHAT);
                out.putInt(chat.messages().size());
                chat.messages().forEach(message -> {
                    out.putText(message.role());
                    out.putText(message.content());
                });
            }
            case Prompt.Tokens tokens -> {
                out.putByte(RecordLayout.PROMPT_TOKENS);
                out.putIds(tokens.ids());
            }
        }
    }

    static void encode(StepView step, RecordBuffer out) {
        TokenTree tree = step.tree();
        StepVerdict verdict = step.verdict();
        int tops = Math.min(DraftLesson.TOP_IDS, verdict.topCount());
        out.restart(RecordLayout.KIND_STEP_VERIFIED);
        out.putLong(step.sessionId());
        out.putInt(step.step());
        out.putByte(tree.nodeCount());
        out.putByte(verdict.pathLength());
        out.putByte(verdict.emittedCount());
        out.putByte(tops);
        out.putInt(verdict.bonusToken());
        out.putInt(step.batchRows());
        out.putInt(step.batchTrees());
        out.putLong(step.forwardNs());
        draft(step.draft(), out);
        for (int node = 0; node < tree.nodeCount(); node++) {
            out.putInt(tree.token(node));
            out.putInt(tree.proposers(node));
            out.putByte(tree.parent(node));
        }
        for (int i = 0; i < verdict.pathLength(); i++) {
            out.putByte(verdict.pathNode(i));
        }
        for (int i = 0; i < verdict.emittedCount(); i++) {
            row(verdict, i, tops, out);
        }
        String failure = verdict.failure();
        if (failure == null) {
            out.putInt(0);
        } else {
            out.putText(failure);
        }
    }

    private static void draft(DraftReport draft, RecordBuffer out) {
        out.putInt(draft.budgetNodes);
        out.putInt(draft.budgetDepth);
        out.putInt(draft.askedMask);
        out.putInt(draft.missedMask);
        out.putInt(draft.failedMask);
        out.putLong(draft.draftNs);
        int drafters = DraftReport.DRAFTERS_MAX;
        while (drafters > 0 && draft.allottedNodes[drafters - 1] == 0) {
            drafters--;
        }
        out.putByte(drafters);
        for (int drafter = 0; drafter < drafters; drafter++) {
            assert draft.allottedNodes[drafter] <= 0xFF : "allottedNodes=" + draft.allottedNodes[drafter];
            out.putByte(draft.allottedNodes[drafter]);
        }
    }

    private static void row(StepVerdict verdict, int index, int tops, RecordBuffer out) {
        out.putInt(verdict.emittedToken(index));
        out.putFloat(verdict.chosenLogit(index));
        out.putFloat(tops > 0 ? verdict.topLogit(index, 0) : Float.NaN);
        out.putFloat(tops > 1 ? verdict.topLogit(index, 1) : Float.NaN);
        out.putDouble(verdict.logSumExp(index));
        for (int rank = 0; rank < tops; rank++) {
            out.putInt(verdict.topId(index, rank));
        }
    }

    static void encode(SessionEnd end, RecordBuffer out) {
        out.restart(RecordLayout.KIND_SESSION_ENDED);
        out.putLong(end.sessionId());
        out.putText(end.reason().name());
        out.putInt(end.steps());
        out.putInt(end.emittedTokens());
        out.putLong(end.durationNs());
    }
}
