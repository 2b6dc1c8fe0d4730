package dev.foretoken.verifiers.cuda;

import java.util.Map;

/**
 * The driver functions that this package's calls through JCuda end in: JCuda method to driver symbol. A call to a function
 * that the driver lacks ends the process, so the probe looks all of them up first. A test compares this list with the
 * methods that are called.
 */
final class DriverSymbols {
    static final Map<String, String> OF_JCUDA_METHODS = Map.of(
            "cuInit", "cuInit",
            "cuDriverGetVersion", "cuDriverGetVersion",
            "cuDeviceGetCount", "cuDeviceGetCount",
            "cuDeviceGet", "cuDeviceGet",
            "cuDeviceGetName", "cuDeviceGetName",
            "cuDeviceGetAttribute", "cuDeviceGetAttribute",
            "cuDeviceTotalMem", "cuDeviceTotalMem_v2");

    private DriverSymbols() {}
}
