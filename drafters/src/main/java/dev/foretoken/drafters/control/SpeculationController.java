package dev.foretoken.drafters.control;

import dev.foretoken.drafters.merge.AcceptanceCalibration;
import dev.foretoken.drafters.merge.TreeMerger;
import dev.foretoken.engine.draft.DraftReport;
import dev.foretoken.engine.tree.TokenTree;
import dev.foretoken.engine.verify.StepVerdict;
import java.util.Arrays;

/**
 * Decides for one session, step by step, how much to draft and to verify. One step is
 *
 * <pre>
 * plan(...)                       who is asked, with how many nodes
 * draft(i) filled, arrived(i, ns) for every drafter asked whose draft came in time
 * compose(...)                    merges the drafts and keeps the nodes that pay
 * observe(...)                    learns from the verdict
 * </pre>
 *
 * A node adds its calibrated probability of acceptance to the tokens a step emits and a row to its cost; the tree ends where
 * that no longer raises expected tokens per second, which may be at the root: plain decoding. Costs are measured, so a
 * prediction that flatters speculation shows in the balance of what steps really took, and a negative balance suspends it for
 * as long as makes the loss small. With a fixed tree size all this is off: every step drafts that many nodes.
 * <p>Source: marginal benefit against measured step time, as in Sequoia and SmartSpec; judging drafters that were not used by
 * the verified text, as in HedgeSpec. Not thread-safe: belongs to the session's drafter thread. Deterministic given what is
 * handed in; what depends on time is in the {@link DraftReport}.
 */
public final class SpeculationController {
    /** Tree size that leaves every decision to the controller. */
    public static final int AUTO = 0;

    /**
     * Plain decoding must be beaten by this factor before speculation starts; to go on, it must not be worse. In a pass shared
     * with others the margin stays: a wrong guess of costs or chances is lost for all of them.
     */
    private static final double START_MARGIN = 1.03;
    /** While speculating alone, one plain step in so many keeps its cost known: at most half a percent of the time. */
    private static final int PLAIN_EVERY = 256;

    private static final double SHARING_RATE = 0.2;
    private static final double MEAN_RATE = 0.05;
    /**
     * Now and then a size not measured well is tried if it would pay, by TRY_MARGIN, at the least it can cost: as rarely as
     * makes the loss of the last try this part of the time.
     */
    private static final double TRY_LOSS = 0.02;

    private static final int TRY_EVERY_MIN = 16;
    private static final int TRY_EVERY_MAX = 256;
    private static final int TRY_AGAIN = 8;
    private static final double TRY_MARGIN = 1.05;
    private static final int NODES_ASKED_MIN = 8;
    private static final int NODES_FIRST = 4;

    private final VerifyCostModel cost;
    private final int fixedNodes;
    private final int nodesMax;
    private final AcceptanceCalibration calibration;
    private final TreeMerger merger;
    private final TokenTree[] drafts;
    private final DrafterLedger[] ledgers;
    private final double[] savedNs;
    private final SpeculationBalance balance = new SpeculationBalance();

    private int arrivedMask;
    private final long[] arrivedNs;
    private int pendingToken;
    private int positions;
    private int lastNodes = 1;
    private int sincePlain;
    private int sinceTried;
    private int tryEvery = TRY_EVERY_MIN;
    private boolean isTryDue;
    private boolean isTry;
    private double nodesMean = 4;
    private double emittedMean = 1;
    private double stepNsMean;
    private double otherRows;
    private double otherTrees;

    /**
     * @param experience of the engine's drafters; {@link #close} adds to it
     * @param cost of the lane that verifies this session
     * @param treeSize nodes of every tree, root included; or {@link #AUTO}
     * @param nodesMax most nodes of a tree, root included
     */
    public SpeculationController(DraftingExperience experience, VerifyCostModel cost, int treeSize, int nodesMax) {
        int drafters = experience.drafters();
        this.cost = cost;
        this.nodesMax = Math.min(nodesMax, TokenTree.NODES_MAX);
        fixedNodes = treeSize == AUTO ? AUTO : Math.clamp(treeSize, 1, this.nodesMax);
        calibration = new AcceptanceCalibration(drafters);
        merger = new TreeMerger(drafters, calibration);
        drafts = new TokenTree[drafters];
        ledgers = new DrafterLedger[drafters];
        savedNs = new double[drafters];
        arrivedNs = new long[drafters];
        for (int i = 0; i < drafters; i++) {
            drafts[i] = new TokenTree(TokenTree.NODES_MAX);
            ledgers[i] = new DrafterLedger(experience.of(i));
        }
    }

    /**
     * Begins a step: decides which drafters are asked and restarts their drafts.
     *
     * @param pending the token at the root
     * @param availableMask bit i: drafter i can be asked
     * @param textLength tokens of prompt and answer so far: the positions that every row attends to
     * @param depthMax deepest useful node: one less than the tokens that may still be emitted
     * @param reportOut restarted; asked drafters, their nodes and the largest budget are set
     */
    public void plan(int pending, int availableMask, int textLength, int depthMax, DraftReport reportOut) {
        pendingToken = pending;
        positions = textLength;
        arrivedMask = 0;
        isTry = false;
        isTryDue = false;
        sinceTried++;
        reportOut.restart();
        int depth = Math.min(depthMax, TokenTree.DEPTH_MAX);
        if (depth < 1 || fixedNodes == 1 || (fixedNodes == AUTO && isPlainStep())) {
            return;
        }
        reportOut.budgetDepth = depth;
        reportOut.budgetNodes = fixedNodes == AUTO ? nodesMax : fixedNodes;
        double stepNs = stepNs();
        isTryDue = fixedNodes == AUTO && isTryDue();
        for (int i = 0; i < drafts.length; i++) {
            int nodes = (availableMask & 1 << i) != 0 ? nodesFor(ledgers[i], stepNs) : 1;
            if (nodes > 1) {
                reportOut.askedMask |= 1 << i;
                reportOut.allottedNodes[i] = nodes;
                drafts[i].restart(pending, nodes);
            }
        }
    }

    /**
     * Whether a drafter that is not open for this session yet is worth opening: the next {@link #plan} would ask it. A draft model
     * reads the whole text first.
     */
    public boolean isWanted(int drafter) {
        return nodesFor(ledgers[drafter], stepNs()) > 1;
    }

    /** The tree that drafter i fills in after {@link #plan}, or that its finished draft is copied to. */
    public TokenTree draft(int drafter) {
        return drafts[drafter];
    }

    /** The draft of a drafter is complete and was made in so many ns. */
    public void arrived(int drafter, long ns) {
        arrivedMask |= 1 << drafter;
        arrivedNs[drafter] = ns;
    }

    /**
     * Merges what arrived and keeps what pays.
     *
     * @param report of this step's plan; its node budget becomes the size decided on, so that merging the same drafts
     *     within it gives the same tree
     * @param treeOut restarted and filled
     */
    public void compose(DraftReport report, TokenTree treeOut) {
        int nodes = 1;
        if (arrivedMask != 0) {
            merger.gather(drafts, arrivedMask, report.budgetNodes);
            nodes = fixedNodes == AUTO ? nodesThatPay() : merger.rankedCount();
        }
        if (isTryDue && !isTry) {
            sinceTried = tryEvery - TRY_AGAIN; // nothing promising was proposed
        }
        if (fixedNodes == AUTO) {
            report.budgetNodes = nodes;
        }
        treeOut.restart(pendingToken, Math.max(nodes, report.budgetNodes));
        if (nodes > 1) {
            merger.write(nodes, treeOut);
        }
        sincePlain = nodes == 1 ? 0 : sincePlain + 1;
        lastNodes = nodes;
        nodesMean += MEAN_RATE * 2 * (nodes - nodesMean);
    }

    /**
     * Learns from the verdict on this step's tree.
     *
     * @param report with {@code draftNs} and the missed and failed drafters set
     * @param batchRows nodes of all trees of the pass
     * @param batchTrees trees of the pass
     * @param forwardNs time of the pass; rows of prompts and their time are left out
     */
    public void observe(
            DraftReport report, TokenTree tree, StepVerdict verdict, int batchRows, int batchTrees, long forwardNs) {
        int emitted = verdict.emittedCount();
        if (emitted == 0) {
            return;
        }
        otherRows += SHARING_RATE * (batchRows - tree.nodeCount() - otherRows);
        otherTrees += SHARING_RATE * (batchTrees - 1 - otherTrees);
        double thisStepNs = (double) forwardNs + report.draftNs;
        stepNsMean += (stepNsMean == 0 ? 1 : MEAN_RATE) * (thisStepNs - stepNsMean);
        emittedMean += MEAN_RATE * (emitted - emittedMean);
        creditPath(tree, verdict);
        settle(report, verdict);
        int plainRows = 1 + batchRows - tree.nodeCount();
        double plainNs = cost.ns(plainRows) + attentionNs(plainRows);
        if (fixedNodes == AUTO && cost.ns(1) > 0) {
            balance(report, emitted, thisStepNs, plainNs, batchTrees);
        }
    }

    /**
     * The others in the pass wait for this session's nodes too: a further token is worth the time in which the pass emits one
     * without them, and what is lost is measured in this session's part of such a pass.
     */
    private void balance(DraftReport report, int emitted, double thisStepNs, double plainNs, int batchTrees) {
        double tokenNs = plainNs / (1 + (batchTrees - 1) * emittedMean);
        double partNs = plainNs / batchTrees;
        double gainNs = (emitted - 1) * tokenNs - (thisStepNs - plainNs);
        if (isTry) {
            tryEvery = (int) Math.clamp(-gainNs / (TRY_LOSS * partNs), TRY_EVERY_MIN, TRY_EVERY_MAX);
        }
        balance.add(report.askedMask != 0 && !isTry, gainNs, partNs);
    }

    private boolean isPlainStep() {
        return balance.isSuspended() || cost.ns(1) == 0 || (otherRows < 0.5 && sincePlain >= PLAIN_EVERY);
    }

    /** True if a small tree of a size not measured well may be tried in this step. */
    private boolean isTryDue() {
        boolean isUnsure = false;
        for (int nodes = 2; nodes <= NODES_ASKED_MIN; nodes++) {
            isUnsure |= leastNs(nodes) < passNs(nodes);
        }
        return isUnsure && sinceTried >= tryEvery;
    }

    private double stepNs() {
        return stepNsMean > 0 ? stepNsMean : cost.ns(1) + attentionNs(1);
    }

    /** Nodes to ask one drafter for: room to grow if it costs next to nothing, else what its own hits pay for; 1 for none. */
    private int nodesFor(DrafterLedger ledger, double stepNs) {
        if (fixedNodes != AUTO) {
            return fixedNodes;
        }
        int generous = Math.clamp((int) (2 * nodesMean) + 4, NODES_ASKED_MIN, nodesMax);
        if (ledger.isNegligible(stepNs)) {
            return generous;
        }
        DrafterEstimates estimates = ledger.estimates();
        int best = 2;
        double bestRate = 0;
        for (int nodes = 2; nodes <= generous; nodes++) {
            double rate = (1 + estimates.hits(nodes)) / (passNs(nodes) + estimates.costNs(nodes));
            if (rate > bestRate) {
                bestRate = rate;
                best = nodes;
            }
        }
        boolean isKnown = estimates.isMeasured();
        if (!ledger.decide(stepNs, isTryDue, !isKnown || bestRate * passNs(1) > 1)) {
            return 1;
        }
        return isKnown ? Math.min(best + 1, generous) : Math.min(NODES_FIRST, nodesMax);
    }

    /** How many of the ranked nodes raise the expected tokens per second of everyone in the batch. */
    private int nodesThatPay() {
        double tokens = 1 + otherTrees * emittedMean;
        double bestRate = tokens / passNs(1) * (lastNodes > 1 && otherTrees < 0.5 ? 1 : START_MARGIN);
        int best = 1;
        int most = Math.min(merger.rankedCount(), largestSafeTree());
        for (int nodes = 2; nodes <= most; nodes++) {
            tokens += merger.rankedScore(nodes - 1);
            double rate = tokens / passNs(nodes);
            if (rate > bestRate) {
                bestRate = rate;
                best = nodes;
            }
        }
        return isTryDue ? nodesToTry(best, most, bestRate) : best;
    }

    /** The smallest size not measured well that would pay at the least it can cost, or the best known one. */
    private int nodesToTry(int best, int most, double bestRate) {
        double tokens = 1 + otherTrees * emittedMean;
        for (int nodes = 2; nodes <= most; nodes++) {
            tokens += merger.rankedScore(nodes - 1);
            double leastNs = leastNs(nodes);
            if (leastNs < passNs(nodes) && tokens / leastNs > TRY_MARGIN * bestRate) {
                isTry = true;
                sinceTried = 0;
                return nodes;
            }
        }
        return best;
    }

    /** Guessed costs are tried in doublings, so that a wrong guess is found out cheaply. */
    private int largestSafeTree() {
        return Math.max(4, 2 * cost.rowsTrusted() - (int) otherRows);
    }

    private double passNs(int nodes) {
        return Math.max(1, cost.ns(rows(nodes)) + attentionNs(rows(nodes)));
    }

    private double leastNs(int nodes) {
        return cost.leastNs(rows(nodes)) + attentionNs(rows(nodes));
    }

    /** As if the texts of others in the pass were as long as this one. */
    private double attentionNs(int rows) {
        return cost.context().ns((1 + otherTrees) * positions, (double) rows * positions);
    }

    private int rows(int nodes) {
        return nodes + (int) Math.rint(otherRows);
    }

    /** Each accepted token and each row is put on the account of its cheapest proposer. */
    private void creditPath(TokenTree tree, StepVerdict verdict) {
        Arrays.fill(savedNs, 0);
        if (tree.nodeCount() == 1) {
            return;
        }
        double tokenNs = Math.min(stepNs() / emittedMean, passNs(1)) / (1 + otherTrees);
        double rowNs = (passNs(tree.nodeCount()) - passNs(1)) / (tree.nodeCount() - 1);
        for (int i = 0; i < verdict.pathLength(); i++) {
            savedNs[cheapest(tree.proposers(verdict.pathNode(i)))] += tokenNs;
        }
        for (int node = 1; node < tree.nodeCount(); node++) {
            savedNs[cheapest(tree.proposers(node))] -= rowNs;
        }
    }

    private int cheapest(int proposers) {
        int cheapest = Integer.numberOfTrailingZeros(proposers);
        for (int i = cheapest + 1; i < ledgers.length; i++) {
            if ((proposers & 1 << i) != 0
                    && ledgers[i].estimates().costNs()
                            < ledgers[cheapest].estimates().costNs()) {
                cheapest = i;
            }
        }
        return cheapest;
    }

    private void settle(DraftReport report, StepVerdict verdict) {
        for (int i = 0; i < ledgers.length; i++) {
            if ((report.askedMask & 1 << i) == 0) {
                ledgers[i].notAsked();
            } else if ((arrivedMask & 1 << i) == 0) {
                ledgers[i].settle(0, Math.max(ledgers[i].estimates().costNs(), report.draftNs), 0, stepNs());
            } else {
                TokenTree draft = drafts[i];
                int depth = deepest(draft);
                int foretold = calibration.observe(i, draft, verdict);
                ledgers[i].estimates().drafted(draft.nodeCount() - 1, depth, arrivedNs[i]);
                ledgers[i].estimates().judged(foretold, depth, verdict.emittedCount());
                ledgers[i].settle(savedNs[i], arrivedNs[i], foretold, stepNs());
            }
        }
    }

    /** The session has ended: later ones learn from it, unless its tree size was not the controller's choice. */
    public void close() {
        if (fixedNodes == AUTO) {
            for (DrafterLedger ledger : ledgers) {
                ledger.close();
            }
        }
    }

    private static int deepest(TokenTree draft) {
        int deepest = 0;
        for (int node = 1; node < draft.nodeCount(); node++) {
            deepest = Math.max(deepest, draft.depth(node));
        }
        return deepest;
    }
}
