package dev.foretoken.verifiers.cuda;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdevice_attribute;
import jcuda.driver.JCudaDriver;

/** Reads devices through JCuda. Loading this class is harmless; {@link #read} is what touches JCuda. */
final class JCudaDeviceReader implements DeviceReader {
    private static final String TEMPORARY_FOLDER = "java.io.tmpdir";
    private static final int NAME_BYTES_MAX = 256;

    @Override
    public List<CudaDevice> read(int deviceCount) throws IOException {
        loadJCuda();
        require("cuInit", JCudaDriver.cuInit(0));
        List<CudaDevice> devices = new ArrayList<>();
        for (int i = 0; i < deviceCount; i++) {
            devices.add(device(i));
        }
        return devices;
    }

    private static CudaDevice device(int index) {
        CUdevice device = new CUdevice();
        require("cuDeviceGet", JCudaDriver.cuDeviceGet(device, index));
        byte[] name = new byte[NAME_BYTES_MAX];
        require("cuDeviceGetName", JCudaDriver.cuDeviceGetName(name, name.length, device));
        long[] memory = new long[1];
        require("cuDeviceTotalMem", JCudaDriver.cuDeviceTotalMem(memory, device));
        return new CudaDevice(
                index,
                text(name),
                attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, device),
                attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR, device),
                memory[0]);
    }

    private static int attribute(int attribute, CUdevice device) {
        int[] value = new int[1];
        require("cuDeviceGetAttribute", JCudaDriver.cuDeviceGetAttribute(value, attribute, device));
        return value[0];
    }

    private static String text(byte[] zeroTerminated) {
        int length = 0;
        while (length < zeroTerminated.length && zeroTerminated[length] != 0) {
            length++;
        }
        return new String(zeroTerminated, 0, length, StandardCharsets.UTF_8).strip();
    }

    private static void require(String call, int result) {
        if (result != 0) {
            throw new IllegalStateException("%s answers %d".formatted(call, result));
        }
    }

    /**
     * JCuda unpacks its native library into the temporary folder under a fixed name and would load whatever lies there
     * under that name, so for the moment of loading the temporary folder is one that nobody else can write to.
     */
    private static void loadJCuda() throws IOException {
        String shared = System.getProperty(TEMPORARY_FOLDER);
        Path own = Files.createTempDirectory("foretoken-jcuda"); // readable and writable by its owner only
        System.setProperty(TEMPORARY_FOLDER, own.toString());
        try {
            JCudaDriver.setExceptionsEnabled(false);
        } finally {
            System.setProperty(TEMPORARY_FOLDER, shared);
            delete(own);
        }
    }

    private static void delete(Path folder) throws IOException {
        List<Path> unpacked;
        try (Stream<Path> files = Files.list(folder)) {
            unpacked = files.toList();
        }
        try {
            for (Path file : unpacked) {
                Files.delete(file);
            }
            Files.delete(folder);
        } catch (IOException stillInUse) { // Windows keeps loaded libraries: they go when the process ends, files first
            folder.toFile().deleteOnExit();
            unpacked.forEach(file -> file.toFile().deleteOnExit());
        }
    }
}
