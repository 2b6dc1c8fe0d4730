package dev.foretoken.engine.model;

import static java.lang.Math.multiplyExact;

import dev.foretoken.engine.kernel.Activations;
import dev.foretoken.engine.kernel.ComputeTeam;
import dev.foretoken.engine.kernel.Kernels;
import dev.foretoken.engine.kernel.PackedMatrix;
import dev.foretoken.engine.kernel.Scratch;
import dev.foretoken.engine.kv.KvCache;
import org.jspecify.annotations.Nullable;

/**
 * One forward pass of a llama or qwen2 transformer over packed rows: embeddings, layers, keys and values into the cache;
 * then logits of chosen rows. A row's bits depend on its own context only: not on the other rows, the shape of its tree,
 * how a prompt was cut, where its pages lie, or the number of threads.
 *
 * <pre>
 *   norm, then per layer:
 *     [qkv, bias, rotate, store] -> [attention] -> [output] -> add, norm -> [gate, up, SiLU] -> [down] -> add, next norm
 *   [..] = a region of the compute team; the rest runs per row, on the calling thread while rows are few
 * </pre>
 *
 * <p>One calling thread at a time; it owns all buffers here and the team. Nothing is allocated per pass.
 */
public final class TransformerForward implements AutoCloseable {
    /** Rows whose logits are worth evaluating together: one tile of activations, so four cost little more than one. */
    public static final int LOGIT_TILE = Activations.TILE;

    /** From so many rows on the work between matrices is worth a region. */
    private static final int ROWS_WORTH_A_REGION = 8;

    private final LanguageModel model;
    private final ModelShape shape;
    private final Kernels kernels;
    private final ComputeTeam team;
    private final StripeChunks chunks;
    private final Scratch[] scratch;
    private final AttentionInputs inputs;
    private final Attention attention;
    private final float epsilon;
    private final int width;
    private final int hidden;

    private final float[] residual; // [M][width]
    private final float[] normed; // activations, M x width
    private final float[] attended; // activations, M x heads * headDim
    private final float[] projected; // products, M x width
    private final float[][] gateUps; // per worker: products of the pairs that are multiplied at once
    private final float[] activated; // activations, M x hidden
    private final float[] logits; // [logitRowsMax][vocabulary, padded]
    private final float[] logSumBlock = new float[Kernels.LOG_SUM_BLOCK];

    // Regions as fields, so that running one allocates nothing.
    private final ComputeTeam.Task embedRow = (row, worker) -> embed(row);
    private final ComputeTeam.Task firstNorm = (row, worker) -> norm(row, layer().attentionNorm());
    private final ComputeTeam.Task qkvChunk = (chunk, worker) -> attentionInputs(chunk, worker);
    private final ComputeTeam.Task attendChunk = (chunk, worker) -> attend(chunk, worker);
    private final ComputeTeam.Task outputChunk =
            (chunk, worker) -> multiplyProjected(layer().attentionOutput(), attended(), chunk, worker);
    private final ComputeTeam.Task secondNorm = (row, worker) -> addAndNorm(row, layer().feedForwardNorm());
    private final ComputeTeam.Task gateUpChunk = (chunk, worker) -> gateUp(chunk, worker);
    private final ComputeTeam.Task downChunk =
            (chunk, worker) -> multiplyProjected(layer().down(), activated(), chunk, worker);
    private final ComputeTeam.Task lastNorm = (row, worker) -> finishLayer(row);
    private final ComputeTeam.Task logitsChunk = (chunk, worker) -> multiplyLogits(chunk, worker);

    private final ComputeTeam.Task tileOfRows = this::runRows;

    private @Nullable RowBatch batch;
    private @Nullable KvCache cache;
    private ComputeTeam.@Nullable Task rowTask;
    private int layerIndex;
    private int logitRows;

    /**
     * @param threads compute threads, the calling one included
     * @param rowsMax most rows of one pass
     * @param logitRowsMax most rows of one call of {@link #logits}; the output matrix is read once for each call
     * @param positionsMax most stored positions of one session
     */
    public TransformerForward(LanguageModel model, int threads, int rowsMax, int logitRowsMax, int positionsMax) {
        this(model, model.kernels(), threads, rowsMax, logitRowsMax, positionsMax);
    }

    /** With kernels of the caller's choice; all of them give the same bits. */
    public TransformerForward(
            LanguageModel model, Kernels kernels, int threads, int rowsMax, int logitRowsMax, int positionsMax) {
        this.model = model;
        this.kernels = kernels;
        shape = model.config().shape();
        epsilon = model.config().rmsEpsilon();
        width = shape.width();
        hidden = shape.feedForward();
        residual = new float[multiplyExact(rowsMax, width)];
        normed = new float[multiplyExact(Math.max(rowsMax, logitRowsMax), width)];
        attended = new float[multiplyExact(rowsMax, shape.queryWidth())];
        projected = new float[multiplyExact(rowsMax, padded(width))];
        gateUps = new float[threads][model.gateUpFloatsMax(rowsMax, StripeChunks.STRIPES_MAX)];
        activated = new float[multiplyExact(rowsMax, hidden)];
        logits = new float[multiplyExact(logitRowsMax, model.output().paddedRows())];
        chunks = new StripeChunks(threads);
        scratch = Scratch.forTeam(threads);
        inputs = new AttentionInputs(model, kernels, rowsMax, positionsMax);
        attention = new Attention(kernels, shape, threads, positionsMax, rowsMax);
        kernels.warmUp(); // not before: loading wants all threads
        team = new ComputeTeam(threads, "foretoken-compute"); // last: nobody would end its threads if anything failed
    }

    private static int padded(int rows) {
        return Math.ceilDiv(rows, PackedMatrix.STRIPE) * PackedMatrix.STRIPE;
    }

    /**
     * Runs all rows through all layers and stores their tokens, keys and values; the positions must be reserved. Afterwards
     * {@link #logits} answers for rows of this batch.
     */
    public void run(RowBatch rows, KvCache kvCache) {
        batch = rows;
        cache = kvCache;
        for (int row = 0; row < rows.rowCount(); row++) {
            kvCache.storeToken(rows.slot(row), rows.storedAt(row), rows.token(row));
        }
        inputs.require(rows);
        forRows(embedRow);
        int attentionChunks = attention.plan(rows);
        layerIndex = 0;
        forRows(firstNorm);
        for (; layerIndex < shape.layers(); layerIndex++) {
            MatrixGroup qkv = layer().qkv();
            team.run(chunks.plan(qkv.stripes(), rows.rowCount(), inputs.stripesPerUnit(qkv)), qkvChunk);
            team.run(attentionChunks, attendChunk);
            forStripes(layer().attentionOutput().stripes(), rows.rowCount(), outputChunk);
            forRows(secondNorm);
            forStripes(layer().gateUp().pairs(), rows.rowCount(), gateUpChunk);
            forStripes(layer().down().stripes(), rows.rowCount(), downChunk);
            forRows(lastNorm);
        }
    }

    /**
     * Raw logits of some rows of the last batch, valid until the next call.
     *
     * @param rows indices in the batch
     * @param count 1 to {@link #logitRowsMax}
     * @return row i begins at {@code i * logitStride()}; what lies beyond the vocabulary is padding
     */
    public float[] logits(int[] rows, int count) {
        logitRows = count;
        for (int i = 0; i < count; i++) {
            kernels.rmsNorm(
                    residual,
                    rows[i] * width,
                    model.outputNorm(),
                    epsilon,
                    width,
                    normed,
                    Activations.at(i, count, width),
                    Activations.stride(i, count));
        }
        forStripes(model.output().stripes(), count, logitsChunk);
        return logits;
    }

    /** Log-sum-exp of the row of {@link #logits} that begins at {@code at}: log-softmax is a logit less this. */
    public double logSumExp(int at) {
        return kernels.logSumExp(logits, at, shape.vocabularySize(), logSumBlock);
    }

    /** Most rows of one call of {@link #logits}. */
    public int logitRowsMax() {
        return logits.length / logitStride();
    }

    /** Floats from one row of logits to the next. */
    public int logitStride() {
        return model.output().paddedRows();
    }

    /**
     * Runs one pass of so many rows of a session that does not exist, and a tile of its logits, so that every kernel has run
     * once.
     *
     * @param kvCache its first slot is free, and free again afterwards
     */
    public void rehearse(KvCache kvCache, int rowCount) {
        RowBatch rows = new RowBatch(rowCount);
        for (int position = 0; position < rowCount; position++) {
            rows.addToken(0, position, 0);
        }
        int[] logitsOf = new int[LOGIT_TILE];
        kvCache.open(0);
        try {
            kvCache.reserve(0, rowCount);
            run(rows, kvCache);
            logits(logitsOf, Math.min(rowCount, LOGIT_TILE));
        } finally {
            kvCache.release(0);
        }
    }

    /** See {@link Kernels#isWarm}. */
    public boolean isWarm() {
        return kernels.isWarm();
    }

    private void forRows(ComputeTeam.Task perRow) {
        int rows = batch.rowCount();
        if (rows >= ROWS_WORTH_A_REGION) {
            rowTask = perRow;
            team.run(Math.ceilDiv(rows, Activations.TILE), tileOfRows);
        } else {
            for (int row = 0; row < rows; row++) {
                perRow.run(row, 0);
            }
        }
    }

    private void forStripes(int stripes, int tokens, ComputeTeam.Task task) {
        team.run(chunks.plan(stripes, tokens), task);
    }

    /** The rows of one tile of activations lie interleaved: two threads would write to the same cache lines. */
    private void runRows(int tile, int worker) {
        int to = Math.min(batch.rowCount(), (tile + 1) * Activations.TILE);
        for (int row = tile * Activations.TILE; row < to; row++) {
            rowTask.run(row, worker);
        }
    }

    private LayerWeights layer() {
        return model.layer(layerIndex);
    }

    private float[] attended() {
        return attended;
    }

    private float[] activated() {
        return activated;
    }

    private void embed(int row) {
        model.embedding().dequantizeRow(batch.token(row), residual, row * width);
    }

    private void norm(int row, float[] weight) {
        int rows = batch.rowCount();
        kernels.rmsNorm(
                residual,
                row * width,
                weight,
                epsilon,
                width,
                normed,
                Activations.at(row, rows, width),
                Activations.stride(row, rows));
    }

    private void add(int row) {
        kernels.addProducts(residual, row * width, projected, row, batch.rowCount(), width);
    }

    private void addAndNorm(int row, float[] weight) {
        add(row);
        norm(row, weight);
    }

    /** Adds the feed-forward's output and norms the row for the next layer, if there is one. */
    private void finishLayer(int row) {
        if (layerIndex + 1 < shape.layers()) {
            addAndNorm(row, model.layer(layerIndex + 1).attentionNorm());
        } else {
            add(row);
        }
    }

    private void attentionInputs(int chunk, int worker) {
        inputs.run(layer(), normed, batch, cache, layerIndex, chunks.from(chunk), chunks.to(chunk), scratch[worker]);
    }

    private void attend(int chunk, int worker) {
        attention.run(
                chunk,
                worker,
                batch,
                cache,
                layerIndex,
                inputs.queries(),
                layer().qkv().paddedRows(),
                attended);
    }

    private void multiplyProjected(PackedMatrix matrix, float[] activations, int chunk, int worker) {
        kernels.multiply(
                matrix,
                activations,
                batch.rowCount(),
                projected,
                0,
                chunks.from(chunk),
                chunks.to(chunk),
                scratch[worker]);
    }

    /** Some pairs of stripes at a time; their outputs, which nobody else sees, stay in the worker's first cache. */
    private void gateUp(int chunk, int worker) {
        GateUp weights = layer().gateUp();
        int rows = batch.rowCount();
        float[] products = gateUps[worker];
        int end = chunks.to(chunk);
        int atOnce = weights.pairsAtOnce(rows, end - chunks.from(chunk));
        for (int from = chunks.from(chunk); from < end; from += atOnce) {
            int to = Math.min(end, from + atOnce);
            weights.multiply(kernels, normed, rows, products, from, to, scratch[worker]);
            for (int pair = from; pair < to; pair++) {
                activate(products, pair - from, pair * PackedMatrix.STRIPE);
            }
        }
    }

    /** Turns what a pair gave into activations, from a column on. */
    private void activate(float[] products, int pair, int column) {
        int rows = batch.rowCount();
        int count = Math.min(PackedMatrix.STRIPE, hidden - column);
        int gateAt = GateUp.gateAt(pair, rows);
        int upAt = GateUp.upAt(pair, rows);
        for (int row = 0; row < rows; row += Activations.TILE) {
            int inStripe = row * PackedMatrix.STRIPE;
            int tokens = Activations.stride(row, rows);
            int at = Activations.at(row, rows, hidden) + column * tokens;
            kernels.siluTimes(
                    products,
                    gateAt + inStripe,
                    products,
                    upAt + inStripe,
                    PackedMatrix.STRIPE,
                    tokens,
                    count,
                    activated,
                    at);
        }
    }

    private void multiplyLogits(int chunk, int worker) {
        PackedMatrix output = model.output();
        kernels.multiplyToRows(
                output,
                normed,
                logitRows,
                logits,
                0,
                logitStride(),
                chunks.from(chunk),
                chunks.to(chunk),
                scratch[worker]);
    }

    /** Says that no pass will come soon: the threads leave the processor to others at once. */
    public void idle() {
        team.idle();
    }

    @Override
    public void close() {
        team.close();
    }
}
