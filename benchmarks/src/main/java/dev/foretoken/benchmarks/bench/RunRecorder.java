package dev.foretoken.benchmarks.bench;

import dev.foretoken.engine.tree.TokenTree;
import dev.foretoken.transport.stream.GeneratedToken;
import dev.foretoken.transport.stream.GenerationEvent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Takes the time of every token of one stream. Events come one after another; not thread-safe beyond that. */
final class RunRecorder {
    private final long startNs;
    private final List<Integer> ids = new ArrayList<>();
    private final List<Long> gapsNs = new ArrayList<>();
    private final int[] stepsByPath = new int[TokenTree.DEPTH_MAX + 1];
    private long firstNs;
    private long lastNs;
    private int firstStep;
    private int firstBlock = 1;
    private int step = -1;
    private int pathLength;
    private int steps;

    /** @param startNs when the request was made, see {@link System#nanoTime} */
    RunRecorder(long startNs) {
        this.startNs = startNs;
    }

    void accept(GenerationEvent event) {
        switch (event) {
            case GenerationEvent.Started _ -> {}
            case GenerationEvent.Token(GeneratedToken token) -> token(token, System.nanoTime());
            case GenerationEvent.Finished finished -> {
                endStep();
                steps = finished.summary().steps();
            }
        }
    }

    void token(GeneratedToken token, long nowNs) {
        if (ids.isEmpty()) {
            firstNs = nowNs;
            firstStep = token.step();
        } else {
            gapsNs.add(nowNs - lastNs);
            firstBlock += token.step() == firstStep ? 1 : 0;
        }
        lastNs = nowNs;
        ids.add(token.id());
        if (token.step() != step) {
            endStep();
            step = token.step();
        }
        if (token.drafter() != null) {
            pathLength++;
        }
    }

    private void endStep() {
        if (step >= 0) {
            stepsByPath[pathLength]++;
        }
        pathLength = 0;
    }

    PromptRun run() {
        return new PromptRun(
                ids,
                ids.size(),
                steps,
                Arrays.stream(stepsByPath).boxed().toList(),
                firstBlock,
                firstNs - startNs,
                lastNs - startNs,
                gapsNs);
    }
}
