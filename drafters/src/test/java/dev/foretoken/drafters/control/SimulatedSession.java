package dev.foretoken.drafters.control;

import dev.foretoken.drafters.control.VerifyCostCurve.Point;
import dev.foretoken.drafters.testing.Lessons;
import dev.foretoken.engine.draft.DraftReport;
import dev.foretoken.engine.tree.TokenTree;
import dev.foretoken.engine.verify.StepVerdict;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.IntToDoubleFunction;

/**
 * A session in simulated time: drafters that are right with a given chance, a verifier whose pass takes a given time by rows,
 * and the controller between them.
 */
final class SimulatedSession {
    static final double PLAIN_NS = 1_000_000;

    /**
     * A made-up drafter of chains.
     *
     * @param claim what it says of each token, given the ones before
     * @param nsPerNode its time for each node asked for
     */
    record Guesser(float claim, double nsPerNode) {}

    private static final int VOCABULARY_SIZE = 1000;
    /** What a question takes whatever the answer. */
    private static final double MUTE_NS = 0.0001 * PLAIN_NS;

    private final SplittableRandom random;
    private final Guesser[] guessers;
    private final VerifyCostModel cost;
    private final SpeculationController controller;
    private final DraftReport report = new DraftReport();
    private final TokenTree tree = new TokenTree(TokenTree.NODES_MAX);
    private final StepVerdict verdict = new StepVerdict();
    private final int[] truth = new int[64];
    private IntToDoubleFunction passNs;
    private double[] chances;
    int otherTrees;
    int otherNodes;
    int textLength;
    double noise;
    /** Drafters have come to their end: they answer with nothing, at once. */
    boolean isMute;

    long steps;
    long tokens;
    double ns;
    double nodes;
    int asked;
    int largestTree;

    SimulatedSession(long seed, int treeSize, IntToDoubleFunction passNs, double[] chances, Guesser... guessers) {
        this(seed, treeSize, new VerifyCostModel(), new DraftingExperience(guessers.length), passNs, chances, guessers);
    }

    SimulatedSession(
            long seed,
            int treeSize,
            VerifyCostModel cost,
            DraftingExperience experience,
            IntToDoubleFunction passNs,
            double[] chances,
            Guesser... guessers) {
        random = new SplittableRandom(seed);
        this.cost = cost;
        this.guessers = guessers;
        this.passNs = passNs;
        this.chances = chances;
        controller = new SpeculationController(experience, cost, treeSize, TokenTree.NODES_MAX);
        for (int i = 0; i < truth.length; i++) {
            truth[i] = random.nextInt(VOCABULARY_SIZE);
        }
    }

    void chances(double... newChances) {
        chances = newChances;
    }

    void passNs(IntToDoubleFunction newPassNs) {
        passNs = newPassNs;
    }

    /** What attention takes, as the controller knows. */
    void context(ContextCost context) {
        cost.recall(new VerifyCostCurve(List.of(new Point(1, PLAIN_NS)), context));
    }

    void forget() {
        steps = 0;
        tokens = 0;
        ns = 0;
        nodes = 0;
        asked = 0;
        largestTree = 0;
    }

    void run(int count) {
        for (int i = 0; i < count; i++) {
            step();
        }
    }

    private void step() {
        controller.plan(7, (1 << guessers.length) - 1, textLength, TokenTree.DEPTH_MAX, report);
        double draftNs = 0;
        for (int i = 0; i < guessers.length; i++) {
            if ((report.askedMask & 1 << i) != 0) {
                if (!isMute) {
                    guess(controller.draft(i), chances[i], guessers[i].claim());
                }
                double guessNs =
                        MUTE_NS + guessers[i].nsPerNode() * (controller.draft(i).nodeCount() - 1);
                controller.arrived(i, Math.round(guessNs));
                draftNs += guessNs;
                asked++;
            }
        }
        controller.compose(report, tree);
        report.draftNs = Math.round(draftNs);
        Lessons.judge(tree, truth, 0, VOCABULARY_SIZE, verdict);
        int rows = tree.nodeCount() + otherTrees * otherNodes;
        double positions = (1 + otherTrees) * (double) textLength;
        double rowPositions = (double) rows * textLength;
        double forwardNs = passNs.applyAsDouble(rows) * (1 + noise * random.nextDouble(-1, 1))
                + cost.context().ns(positions, rowPositions);
        cost.observe(rows, Math.round(forwardNs), positions, rowPositions);
        controller.observe(report, tree, verdict, rows, 1 + otherTrees, Math.round(forwardNs));
        steps++;
        tokens += verdict.emittedCount();
        ns += forwardNs + draftNs;
        nodes += tree.nodeCount();
        largestTree = Math.max(largestTree, tree.nodeCount());
    }

    private void guess(TokenTree draft, double chance, float claim) {
        int node = 0;
        for (int depth = 1; depth <= TokenTree.DEPTH_MAX && node != TokenTree.FULL; depth++) {
            int token = random.nextDouble() < chance ? truth[depth - 1] : VOCABULARY_SIZE + random.nextInt(1000);
            node = draft.add(node, token, draft.score(node) * claim, 0);
        }
    }

    void close() {
        controller.close();
    }

    /** Tokens per second relative to plain decoding. */
    double speedUp() {
        return tokens * passNs.applyAsDouble(1 + otherTrees * otherNodes) / ns;
    }

    /** Tokens per second of the whole pass, in which the others decode plainly, relative to plain decoding. */
    double passSpeedUp() {
        double plainNs = passNs.applyAsDouble(1 + otherTrees * otherNodes);
        return (tokens + steps * otherTrees) * plainNs / (ns * (1 + otherTrees));
    }

    double meanNodes() {
        return nodes / steps;
    }

    /** A pass whose every further row takes a part of the first one's time. */
    static IntToDoubleFunction rowsCosting(double part) {
        return rows -> PLAIN_NS * (1 + part * (rows - 1));
    }
}
