package dev.foretoken.engine.kernel;

/** Checks all laws in a JVM of its own, whose flags choose the vector width: seed, rounds, expected kernel name. */
final class KernelLawsMain {
    private KernelLawsMain() {}

    public static void main(String[] args) {
        Kernels kernels = Kernels.fastest();
        if (!kernels.name().equals(args[2]))
            throw new AssertionError("expected " + args[2] + ", this is " + kernels.name());
        for (int round = 0; round < Integer.parseInt(args[1]); round++)
            new KernelLaws(kernels, Long.parseLong(args[0]) + round).all();
        System.out.println("laws hold for " + kernels.name());
    }
}
