package dev.foretoken.transport.cli;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** Which models, drafters and device an engine is made of, and where it writes its trace. */
final class EngineOptions {
    /** Where the target runs. */
    enum Device {
        AUTO,
        CPU,
        CUDA;

        static final class Converter implements ITypeConverter<Device> {
            @Override
            public Device convert(String text) {
                return switch (text) {
                    case "auto" -> AUTO;
                    case "cpu" -> CPU;
                    case "cuda" -> CUDA;
                    default -> throw Numbers.refused(text, "auto, cpu or cuda");
                };
            }
        }
    }

    /** Drafter names in order; {@code auto} and {@code none} stand alone. */
    record DrafterList(List<String> names) {
        static final DrafterList AUTO = new DrafterList(List.of("auto"));
        static final DrafterList NONE = new DrafterList(List.of());
        private static final List<String> KNOWN = List.of("ngram", "recycling", "model");

        boolean isAuto() {
            return equals(AUTO);
        }

        static final class Converter implements ITypeConverter<DrafterList> {
            @Override
            public DrafterList convert(String text) {
                if (text.equals("auto")) {
                    return AUTO;
                }
                if (text.equals("none")) {
                    return NONE;
                }
                List<String> names = List.of(text.split(",", -1)).stream().map(String::strip).toList();
                if (!KNOWN.containsAll(names) || names.stream().distinct().count() < names.size()) {
                    throw Numbers.refused(text, "auto, none or a list of " + String.join(", ", KNOWN) + " without repetition");
                }
                return new DrafterList(names);
            }
        }
    }

    @Option(
            names = "--model",
            paramLabel = "FILE",
            description = "GGUF file of the target model (default: the embedded tiny model, which completes Java code).")
    @Nullable Path model;

    @Option(
            names = "--draft-model",
            paramLabel = "FILE",
            description = "GGUF file of a small model with the same vocabulary, for the drafter model (default: the embedded "
                    + "one beside the embedded target, else none).")
    @Nullable Path draftModel;

    @Option(
            names = "--drafters",
            paramLabel = "A,B,C",
            converter = DrafterList.Converter.class,
            defaultValue = "auto",
            description = "Who proposes tokens: any of ngram, recycling, model; none = plain decoding; auto = all that apply "
                    + "(default: ${DEFAULT-VALUE}).")
    DrafterList drafters = DrafterList.AUTO;

    @Option(
            names = "--tree-size",
            paramLabel = "N",
            converter = Numbers.TreeSize.class,
            defaultValue = "auto",
            description = "Nodes of every step's tree, the root included; 1 = plain decoding; auto = the controller decides "
                    + "(default: ${DEFAULT-VALUE}).")
    int treeSize = Numbers.TreeSize.AUTO;

    @Option(
            names = "--context",
            paramLabel = "N",
            converter = Numbers.Whole.class,
            description = "Most tokens of prompt and answer together (default: what the model was trained for).")
    @Nullable Integer context;

    @Option(
            names = "--threads",
            paramLabel = "N",
            converter = Numbers.Whole.class,
            description = "Threads of a forward pass; changes the speed, never a token (default: one per core).")
    @Nullable Integer threads;

    @Option(
            names = "--device",
            paramLabel = "auto|cpu|cuda",
            converter = Device.Converter.class,
            defaultValue = "auto",
            description = "Where the target runs (default: ${DEFAULT-VALUE}).")
    Device device = Device.AUTO;

    @Option(names = "--trace", paramLabel = "DIR", description = "Writes every step to a new directory below DIR.")
    @Nullable Path trace;

    @Option(
            names = "--trace-sync",
            description = "With --trace: each step is on the disk before its tokens are shown.")
    boolean traceSync;

    /** Null where the controller decides. */
    @Nullable Integer fixedTreeSize() {
        return treeSize == Numbers.TreeSize.AUTO ? null : treeSize;
    }

    /**
     * @throws ParameterException if options contradict each other or a number cannot be meant
     */
    void check(CommandLine command) {
        if (traceSync && trace == null) {
            throw new ParameterException(command, "--trace-sync without --trace: name the directory with --trace DIR");
        }
        atLeastOne(command, "--threads", threads);
        atLeastOne(command, "--context", context);
    }

    private static void atLeastOne(CommandLine command, String option, @Nullable Integer value) {
        if (value != null && value < 1) {
            throw new ParameterException(command, "%s is %d, expected 1 or more".formatted(option, value));
        }
    }
}
