package dev.foretoken.benchmarks.bench;

import dev.foretoken.engine.kernel.Kernels;
import dev.foretoken.transport.cost.Machine;

/**
 * What a measurement ran on.
 *
 * @param processor its name, where the system tells
 * @param cores that the JVM may use
 * @param kernels of the forward pass, with the vector width in bits: {@code vector-512}
 */
record Host(String processor, int cores, int threads, String kernels, String system, String java, long heapBytesMax) {
    static Host current(int threads) {
        Machine machine = Machine.current();
        return new Host(
                machine.processor(),
                machine.cores(),
                threads,
                Kernels.fastest().name(),
                machine.system(),
                Runtime.version().toString(),
                Runtime.getRuntime().maxMemory());
    }

    String sentence() {
        return "%s, %d cores, %d threads, kernels %s, Java %s".formatted(processor, cores, threads, kernels, java);
    }
}
