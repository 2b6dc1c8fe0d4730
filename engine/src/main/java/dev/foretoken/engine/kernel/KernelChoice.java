package dev.foretoken.engine.kernel;

/** Picks the kernels of this JVM once. */
final class KernelChoice {
    static final Kernels FASTEST = ScalarKernels.INSTANCE;

    private KernelChoice() {}
}
