package dev.foretoken.transport.trace;

import dev.foretoken.engine.chat.ChatMessage;
import dev.foretoken.engine.draft.DraftLesson;
import dev.foretoken.engine.draft.DraftReport;
import dev.foretoken.engine.kv.CacheTenant;
import dev.foretoken.engine.sampling.SamplingParameters;
import dev.foretoken.engine.session.FinishReason;
import dev.foretoken.engine.session.GenerationRequest;
import dev.foretoken.engine.session.Prompt;
import dev.foretoken.engine.trace.ModelIdentity;
import dev.foretoken.engine.trace.SessionEnd;
import dev.foretoken.engine.trace.SessionStart;
import dev.foretoken.engine.trace.StepView;
import dev.foretoken.engine.tree.TokenTree;
import dev.foretoken.engine.verify.StepVerdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** Random but valid sessions: trees of any shape, verdicts that walk them, requests with every combination of fields. */
final class RandomTraces {
    static final int VOCABULARY = 200_000;
    private static final List<String> TEXTS = List.of(
            "", "plain", "gr\u00fc\u00dfe \u4f60\u597d \ud83d\ude00", "lone surrogate \ud800 inside", "\u0000 and \n");

    private final SplittableRandom random;

    RandomTraces(long seed) {
        random = new SplittableRandom(seed);
    }

    SessionStart start(long sessionId) {
        return new SessionStart(
                sessionId,
                random.nextLong(),
                request(),
                sampling(),
                ids(1 + random.nextInt(50)),
                new ModelIdentity(text(), random.nextLong(1L << 40), Long.toHexString(random.nextLong())),
                "cpu-2",
                List.of("ngram", "recycling"),
                "threads=2 " + text(),
                random.nextLong());
    }

    private GenerationRequest request() {
        return new GenerationRequest(
                prompt(),
                1 + random.nextInt(1000),
                maybe() ? 0.7 : null,
                maybe() ? random.nextInt(100) : null,
                maybe() ? 0.9 : null,
                maybe() ? 0.05 : null,
                maybe() ? 1.1 : null,
                maybe() ? -0.5 : null,
                maybe() ? 0.25 : null,
                maybe() ? Map.of(3, 1.5, 9, -100.0) : Map.of(),
                maybe() ? random.nextLong() : null,
                maybe() ? List.of("\n", wholeText() + ".") : List.of(),
                maybe() ? random.nextInt(StepVerdict.TOP_MAX + 1) : null,
                maybe() ? 1 + random.nextInt(TokenTree.NODES_MAX) : null,
                CacheTenant.SHARED);
    }

    /** Stop strings are whole characters: a request with half a surrogate pair in one is refused. */
    private String wholeText() {
        return text().replaceAll("\\p{Cs}", "\uFFFD");
    }

    private Prompt prompt() {
        return switch (random.nextInt(3)) {
            case 0 -> new Prompt.Raw(text(), maybe());
            case 1 -> new Prompt.Chat(List.of(new ChatMessage("system", text()), new ChatMessage("user", text())));
            default -> new Prompt.Tokens(ids(random.nextInt(20)));
        };
    }

    private SamplingParameters sampling() {
        Map<Integer, Double> bias = maybe() ? Map.of(random.nextInt(VOCABULARY), random.nextDouble()) : Map.of();
        return new SamplingParameters(
                maybe() ? 0 : 0.8, random.nextInt(50), 0.95, 0.1, 1.2, 0.3, -0.3, bias, random.nextLong());
    }

    StepView step(long sessionId, int step) {
        TokenTree tree = tree();
        return new RecordedStep(
                sessionId,
                step,
                tree,
                verdict(tree),
                draft(),
                random.nextInt(500),
                random.nextInt(64),
                random.nextLong(1L << 40));
    }

    TokenTree tree() {
        TokenTree tree = new TokenTree(TokenTree.NODES_MAX);
        tree.restart(token());
        int wanted = 1 + random.nextInt(TokenTree.NODES_MAX);
        for (int attempt = 0; attempt < 4 * wanted && tree.nodeCount() < wanted; attempt++) {
            int parent = maybe() ? tree.nodeCount() - 1 : random.nextInt(tree.nodeCount());
            tree.add(parent, token(), random.nextFloat(), 1 << random.nextInt(DraftReport.DRAFTERS_MAX));
        }
        return tree;
    }

    /** Walks down the tree at random; one verdict in four is cut, as a stop condition does. */
    StepVerdict verdict(TokenTree tree) {
        StepVerdict verdict = new StepVerdict();
        verdict.restart(random.nextInt(64), tree.token(0), DraftLesson.TOP_IDS + random.nextInt(3));
        int node = 0;
        while (tree.firstChild(node) != TokenTree.NONE && random.nextInt(4) > 0) {
            node = tree.firstChild(node);
            emit(verdict, tree.token(node));
            verdict.acceptNode(node);
        }
        emit(verdict, token());
        if (random.nextInt(4) == 0) {
            verdict.truncate(1 + random.nextInt(verdict.emittedCount()));
        }
        return verdict;
    }

    private void emit(StepVerdict verdict, int token) {
        int index = verdict.emittedCount();
        verdict.emit(token, anyFloat(), Double.longBitsToDouble(random.nextLong()));
        for (int rank = 0; rank < verdict.topCount(); rank++) {
            verdict.top(index, rank, token(), anyFloat());
        }
    }

    private DraftReport draft() {
        DraftReport draft = new DraftReport();
        draft.restart();
        draft.budgetNodes = random.nextInt(65);
        draft.budgetDepth = random.nextInt(33);
        draft.askedMask = random.nextInt();
        draft.missedMask = random.nextInt();
        draft.failedMask = random.nextInt();
        draft.draftNs = random.nextLong();
        for (int drafter = 0; drafter < random.nextInt(DraftReport.DRAFTERS_MAX); drafter++) {
            draft.allottedNodes[drafter] = random.nextInt(65);
        }
        return draft;
    }

    SessionEnd end(long sessionId) {
        FinishReason[] reasons = FinishReason.values();
        return new SessionEnd(
                sessionId,
                reasons[random.nextInt(reasons.length)],
                random.nextInt(100),
                random.nextInt(1000),
                random.nextLong());
    }

    private boolean maybe() {
        return random.nextBoolean();
    }

    private int token() {
        return random.nextInt(VOCABULARY);
    }

    private float anyFloat() {
        return Float.intBitsToFloat(random.nextInt());
    }

    private String text() {
        return TEXTS.get(random.nextInt(TEXTS.size()));
    }

    private List<Integer> ids(int count) {
        List<Integer> ids = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            ids.add(token());
        }
        return ids;
    }

    /** What a reader should see of a step, copied by other code than the writer's. */
    static TraceEvent.StepVerified expected(StepView step) {
        StepVerdict verdict = step.verdict();
        DraftReport draft = step.draft();
        List<Integer> path = new ArrayList<>();
        for (int i = 0; i < verdict.pathLength(); i++) {
            path.add(verdict.pathNode(i));
        }
        List<TracedRow> rows = new ArrayList<>();
        for (int i = 0; i < verdict.emittedCount(); i++) {
            List<Integer> top = new ArrayList<>();
            for (int rank = 0; rank < DraftLesson.TOP_IDS; rank++) {
                top.add(verdict.topId(i, rank));
            }
            rows.add(new TracedRow(
                    verdict.emittedToken(i),
                    verdict.chosenLogit(i),
                    verdict.topLogit(i, 0),
                    verdict.topLogit(i, 1),
                    verdict.logSumExp(i),
                    top));
        }
        List<Integer> allotted = new ArrayList<>();
        for (int nodes : draft.allottedNodes) {
            allotted.add(nodes);
        }
        while (!allotted.isEmpty() && allotted.getLast() == 0) {
            allotted.removeLast();
        }
        return new TraceEvent.StepVerified(
                step.sessionId(),
                step.step(),
                TracedTree.of(step.tree()),
                path,
                verdict.bonusToken(),
                rows,
                new TracedDraft(
                        draft.budgetNodes,
                        draft.budgetDepth,
                        draft.askedMask,
                        draft.missedMask,
                        draft.failedMask,
                        draft.draftNs,
                        allotted),
                step.batchRows(),
                step.batchTrees(),
                step.forwardNs(),
                "");
    }
}
