package dev.foretoken.verifiers.cuda;

import java.lang.foreign.AddressLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;
import java.util.TreeSet;

/** The few driver calls that the probe makes by itself, without JCuda. The library stays loaded. Stateless. */
final class CudaDriver {
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final AddressLayout POINTER = ValueLayout.ADDRESS;
    private static final int ATTRIBUTE_CAPABILITY_MAJOR = 75;
    private static final int ATTRIBUTE_CAPABILITY_MINOR = 76;

    private final SymbolLookup symbols;

    private CudaDriver(SymbolLookup symbols) {
        this.symbols = symbols;
    }

    /** Loads a library by name or path; empty if the loader refuses it. */
    @SuppressWarnings("restricted") // loading the driver is what this class is for
    static Optional<CudaDriver> load(String library) {
        try {
            return Optional.of(new CudaDriver(SymbolLookup.libraryLookup(library, Arena.global())));
        } catch (IllegalArgumentException notLoadable) {
            return Optional.empty();
        }
    }

    /** Which of the functions that will be called are not there, in alphabetical order. */
    TreeSet<String> missingSymbols() {
        TreeSet<String> missing = new TreeSet<>(DriverSymbols.OF_JCUDA_METHODS.values());
        missing.removeIf(symbol -> symbols.find(symbol).isPresent());
        return missing;
    }

    /** The driver's answer: 0 = started. */
    int init() throws Throwable {
        return (int) function("cuInit", INT).invokeExact(0);
    }

    /** 1000 x major + 10 x minor of the CUDA version the driver supports. */
    int version() throws Throwable {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(INT);
            require("cuDriverGetVersion", (int)
                    function("cuDriverGetVersion", POINTER).invokeExact(out));
            return out.get(INT, 0);
        }
    }

    int deviceCount() throws Throwable {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(INT);
            require("cuDeviceGetCount", (int)
                    function("cuDeviceGetCount", POINTER).invokeExact(out));
            return out.get(INT, 0);
        }
    }

    /** 10 x major + minor. */
    int computeCapability(int index) throws Throwable {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(INT);
            require("cuDeviceGet", (int) function("cuDeviceGet", POINTER, INT).invokeExact(out, index));
            int device = out.get(INT, 0);
            return 10 * attribute(ATTRIBUTE_CAPABILITY_MAJOR, device, out)
                    + attribute(ATTRIBUTE_CAPABILITY_MINOR, device, out);
        }
    }

    private int attribute(int attribute, int device, MemorySegment out) throws Throwable {
        require("cuDeviceGetAttribute", (int)
                function("cuDeviceGetAttribute", POINTER, INT, INT).invokeExact(out, attribute, device));
        return out.get(INT, 0);
    }

    @SuppressWarnings("restricted")
    private MethodHandle function(String symbol, MemoryLayout... parameters) {
        return Linker.nativeLinker()
                .downcallHandle(symbols.findOrThrow(symbol), FunctionDescriptor.of(INT, parameters));
    }

    private static void require(String call, int result) {
        if (result != 0) {
            throw new IllegalStateException("%s answers %d".formatted(call, result));
        }
    }
}
