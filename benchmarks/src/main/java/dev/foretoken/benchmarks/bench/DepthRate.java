package dev.foretoken.benchmarks.bench;

import java.util.ArrayList;
import java.util.List;

/**
 * How often guesses hold at one depth of the tree.
 *
 * @param depth from 1, the root's children
 * @param reached steps whose accepted path had at least depth - 1 tokens, whether or not anything was guessed below
 * @param accepted steps among them whose path had at least depth tokens
 */
record DepthRate(int depth, long reached, long accepted) {
    /** Share of the steps that came so far. */
    double rate() {
        return reached == 0 ? 0 : (double) accepted / reached;
    }

    /** Rates for each depth that was ever reached by an accepted token. */
    static List<DepthRate> of(List<PromptRun> runs) {
        int depths =
                runs.stream().mapToInt(run -> run.stepsByPath().size()).max().orElse(0);
        long[] atLeast = new long[depths + 1];
        for (PromptRun run : runs) {
            for (int path = 0; path < run.stepsByPath().size(); path++) {
                for (int depth = 0; depth <= path; depth++) {
                    atLeast[depth] += run.stepsByPath().get(path);
                }
            }
        }
        List<DepthRate> rates = new ArrayList<>();
        for (int depth = 1; depth < depths && atLeast[depth] > 0; depth++) {
            rates.add(new DepthRate(depth, atLeast[depth - 1], atLeast[depth]));
        }
        return rates;
    }
}
