package dev.foretoken.verifiers.cuda;

/** How far the way from nothing to a usable CUDA device goes on this machine. */
public enum CudaStatus {
    /** The driver's library was not found. */
    NO_DRIVER(false),
    /** The driver's library is there, but cannot be loaded or called, lacks functions, or does not start. */
    DRIVER_UNUSABLE(false),
    /** The driver is older than CUDA 12.0. */
    DRIVER_TOO_OLD(false),
    /** The driver works and knows no device. */
    NO_DEVICE(false),
    /** No device has compute capability 8.0. */
    DEVICE_TOO_OLD(false),
    /** There is a device, but JCuda's native library for it cannot be loaded. */
    BINDING_UNUSABLE(true),
    /** There is a device, and JCuda can talk to it. */
    DEVICE_FOUND(true);

    private final boolean deviceUsable;

    CudaStatus(boolean deviceUsable) {
        this.deviceUsable = deviceUsable;
    }

    /** True if driver and device are what the CUDA verifier needs. */
    public boolean isDeviceUsable() {
        return deviceUsable;
    }
}
