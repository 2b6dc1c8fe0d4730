package dev.foretoken.verifiers.cuda;

/**
 * One device, as its driver describes it.
 *
 * @param index in the driver's order
 * @param name such as {@code NVIDIA H200}
 * @param capabilityMajor compute capability before the dot
 * @param capabilityMinor compute capability after the dot
 * @param memoryBytes of the device
 */
public record CudaDevice(int index, String name, int capabilityMajor, int capabilityMinor, long memoryBytes) {
    @Override
    public String toString() {
        return "%s (compute capability %d.%d, %.0f GiB)"
                .formatted(name, capabilityMajor, capabilityMinor, memoryBytes / (double) (1 << 30));
    }
}
