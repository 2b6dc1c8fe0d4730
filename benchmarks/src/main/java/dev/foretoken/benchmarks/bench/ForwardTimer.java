package dev.foretoken.benchmarks.bench;

import dev.foretoken.engine.kernel.Kernels;
import dev.foretoken.engine.kv.KvCache;
import dev.foretoken.engine.kv.KvShape;
import dev.foretoken.engine.model.LanguageModel;
import dev.foretoken.engine.model.RowBatch;
import dev.foretoken.engine.model.TransformerForward;
import dev.foretoken.verifiers.cpu.CpuVerifier;

/**
 * The forward pass alone: a chain of M rows behind a fixed number of cached positions, and the logits of all M rows. That is
 * what other engines' steps compute, so this is what is compared with them. The cached positions never change.
 */
final class ForwardTimer implements StepTimer {
    private static final int PREFILL_ROWS = 64;

    private final TransformerForward forward;
    private final KvCache cache;
    private final RowBatch rows;
    private final int past;
    private final int[] tokens;
    private final int[] logitRows;

    ForwardTimer(LanguageModel model, int threads, int past, int rowsMax) {
        this.past = past;
        int capacity = Math.max(rowsMax, PREFILL_ROWS);
        KvShape shape = model.kvShape(KvShape.PAGE_TOKENS, past + capacity);
        cache = new KvCache(shape, 1, shape.pagesFor(past + capacity));
        // As many logits together as a verifier of many sessions evaluates.
        forward = new TransformerForward(
                model, Kernels.fastest(), threads, capacity, CpuVerifier.LOGIT_ROWS_MAX, past + capacity);
        logitRows = new int[forward.logitRowsMax()];
        rows = new RowBatch(capacity);
        tokens = StepTokens.chain(past + capacity, model.config().vocabularySize());
        cache.open(0);
        for (int from = 0; from < past; from += PREFILL_ROWS) {
            int count = Math.min(PREFILL_ROWS, past - from);
            pass(from, count);
            cache.commit(0, count);
        }
    }

    private void pass(int from, int count) {
        cache.reserve(0, from + count);
        rows.clear();
        rows.addChain(0, from, tokens, from, count);
        forward.run(rows, cache);
    }

    @Override
    public long stepNs(int rowCount) {
        long start = System.nanoTime();
        pass(past, rowCount);
        for (int row = 0; row < rowCount; row += logitRows.length) {
            int count = Math.min(logitRows.length, rowCount - row);
            for (int i = 0; i < count; i++) {
                logitRows[i] = row + i;
            }
            forward.logits(logitRows, count);
        }
        return System.nanoTime() - start;
    }

    @Override
    public void close() {
        forward.close();
    }
}
