package dev.foretoken.verifiers.cuda;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Finds CUDA drivers and devices and explains what it found. It never throws and never ends the process: the driver is
 * looked up and asked through {@code java.lang.foreign} first, and JCuda is touched only once everything it will call is
 * known to be there. Thread-safe.
 */
public final class CudaProbe {
    private static final int DRIVER_VERSION_MIN = 12_000;
    private static final int CAPABILITY_MIN = 80;
    private static final int NO_DEVICE = 100;

    private CudaProbe() {}

    private static final class Cached {
        static final CudaAvailability AVAILABILITY = probe(driverLibraries(), new JCudaDeviceReader());
    }

    /** What this machine has; found out at the first call (tens of milliseconds) and remembered. */
    public static CudaAvailability availability() {
        return Cached.AVAILABILITY;
    }

    /** Names and paths of the driver's library, in the order they are tried. */
    private static List<String> driverLibraries() {
        String system = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
        if (system.startsWith("windows")) {
            return List.of("nvcuda.dll");
        }
        return List.of(
                "libcuda.so.1", "/usr/local/nvidia/lib64/libcuda.so.1", "/usr/lib/x86_64-linux-gnu/libcuda.so.1");
    }

    static CudaAvailability probe(List<String> libraries, DeviceReader reader) {
        try {
            return probeDriver(libraries, reader);
        } catch (Throwable unexpected) { // whatever a foreign library causes must not reach a caller that only asks
            return nothing(
                    CudaStatus.DRIVER_UNUSABLE,
                    "",
                    "the CUDA driver cannot be asked (%s)".formatted(firstLine(unexpected)));
        }
    }

    private static CudaAvailability probeDriver(List<String> libraries, DeviceReader reader) throws Throwable {
        for (String library : libraries) {
            Optional<CudaDriver> driver = CudaDriver.load(library);
            if (driver.isPresent()) {
                return probeLoaded(library, driver.get(), reader);
            }
        }
        for (String library : libraries) {
            if (Path.of(library).isAbsolute() && Files.exists(Path.of(library))) {
                return nothing(
                        CudaStatus.DRIVER_UNUSABLE, "", "the CUDA driver %s cannot be loaded".formatted(library));
            }
        }
        return nothing(
                CudaStatus.NO_DRIVER,
                "",
                "no NVIDIA driver was found (tried %s)".formatted(String.join(", ", libraries)));
    }

    private static CudaAvailability probeLoaded(String library, CudaDriver driver, DeviceReader reader)
            throws Throwable {
        Set<String> missing = driver.missingSymbols();
        if (!missing.isEmpty()) {
            return nothing(
                    CudaStatus.DRIVER_UNUSABLE,
                    "",
                    "the CUDA driver %s lacks %s".formatted(library, String.join(", ", missing)));
        }
        int started = driver.init();
        if (started == NO_DEVICE) {
            return noDevice(versionText(driver.version()));
        }
        if (started != 0) {
            return nothing(
                    CudaStatus.DRIVER_UNUSABLE,
                    "",
                    "the CUDA driver does not start (%s)".formatted(initProblem(started)));
        }
        return probeStarted(driver, reader);
    }

    private static CudaAvailability probeStarted(CudaDriver driver, DeviceReader reader) throws Throwable {
        int version = driver.version();
        String versionText = versionText(version);
        if (version < DRIVER_VERSION_MIN) {
            return nothing(
                    CudaStatus.DRIVER_TOO_OLD,
                    versionText,
                    "the NVIDIA driver supports CUDA %s, expected %s or later"
                            .formatted(versionText, versionText(DRIVER_VERSION_MIN)));
        }
        int count = driver.deviceCount();
        int best = 0;
        for (int i = 0; i < count; i++) {
            best = Math.max(best, driver.computeCapability(i));
        }
        if (count == 0) {
            return noDevice(versionText);
        }
        if (best < CAPABILITY_MIN) {
            return nothing(
                    CudaStatus.DEVICE_TOO_OLD,
                    versionText,
                    "the best NVIDIA device has compute capability %d.%d, expected 8.0 or later"
                            .formatted(best / 10, best % 10));
        }
        return read(reader, count, versionText);
    }

    private static CudaAvailability read(DeviceReader reader, int count, String versionText) {
        try {
            List<CudaDevice> devices = reader.read(count);
            return new CudaAvailability(
                    CudaStatus.DEVICE_FOUND,
                    versionText,
                    devices,
                    "found %s, driver for CUDA %s"
                            .formatted(
                                    String.join(
                                            " and ",
                                            devices.stream()
                                                    .map(CudaDevice::toString)
                                                    .toList()),
                                    versionText));
        } catch (Throwable unreadable) { // JCuda fails with linkage errors, too
            return nothing(
                    CudaStatus.BINDING_UNUSABLE,
                    versionText,
                    "found %d NVIDIA device%s, driver for CUDA %s, but JCuda cannot be used: %s"
                            .formatted(count, count == 1 ? "" : "s", versionText, firstLine(unreadable)));
        }
    }

    private static CudaAvailability noDevice(String versionText) {
        return nothing(
                CudaStatus.NO_DEVICE,
                versionText,
                "the NVIDIA driver (CUDA %s) knows no device; CUDA_VISIBLE_DEVICES may hide it".formatted(versionText));
    }

    private static CudaAvailability nothing(CudaStatus status, String driverVersion, String explanation) {
        return new CudaAvailability(status, driverVersion, List.of(), explanation);
    }

    private static String versionText(int version) {
        return "%d.%d".formatted(version / 1000, version % 1000 / 10);
    }

    private static String initProblem(int code) {
        return switch (code) {
            case 802 -> "code 802: the system is not ready yet";
            case 803 -> "code 803: the driver's library and its kernel module have different versions";
            case 804 -> "code 804: the compatibility library does not support this device";
            default -> "code " + code;
        };
    }

    /** Throwables of native libraries carry whole reports: the first line says what happened. */
    private static String firstLine(Throwable thrown) {
        String message = thrown.getMessage();
        return message == null || message.isBlank()
                ? thrown.getClass().getSimpleName()
                : message.strip().lines().findFirst().orElseThrow();
    }
}
