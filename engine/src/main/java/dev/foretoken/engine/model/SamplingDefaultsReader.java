package dev.foretoken.engine.model;

import dev.foretoken.engine.error.InvalidInputException;
import dev.foretoken.engine.gguf.GgufFile;
import dev.foretoken.engine.sampling.SamplingParameters;
import dev.foretoken.engine.session.SamplingDefaults;
import java.util.Map;

/** Reads {@code general.sampling.*}: what is absent keeps its standard value, what is present must be a legal request. */
final class SamplingDefaultsReader {
    private static final String PREFIX = "general.sampling.";

    private SamplingDefaultsReader() {}

    static SamplingDefaults read(GgufFile file) {
        SamplingDefaults standard = SamplingDefaults.STANDARD;
        SamplingDefaults defaults = new SamplingDefaults(
                number(file, "temp", standard.temperature()),
                topK(file, standard.topK()),
                number(file, "top_p", standard.topP()),
                number(file, "min_p", standard.minP()),
                number(file, "penalty_repeat", standard.repetitionPenalty()));
        check(file, defaults);
        return defaults;
    }

    /** A 32-bit 0.7 becomes 0.7, so that asking for the file's own value by a flag changes nothing. */
    private static double number(GgufFile file, String key, double standard) {
        double value = file.metadata().number(PREFIX + key).orElse(standard);
        return value == (float) value ? Double.parseDouble(Float.toString((float) value)) : value;
    }

    /** Negative means off in some writers. */
    private static int topK(GgufFile file, int standard) {
        return Math.max(0, file.metadata().int32(PREFIX + "top_k").orElse(standard));
    }

    private static void check(GgufFile file, SamplingDefaults defaults) {
        try {
            new SamplingParameters(
                    defaults.temperature(),
                    defaults.topK(),
                    defaults.topP(),
                    defaults.minP(),
                    defaults.repetitionPenalty(),
                    0,
                    0,
                    Map.of(),
                    0);
        } catch (InvalidInputException refused) {
            throw new InvalidInputException(
                    GgufFile.refused(file.name(), "in its general.sampling defaults " + refused.getMessage())
                            .getMessage(),
                    refused);
        }
    }
}
