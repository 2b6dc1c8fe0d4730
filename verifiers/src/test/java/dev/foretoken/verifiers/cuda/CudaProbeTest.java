package dev.foretoken.verifiers.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.constantpool.MemberRefEntry;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class CudaProbeTest {
    private static final DeviceReader UNTOUCHED = count -> {
        throw new AssertionError("JCuda must not be touched");
    };

    @TempDir
    Path folder;

    @Test
    void shouldSayThatThereIsNoDriver() {
        CudaAvailability found = CudaProbe.probe(List.of("libcuda-that-is-not-there.so.1"), UNTOUCHED);

        assertThat(found.status()).isEqualTo(CudaStatus.NO_DRIVER);
        assertThat(found.devices()).isEmpty();
        assertThat(found.refusal())
                .isEqualTo("device cuda cannot be used: there is no usable device, no NVIDIA driver was found"
                        + " (tried libcuda-that-is-not-there.so.1); use --device cpu or auto");
    }

    @Test
    void shouldSayThatTheDriverCannotBeLoaded() throws Exception {
        Path broken = FakeDriver.compile(folder, 1, 13000, 90, 0, "-DUNRESOLVED", "-Wl,-z,now");

        CudaAvailability found = CudaProbe.probe(List.of(broken.toString()), UNTOUCHED);

        assertThat(found.status()).isEqualTo(CudaStatus.DRIVER_UNUSABLE);
        assertThat(found.explanation()).isEqualTo("the CUDA driver %s cannot be loaded", broken);
    }

    static Stream<Arguments> shouldExplainDriversThatCannotBeUsed() {
        return Stream.of(
                arguments(
                        new int[] {0, 13000, 90, 0},
                        CudaStatus.NO_DEVICE,
                        "13.0",
                        "the NVIDIA driver (CUDA 13.0) knows no device; CUDA_VISIBLE_DEVICES may hide it"),
                arguments(
                        new int[] {1, 11040, 90, 0},
                        CudaStatus.DRIVER_TOO_OLD,
                        "11.4",
                        "the NVIDIA driver supports CUDA 11.4, expected 12.0 or later"),
                arguments(
                        new int[] {2, 12060, 75, 0},
                        CudaStatus.DEVICE_TOO_OLD,
                        "12.6",
                        "the best NVIDIA device has compute capability 7.5, expected 8.0 or later"),
                arguments(
                        new int[] {1, 13000, 90, 803},
                        CudaStatus.DRIVER_UNUSABLE,
                        "",
                        "the CUDA driver does not start (code 803: the driver's library and its kernel module have"
                                + " different versions)"));
    }

    @ParameterizedTest(name = "{1}")
    @MethodSource
    void shouldExplainDriversThatCannotBeUsed(int[] answers, CudaStatus status, String version, String explanation)
            throws Exception {
        Path driver = FakeDriver.compile(folder, answers[0], answers[1], answers[2], answers[3]);

        CudaAvailability found = CudaProbe.probe(List.of(driver.toString()), UNTOUCHED);

        assertThat(found).isEqualTo(new CudaAvailability(status, version, List.of(), explanation));
        assertThat(found.refusal()).contains("there is no usable device, " + explanation);
    }

    @Test
    void shouldNotCallADriverThatLacksAFunction() throws Exception {
        Path driver = FakeDriver.compile(folder, 1, 13000, 90, 0, "-DWITHOUT_NAME");

        CudaAvailability found = CudaProbe.probe(List.of(driver.toString()), UNTOUCHED);

        assertThat(found.status()).isEqualTo(CudaStatus.DRIVER_UNUSABLE);
        assertThat(found.explanation()).isEqualTo("the CUDA driver %s lacks cuDeviceGetName", driver);
    }

    @Test
    void shouldDescribeDevicesAndSayThatTheVerifierIsMissing() throws Exception {
        Path driver = FakeDriver.compile(folder, 2, 12060, 90, 0);
        DeviceReader reader = count ->
                List.of(new CudaDevice(0, "A", 9, 0, 80L << 30), new CudaDevice(count - 1, "B", 8, 6, 24L << 30));

        CudaAvailability found = CudaProbe.probe(List.of("libcuda-that-is-not-there.so.1", driver.toString()), reader);

        assertThat(found.status()).isEqualTo(CudaStatus.DEVICE_FOUND);
        assertThat(found.driverVersion()).isEqualTo("12.6");
        assertThat(found.devices()).extracting(CudaDevice::index).containsExactly(0, 1);
        assertThat(found.refusal())
                .isEqualTo("device cuda cannot be used: the device is there, but this version has no CUDA verifier yet"
                        + " (found A (compute capability 9.0, 80 GiB) and B (compute capability 8.6, 24 GiB),"
                        + " driver for CUDA 12.6); use --device cpu or auto");
    }

    @Test
    void shouldSurviveAJCudaThatCannotBeLoaded() throws Exception {
        Path driver = FakeDriver.compile(folder, 1, 12060, 90, 0);
        DeviceReader reader = count -> {
            throw new UnsatisfiedLinkError("Error while loading native library\nOperating system name: ...");
        };

        CudaAvailability found = CudaProbe.probe(List.of(driver.toString()), reader);

        assertThat(found.status()).isEqualTo(CudaStatus.BINDING_UNUSABLE);
        assertThat(found.explanation())
                .isEqualTo("found 1 NVIDIA device, driver for CUDA 12.6, but JCuda cannot be used: Error while loading"
                        + " native library");
    }

    @Test
    void shouldReadTheDeviceThroughJCudaAndLeaveNoFiles() throws Exception {
        FakeDriver.compile(folder, 1, 13000, 90, 0);
        Assumptions.assumeTrue(
                CudaProbeTest.class.getResource("/lib/libJCudaDriver-12.6.0-linux-x86_64.so") != null,
                "JCuda's native library is not published for this platform");
        Path temporary = Files.createDirectory(folder.resolve("tmp"));

        List<String> lines = probeInAnotherProcess(folder, temporary);

        assertThat(lines)
                .containsExactly(
                        "DEVICE_FOUND",
                        "found Fake H200 (compute capability 9.0, 80 GiB), driver for CUDA 13.0",
                        "device cuda cannot be used: the device is there, but this version has no CUDA verifier yet"
                                + " (found Fake H200 (compute capability 9.0, 80 GiB), driver for CUDA 13.0);"
                                + " use --device cpu or auto",
                        "cached");
        try (Stream<Path> left = Files.list(temporary)) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void shouldAnswerOnThisMachineWhateverItHas() throws Exception {
        List<String> lines = probeInAnotherProcess(folder.resolve("nothing"), folder);

        assertThat(lines).hasSize(4).last().isEqualTo("cached");
        assertThat(CudaStatus.valueOf(lines.getFirst())).isNotNull();
        assertThat(lines.get(2)).startsWith("device cuda cannot be used: ").endsWith("; use --device cpu or auto");
    }

    @Test
    void shouldLookUpExactlyTheSymbolsThatJCudaCallsBind() throws IOException {
        Set<String> called = new TreeSet<>();
        byte[] reader = CudaProbeTest.class
                .getResourceAsStream("JCudaDeviceReader.class")
                .readAllBytes();
        StreamSupport.stream(ClassFile.of().parse(reader).constantPool().spliterator(), false)
                .filter(MemberRefEntry.class::isInstance)
                .map(MemberRefEntry.class::cast)
                .filter(member -> member.owner().asInternalName().equals("jcuda/driver/JCudaDriver"))
                .filter(member -> member.name().stringValue().startsWith("cu"))
                .forEach(member -> called.add(member.name().stringValue()));
        called.add("cuDriverGetVersion"); // called by the probe itself, before JCuda
        called.add("cuDeviceGetCount");

        assertThat(DriverSymbols.OF_JCUDA_METHODS.keySet()).isEqualTo(called);
    }

    private static List<String> probeInAnotherProcess(Path driverFolder, Path temporary)
            throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-Djava.io.tmpdir=" + temporary,
                "-XX:-UsePerfData",
                "-cp",
                System.getProperty("java.class.path"),
                PrintedProbe.class.getName());
        builder.environment().put("LD_LIBRARY_PATH", driverFolder.toString());
        builder.redirectError(ProcessBuilder.Redirect.INHERIT);
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isZero();
        return output.lines().toList();
    }
}
