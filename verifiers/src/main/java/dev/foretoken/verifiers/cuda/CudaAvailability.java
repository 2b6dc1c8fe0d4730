package dev.foretoken.verifiers.cuda;

import java.util.List;

/**
 * What {@link CudaProbe} found. Immutable.
 *
 * @param status how far it came
 * @param driverVersion the CUDA version the driver supports, such as {@code 13.0}; empty if it could not be asked
 * @param devices all devices; empty unless the status is {@link CudaStatus#DEVICE_FOUND}
 * @param explanation what was found, as a clause without a full stop: "no NVIDIA driver was found (tried libcuda.so.1)"
 */
public record CudaAvailability(CudaStatus status, String driverVersion, List<CudaDevice> devices, String explanation) {

    public CudaAvailability {
        devices = List.copyOf(devices);
    }

    /** Why {@code --device cuda} is refused, in one sentence that says which is missing, the device or the verifier. */
    public String refusal() {
        return status.isDeviceUsable()
                ? "device cuda cannot be used: the device is there, but this version has no CUDA verifier yet (%s); use --device cpu or auto"
                        .formatted(explanation)
                : "device cuda cannot be used: there is no usable device, %s; use --device cpu or auto"
                        .formatted(explanation);
    }
}
