package dev.foretoken.transport.cli;

import dev.foretoken.drafters.Drafters;
import dev.foretoken.engine.draft.DraftEnvironment;
import dev.foretoken.engine.draft.Drafter;
import dev.foretoken.engine.draft.DrafterFactory;
import dev.foretoken.transport.Device;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** Which models, drafters and device an engine is made of, and where it writes its trace. */
final class EngineOptions {
    static final int THREADS_MAX = 1024;

    private static final DrafterFactory ANY_DRAFT_MODEL = new DrafterFactory() {
        @Override
        public String name() {
            return "model";
        }

        @Override
        public Drafter create(DraftEnvironment environment) {
            throw new IllegalStateException("stands for a draft model in a check of names only");
        }
    };

    /** {@code --device} in lower case. */
    static final class DeviceConverter implements ITypeConverter<Device> {
        @Override
        public Device convert(String text) {
            return switch (text) {
                case "auto" -> Device.AUTO;
                case "cpu" -> Device.CPU;
                case "cuda" -> Device.CUDA;
                default -> throw Numbers.refused(text, "auto, cpu or cuda");
            };
        }
    }

    @Option(
            names = "--model",
            paramLabel = "FILE",
            description =
                    "GGUF file of the target model (default: the embedded tiny model, which completes Java code).")
    @Nullable
    Path model;

    @Option(
            names = "--draft-model",
            paramLabel = "FILE",
            description =
                    "GGUF file of a small model with the same vocabulary, for the drafter model (default: the embedded "
                            + "one beside the embedded target, else none).")
    @Nullable
    Path draftModel;

    @Option(
            names = "--drafters",
            paramLabel = "A,B,C",
            defaultValue = "auto",
            description =
                    "Who proposes tokens: any of ngram, recycling, model; none = plain decoding; auto = all that apply "
                            + "(default: ${DEFAULT-VALUE}).")
    String drafters = "auto";

    @Option(
            names = "--tree-size",
            paramLabel = "N",
            converter = Numbers.TreeSize.class,
            defaultValue = "auto",
            description =
                    "Nodes of every step's tree, the root included; 1 = plain decoding; auto = the controller decides "
                            + "(default: ${DEFAULT-VALUE}).")
    int treeSize = Numbers.TreeSize.AUTO;

    @Option(
            names = "--context",
            paramLabel = "N",
            converter = Numbers.Whole.class,
            description = "Most tokens of prompt and answer together, at most what the model was trained for (default:"
                    + " that, up to 8192).")
    @Nullable
    Integer context;

    @Option(
            names = "--threads",
            paramLabel = "N",
            converter = Numbers.Whole.class,
            description = "Threads of a forward pass; changes the speed, never a token (default: one per core).")
    @Nullable
    Integer threads;

    @Option(
            names = "--device",
            paramLabel = "auto|cpu|cuda",
            converter = DeviceConverter.class,
            defaultValue = "auto",
            description = "Where the target runs (default: ${DEFAULT-VALUE}).")
    Device device = Device.AUTO;

    @Option(names = "--trace", paramLabel = "DIR", description = "Writes every step to a new directory below DIR.")
    @Nullable
    Path trace;

    @Option(names = "--trace-sync", description = "With --trace: each step is on the disk before its tokens are shown.")
    boolean traceSync;

    /** Null where the controller decides. */
    @Nullable
    Integer fixedTreeSize() {
        return treeSize == Numbers.TreeSize.AUTO ? null : treeSize;
    }

    /**
     * What can be said before anything is loaded.
     *
     * @throws ParameterException if options contradict each other or a number cannot be meant
     * @throws dev.foretoken.engine.error.InvalidInputException if a drafter is unknown or named twice
     */
    void check(CommandLine command) {
        if (traceSync && trace == null) {
            throw new ParameterException(command, "--trace-sync without --trace: name the directory with --trace DIR");
        }
        if (trace != null && trace.toString().isEmpty()) {
            throw new ParameterException(
                    command, "--trace is empty, expected a directory: name one, . for the current one");
        }
        Drafters.parse(drafters, ANY_DRAFT_MODEL);
        checkRange(command, "--threads", threads, THREADS_MAX);
        checkRange(command, "--context", context, Integer.MAX_VALUE);
    }

    /** @param value null: not given */
    static void checkRange(CommandLine command, String option, @Nullable Integer value, int max) {
        if (value != null && (value < 1 || value > max)) {
            String expected = max == Integer.MAX_VALUE ? "1 or more" : "1 to " + max;
            throw new ParameterException(command, "%s is %d, expected %s".formatted(option, value, expected));
        }
    }
}
