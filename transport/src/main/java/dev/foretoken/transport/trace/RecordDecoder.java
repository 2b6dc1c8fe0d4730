package dev.foretoken.transport.trace;

import dev.foretoken.engine.chat.ChatMessage;
import dev.foretoken.engine.error.InvalidInputException;
import dev.foretoken.engine.kv.CacheTenant;
import dev.foretoken.engine.sampling.SamplingParameters;
import dev.foretoken.engine.session.FinishReason;
import dev.foretoken.engine.session.GenerationRequest;
import dev.foretoken.engine.session.Prompt;
import dev.foretoken.engine.trace.ModelIdentity;
import dev.foretoken.engine.trace.SessionEnd;
import dev.foretoken.engine.trace.SessionStart;
import dev.foretoken.engine.tree.TokenTree;
import dev.foretoken.engine.verify.StepVerdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Turns the body of a record back into an event, refusing what no writer can have written. Stateless. */
final class RecordDecoder {
    private RecordDecoder() {}

    /**
     * @return null for a kind this version does not know
     * @throws DamagedRecordException if the body makes no sense
     */
    static @Nullable TraceEvent decode(int kind, RecordBody body) {
        try {
            return switch (kind) {
                case RecordLayout.KIND_SESSION_STARTED -> sessionStarted(body);
                case RecordLayout.KIND_STEP_VERIFIED -> stepVerified(body);
                case RecordLayout.KIND_SESSION_ENDED -> sessionEnded(body);
                default -> null;
            };
        } catch (InvalidInputException | IllegalArgumentException e) {
            throw new DamagedRecordException(String.valueOf(e.getMessage()), e);
        }
    }

    private static TraceEvent sessionStarted(RecordBody body) {
        long sessionId = body.takeLong();
        long startedAtEpochMs = body.takeLong();
        String continuesRun = body.takeText();
        long continuesSessionId = body.takeLong();
        ModelIdentity model = new ModelIdentity(body.takeText(), body.takeLong(), body.takeText());
        String backend = body.takeText();
        long warmStartFingerprint = body.takeLong();
        List<String> drafters = body.takeTexts();
        String engineConfiguration = body.takeText();
        List<Integer> prompt = body.takeIds();
        SamplingParameters sampling = sampling(body);
        GenerationRequest request = request(body);
        SessionStart start = new SessionStart(
                sessionId,
                startedAtEpochMs,
                request,
                sampling,
                prompt,
                model,
                backend,
                drafters,
                engineConfiguration,
                warmStartFingerprint);
        return new TraceEvent.SessionStarted(start, continuesRun, continuesSessionId);
    }

    private static SamplingParameters sampling(RecordBody body) {
        return new SamplingParameters(
                body.takeDouble(),
                body.takeInt(),
                body.takeDouble(),
                body.takeDouble(),
                body.takeDouble(),
                body.takeDouble(),
                body.takeDouble(),
                bias(body),
                body.takeLong());
    }

    private static Map<Integer, Double> bias(RecordBody body) {
        int count = body.takeCount(Integer.BYTES + Double.BYTES);
        Map<Integer, Double> biasById = new TreeMap<>();
        for (int i = 0; i < count; i++) {
            biasById.put(body.takeInt(), body.takeDouble());
        }
        return biasById;
    }

    private static GenerationRequest request(RecordBody body) {
        Prompt prompt = prompt(body);
        int maxTokens = body.takeInt();
        int present = body.takeShort();
        Map<Integer, Double> bias = bias(body);
        List<String> stop = body.takeTexts();
        Double temperature = has(present, 0) ? body.takeDouble() : null;
        Integer topK = has(present, 1) ? body.takeInt() : null;
        Double topP = has(present, 2) ? body.takeDouble() : null;
        Double minP = has(present, 3) ? body.takeDouble() : null;
        Double repetition = has(present, 4) ? body.takeDouble() : null;
        Double presence = has(present, 5) ? body.takeDouble() : null;
        Double frequency = has(present, 6) ? body.takeDouble() : null;
        Long seed = has(present, 7) ? body.takeLong() : null;
        Integer logprobs = has(present, 8) ? body.takeInt() : null;
        Integer treeSize = has(present, 9) ? body.takeInt() : null;
        return new GenerationRequest(
                prompt,
                maxTokens,
                temperature,
                topK,
                topP,
                minP,
                repetition,
                presence,
                frequency,
                bias,
                seed,
                stop,
                logprobs,
                treeSize,
                CacheTenant.SHARED); // a tenant is not recorded: no token depends on it
    }

    private static boolean has(int present, int bit) {
        return (present & 1 << bit) != 0;
    }

    private static Prompt prompt(RecordBody body) {
        int kind = body.takeByte();
        return switch (kind) {
            case RecordLayout.PROMPT_RAW -> new Prompt.Raw(body.takeText(), body.takeByte() != 0);
            case RecordLayout.PROMPT_CHAT -> chat(body);
            case RecordLayout.PROMPT_TOKENS -> new Prompt.Tokens(body.takeIds());
            default -> throw new DamagedRecordException("prompt kind %d is none of 1 to 3".formatted(kind));
        };
    }

    private static Prompt chat(RecordBody body) {
        int count = body.takeCount(2 * Integer.BYTES);
        List<ChatMessage> messages = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            messages.add(new ChatMessage(body.takeText(), body.takeText()));
        }
        return new Prompt.Chat(messages);
    }

    private static TraceEvent stepVerified(RecordBody body) {
        long sessionId = body.takeLong();
        int step = body.takeInt();
        int nodes = body.takeByte();
        int pathLength = body.takeByte();
        int emittedCount = body.takeByte();
        int tops = body.takeByte();
        int bonusToken = body.takeInt();
        int batchRows = body.takeInt();
        int batchTrees = body.takeInt();
        long forwardNs = body.takeLong();
        TracedDraft draft = draft(body);
        TracedTree tree = tree(body, nodes);
        List<Integer> path = body.takeBytes(pathLength);
        List<TracedRow> rows = new ArrayList<>(emittedCount);
        for (int i = 0; i < emittedCount; i++) {
            rows.add(new TracedRow(
                    body.takeInt(),
                    body.takeFloat(),
                    body.takeFloat(),
                    body.takeFloat(),
                    body.takeDouble(),
                    body.takeInts(tops)));
        }
        String failure = body.takeText();
        checkPath(tree, path, rows, bonusToken);
        check(step >= 0, "step", step);
        return new TraceEvent.StepVerified(
                sessionId, step, tree, path, bonusToken, rows, draft, batchRows, batchTrees, forwardNs, failure);
    }

    private static TracedDraft draft(RecordBody body) {
        return new TracedDraft(
                body.takeInt(),
                body.takeInt(),
                body.takeInt(),
                body.takeInt(),
                body.takeInt(),
                body.takeLong(),
                body.takeBytes(body.takeByte()));
    }

    private static TracedTree tree(RecordBody body, int nodes) {
        Integer[] tokens = new Integer[nodes];
        Integer[] proposers = new Integer[nodes];
        Integer[] parents = new Integer[nodes];
        for (int node = 0; node < nodes; node++) {
            tokens[node] = body.takeInt();
            proposers[node] = body.takeInt();
            int parent = body.takeByte();
            parents[node] = parent == RecordLayout.ROOT_PARENT ? TokenTree.NONE : parent;
            check(tokens[node] >= 0, "token id", tokens[node]);
        }
        return new TracedTree(List.of(tokens), List.of(parents), List.of(proposers));
    }

    /** The path descends from the root and its tokens are the first ones emitted; at most one bonus token follows. */
    private static void checkPath(TracedTree tree, List<Integer> path, List<TracedRow> rows, int bonusToken) {
        check(rows.size() <= StepVerdict.EMITTED_MAX, "emitted count", rows.size());
        check(path.size() == rows.size() || path.size() == rows.size() - 1, "path length", path.size());
        int node = 0;
        for (int i = 0; i < path.size(); i++) {
            int child = path.get(i);
            check(child > 0 && child < tree.nodeCount() && tree.parents().get(child) == node, "path node", child);
            check(
                    rows.get(i).token() == tree.tokens().get(child),
                    "emitted token",
                    rows.get(i).token());
            node = child;
        }
        int last = rows.size() > path.size() ? rows.getLast().token() : -1;
        check(bonusToken == last, "bonus token", bonusToken);
    }

    private static TraceEvent sessionEnded(RecordBody body) {
        return new TraceEvent.SessionEnded(new SessionEnd(
                body.takeLong(),
                FinishReason.valueOf(body.takeText()),
                body.takeInt(),
                body.takeInt(),
                body.takeLong()));
    }

    private static void check(boolean valid, String name, int value) {
        if (!valid) {
            throw new DamagedRecordException("%s %d does not fit the rest of the record".formatted(name, value));
        }
    }
}
