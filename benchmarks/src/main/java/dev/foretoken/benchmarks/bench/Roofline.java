package dev.foretoken.benchmarks.bench;

import dev.foretoken.benchmarks.TypicalWeights;
import dev.foretoken.engine.gguf.TensorType;
import dev.foretoken.engine.kernel.ComputeTeam;
import dev.foretoken.engine.kernel.Kernels;
import dev.foretoken.engine.kernel.PackedMatrix;
import dev.foretoken.engine.kernel.Scratch;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/**
 * The two limits of a step on this host, both measured here: how fast memory of the weights' size can be read, and how fast
 * the matrix kernel is when its weights lie in the caches. A step takes at least the longer of bytes / bytesPerNs and
 * flops / flopsPerNs.
 * <p>Source: Williams, Waterman and Patterson, "Roofline", CACM 52(4), 2009.
 *
 * @param gigabytesPerSecond best of many sweeps over an array as large as the weights, all threads together
 * @param gigaflopsPerSecond best of many products of a matrix that fits the second cache with 64 rows, all threads together
 */
record Roofline(double gigabytesPerSecond, double gigaflopsPerSecond) {
    /** Measuring ends when nothing was clearly faster for so long: until then the compiler may not be done. */
    private static final long STEADY_NS = TimeUnit.MILLISECONDS.toNanos(1200);

    private static final long LIMIT_NS = TimeUnit.SECONDS.toNanos(10);
    private static final double CLEARLY_FASTER = 0.9;
    private static final long ARRAY_BYTES_MAX = 1L << 30;
    private static final int CHUNK_LONGS = 1 << 15;
    private static final int ROWS = 256;
    private static final int COLUMNS = 512;
    private static final int M = 64;
    private static final int REPETITIONS = 8;

    static Roofline measure(long weightBytes, TensorType type, int threads) {
        try (ComputeTeam team = new ComputeTeam(threads, "roofline")) {
            return new Roofline(
                    readSpeed(Math.clamp(weightBytes, 1 << 20, ARRAY_BYTES_MAX), team), kernelSpeed(type, team));
        }
    }

    /** Shortest time of a step, in nanoseconds. */
    double stepNs(StepWork work, int rows) {
        return Math.max(work.bytes() / gigabytesPerSecond, work.flops(rows) / gigaflopsPerSecond);
    }

    private static double readSpeed(long bytes, ComputeTeam team) {
        long[] array = new long[(int) (bytes / Long.BYTES)];
        int chunks = Math.min(ComputeTeam.CHUNKS_MAX, Math.ceilDiv(array.length, CHUNK_LONGS));
        int chunkLongs = Math.ceilDiv(array.length, chunks);
        long[] sums = new long[team.threads() * 16];
        ComputeTeam.Task sweep = (chunk, worker) ->
                sums[worker * 16] += sum(array, chunk * chunkLongs, Math.min(array.length, (chunk + 1) * chunkLongs));
        return bytes / bestNs(() -> team.run(chunks, sweep));
    }

    private static long sum(long[] array, int from, int to) {
        long sum = 0;
        for (int i = from; i < to; i++) {
            sum += array[i];
        }
        return sum;
    }

    private static double kernelSpeed(TensorType type, ComputeTeam team) {
        byte[] bytes = TypicalWeights.of(type, (long) ROWS * COLUMNS, new SplittableRandom(1));
        PackedMatrix matrix = PackedMatrix.pack(type, ROWS, COLUMNS, MemorySegment.ofArray(bytes), null);
        Kernels kernels = Kernels.fastest();
        Scratch[] scratch = Scratch.forTeam(team.threads());
        float[] x = new float[M * COLUMNS];
        float[][] y = new float[team.threads()][M * ROWS];
        ComputeTeam.Task product = (chunk, worker) -> {
            for (int i = 0; i < REPETITIONS; i++) {
                kernels.multiply(matrix, x, M, y[worker], 0, 0, matrix.stripes(), scratch[worker]);
            }
        };
        return 2.0
                * ROWS
                * COLUMNS
                * M
                * REPETITIONS
                * team.threads()
                / bestNs(() -> team.run(team.threads(), product));
    }

    private static double bestNs(Runnable work) {
        long since = System.nanoTime();
        long steadySince = since;
        long best = Long.MAX_VALUE;
        long end = since;
        while (end - steadySince < STEADY_NS && end - since < LIMIT_NS) {
            long start = System.nanoTime();
            work.run();
            end = System.nanoTime();
            if (end - start < CLEARLY_FASTER * best) {
                steadySince = end;
            }
            best = Math.min(best, end - start);
        }
        return best;
    }
}
