package dev.foretoken.transport;

/** Where the target model runs. */
public enum Device {
    /** The best that this build and machine offer. */
    AUTO,
    CPU,
    /** An NVIDIA GPU; refused with a reason where it cannot be used. */
    CUDA
}
