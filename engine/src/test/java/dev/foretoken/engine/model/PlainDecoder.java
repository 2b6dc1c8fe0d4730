package dev.foretoken.engine.model;

import dev.foretoken.engine.kernel.Kernels;
import dev.foretoken.engine.kv.KvCache;
import java.util.Arrays;

/** One session, one token at a time: the reference that everything else must equal bit for bit. */
public final class PlainDecoder implements AutoCloseable {
    private final LanguageModel model;
    private final KvCache cache;
    private final TransformerForward forward;
    private final RowBatch batch = new RowBatch(1);
    private int length;

    public PlainDecoder(LanguageModel model, int positionsMax) {
        this(model, Kernels.fastest(), positionsMax);
    }

    public PlainDecoder(LanguageModel model, Kernels kernels, int positionsMax) {
        this.model = model;
        cache = new KvCache(model.kvShape(16, positionsMax), 1, Math.ceilDiv(positionsMax, 16));
        cache.open(0);
        cache.reserve(0, positionsMax);
        forward = new TransformerForward(model, kernels, 1, 1, 1, positionsMax);
    }

    /** Feeds one token and returns the logits of what follows it. */
    public float[] next(int token) {
        batch.clear();
        batch.addToken(0, length++, token);
        forward.run(batch, cache);
        return Arrays.copyOf(forward.logits(new int[] {0}, 1), model.config().vocabularySize());
    }

    /** Forgets all tokens from {@code newLength} on. */
    public void truncateTo(int newLength) {
        length = newLength;
    }

    public static int argmax(float[] logits) {
        int best = 0;
        for (int id = 1; id < logits.length; id++) {
            if (logits[id] > logits[best]) {
                best = id;
            }
        }
        return best;
    }

    @Override
    public void close() {
        forward.close();
    }
}
