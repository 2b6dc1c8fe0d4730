package dev.foretoken.benchmarks;

import dev.foretoken.engine.gguf.TensorType;
import dev.foretoken.engine.kernel.ComputeTeam;
import dev.foretoken.engine.kernel.Kernels;
import dev.foretoken.engine.kernel.PackedMatrix;
import dev.foretoken.engine.kernel.Scratch;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Matrix products alone, at the shape of a 135M model's gate and up projection: 15 matrices of 3072 x 576 (26.5 million
 * weights, more than a core's caches), M tokens. The column {@code flop} is floating-point operations per nanosecond, that
 * is GFLOP/s; two per weight and token. Norms, attention and everything else of a step are not timed.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class KernelBenchmark {
    private static final int ROWS = 3072;
    private static final int MATRICES = 15;
    private static final int STRIPES_PER_CHUNK = 8;

    /** Weights and activations. */
    @State(Scope.Benchmark)
    public static class Layers {
        @Param({"Q8_0", "Q4_0", "Q4_K", "Q5_K", "Q6_K", "F16", "BF16", "F32"})
        TensorType type;

        @Param({"1", "4", "8", "16", "64"})
        int m;

        @Param({"2"})
        int threads;

        private final Kernels kernels = Kernels.fastest();
        private final PackedMatrix[] matrices = new PackedMatrix[MATRICES];
        private ComputeTeam team;
        private Scratch[] scratch;
        private float[] x;
        private float[] y;
        private int current;
        private ComputeTeam.Task task;

        @Setup(Level.Trial)
        public void load() {
            int n = type.blockElements() == 256 ? 512 : 576;
            team = new ComputeTeam(threads, "kernel-benchmark");
            scratch = Scratch.forTeam(team.threads());
            SplittableRandom random = new SplittableRandom(1);
            for (int i = 0; i < MATRICES; i++) {
                matrices[i] = PackedMatrix.pack(
                        type, ROWS, n, MemorySegment.ofArray(TypicalWeights.of(type, (long) ROWS * n, random)), team);
            }
            x = new float[m * n];
            for (int i = 0; i < x.length; i++) x[i] = (float) random.nextGaussian();
            y = new float[m * ROWS];
            task = (chunk, worker) -> kernels.multiply(
                    matrices[current],
                    x,
                    m,
                    y,
                    0,
                    chunk * STRIPES_PER_CHUNK,
                    (chunk + 1) * STRIPES_PER_CHUNK,
                    scratch[worker]);
        }

        @TearDown(Level.Trial)
        public void stop() {
            team.close();
        }

        long multiplyAll() {
            for (current = 0; current < MATRICES; current++)
                team.run(matrices[current].stripes() / STRIPES_PER_CHUNK, task);
            return 2L * m * ROWS * matrices[0].columns() * MATRICES;
        }
    }

    /** Counts operations, so that JMH prints them per nanosecond. */
    @State(Scope.Thread)
    @AuxCounters(AuxCounters.Type.OPERATIONS)
    public static class Operations {
        public long flop;
    }

    /** All matrices once. */
    @Benchmark
    public float[] multiply(Layers layers, Operations operations) {
        operations.flop += layers.multiplyAll();
        return layers.y;
    }
}
