package dev.foretoken.transport.cost;

import java.util.Map;
import java.util.TreeMap;

/**
 * Whose costs they are: equal keys, equal work on an equal machine.
 *
 * @param modelHash of the model file's content
 * @param backend with the version of its numeric contract
 * @param kernels with their vector width
 */
public record CostKey(String modelHash, String backend, String kernels, int threads, Machine machine) {
    private static final long FNV_OFFSET = 0xcbf29ce484222325L;
    private static final long FNV_PRIME = 0x100000001b3L;

    /** All of it, as a file has it. */
    Map<String, String> entries() {
        Map<String, String> entries = new TreeMap<>();
        entries.put("model", modelHash);
        entries.put("backend", backend);
        entries.put("kernels", kernels);
        entries.put("threads", String.valueOf(threads));
        entries.put("processor", machine.processor());
        entries.put("cores", String.valueOf(machine.cores()));
        entries.put("system", machine.system());
        entries.put("java", String.valueOf(machine.javaFeature()));
        return entries;
    }

    /** Short and fit for a file name; keys that share one by chance overwrite each other and are told apart when read. */
    String fileName() {
        long hash = FNV_OFFSET; // FNV-1a, 64 bits
        for (char c : entries().toString().toCharArray()) {
            hash = (hash ^ c) * FNV_PRIME;
        }
        return "verify-cost-%016x.properties".formatted(hash);
    }
}
