package dev.foretoken.verifiers.cuda;

import java.util.List;

/** Reads names and sizes of devices, once driver and devices are known to be there. */
@FunctionalInterface
interface DeviceReader {
    /** May throw anything, linkage errors included: the probe explains it. */
    List<CudaDevice> read(int deviceCount) throws Exception;
}
