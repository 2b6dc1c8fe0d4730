package dev.foretoken.verifiers.cuda;

/** Probes in a process of its own and prints the answer: what ends the process cannot end the tests. */
final class PrintedProbe {
    private PrintedProbe() {}

    public static void main(String[] arguments) {
        CudaAvailability availability = CudaProbe.availability();
        System.out.println(availability.status());
        System.out.println(availability.explanation());
        System.out.println(availability.refusal());
        System.out.println(availability == CudaProbe.availability() ? "cached" : "asked twice");
    }
}
