package dev.foretoken.transport;

import dev.foretoken.drafters.Drafters;
import dev.foretoken.engine.draft.DraftEnvironment;
import dev.foretoken.engine.draft.DraftReport;
import dev.foretoken.engine.draft.Drafter;
import dev.foretoken.engine.draft.DrafterFactory;
import dev.foretoken.engine.error.InvalidInputException;
import dev.foretoken.engine.kernel.Kernels;
import dev.foretoken.engine.model.LoadProgress;
import dev.foretoken.engine.model.ModelConfig;
import dev.foretoken.engine.tokenizer.Vocabulary;
import dev.foretoken.engine.verify.Verifier;
import dev.foretoken.transport.cost.CacheDirectory;
import dev.foretoken.transport.cost.CostFile;
import dev.foretoken.transport.cost.CostKey;
import dev.foretoken.transport.cost.Machine;
import dev.foretoken.transport.pipeline.CostMemory;
import dev.foretoken.transport.pipeline.Pipeline;
import dev.foretoken.transport.pipeline.PipelineSettings;
import dev.foretoken.transport.trace.ChronicleTraceSink;
import dev.foretoken.verifiers.cpu.CpuVerifier;
import dev.foretoken.verifiers.cpu.CpuVerifierOptions;
import dev.foretoken.verifiers.cuda.CudaProbe;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the builder collects, and how it becomes an engine: model, verifier, drafters, trace, pipeline, in this order. */
final class EngineAssembly {
    private static final int THREADS_MAX = 1024;
    private static final int SESSIONS_MAX = 1 << 16;
    private static final long KV_BYTES_LIMIT = 1L << 50;
    private static final int SESSIONS_DEFAULT = 32;
    private static final int CONTEXT_DEFAULT = 8192;
    private static final long KV_BYTES_MIN = 64L << 20;
    private static final int KV_SHARE_OF_HEAP = 4;
    private static final int PREFIX_SHARE_OF_KV = 4;

    @Nullable
    Path model;

    @Nullable
    Path draftModel;
    /** Null: made from the names. */
    @Nullable
    List<DrafterFactory> drafters;

    String drafterNames = "auto";

    @Nullable
    Path traceDirectory;

    boolean traceSync;
    int threads = Math.min(THREADS_MAX, Runtime.getRuntime().availableProcessors());

    @Nullable
    Integer context;

    int sessions = SESSIONS_DEFAULT;

    @Nullable
    Long kvBytes;

    boolean prefixCache = true;
    /** Null: a share of the bytes of keys and values. */
    @Nullable
    Long prefixCacheBytes;

    Device device = Device.AUTO;
    int drafterThreads = 1;
    Duration parkedTimeout = PipelineSettings.STANDARD.parkedTimeout();
    LoadProgress progress = LoadProgress.NONE;
    /** Null: the standard one, if {@link #remembersCosts}. */
    @Nullable
    Path costDirectory;

    boolean remembersCosts = true;

    /** What was made so far, to be closed if the rest fails. */
    private final Deque<AutoCloseable> made = new ArrayDeque<>();

    Foretoken build() {
        check("threads", threads, THREADS_MAX);
        check("sessions", sessions, SESSIONS_MAX);
        Pipeline.checkHeap(sessions); // again when the model is loaded: this much is known before
        if (kvBytes != null) {
            check("KV bytes", kvBytes, KV_BYTES_LIMIT);
        }
        if (prefixCacheBytes != null) {
            check("prefix cache bytes", prefixCacheBytes, KV_BYTES_LIMIT);
        }
        if (context != null && context < 1) {
            throw new InvalidInputException("context is %d, expected 1 or more".formatted(context));
        }
        PipelineSettings settings = new PipelineSettings(
                drafterThreads,
                parkedTimeout,
                PipelineSettings.STANDARD.traceStuckTimeout(),
                PipelineSettings.STANDARD.closeTimeout());
        List<DrafterFactory> factories = factories();
        if (device == Device.CUDA) {
            throw new InvalidInputException(CudaProbe.availability().refusal());
        }
        made.clear(); // what an earlier build made belongs to its engine
        try {
            return assemble(settings, factories);
        } catch (RuntimeException | Error e) {
            closeMade(e);
            throw e;
        }
    }

    private static void check(String name, long value, long max) {
        if (value < 1 || value > max) {
            throw new InvalidInputException("%s is %d, expected 1 to %d".formatted(name, value, max));
        }
    }

    private List<DrafterFactory> factories() {
        DrafterFactory fromDraftModel = modelDrafter();
        List<DrafterFactory> factories = drafters != null ? drafters : Drafters.parse(drafterNames, fromDraftModel);
        if (draftModel != null && !factories.contains(fromDraftModel)) {
            throw new InvalidInputException(
                    "draft model %s would not be used, because model is not among the drafters: add it or leave the draft model out"
                            .formatted(draftModel));
        }
        if (factories.size() > DraftReport.DRAFTERS_MAX) {
            throw new InvalidInputException("%d drafters, expected at most %d: name fewer"
                    .formatted(factories.size(), DraftReport.DRAFTERS_MAX));
        }
        Set<String> names = new HashSet<>();
        for (DrafterFactory factory : factories) {
            if (!names.add(factory.name())) {
                throw new InvalidInputException(
                        "two drafters are called \"%s\", expected different names: give each once"
                                .formatted(factory.name()));
            }
        }
        return factories;
    }

    private Foretoken assemble(PipelineSettings settings, List<DrafterFactory> factories) {
        if (traceDirectory != null) {
            ChronicleTraceSink.check(traceDirectory); // loading takes long, and a mistake is better known before
        }
        TargetModel target = TargetModel.load(model, threads, progress, this::checkContext);
        ModelConfig config = target.weights().config();
        Vocabulary vocabulary = target.tokenizer().vocabulary();
        int contextMax = contextMax(config);
        List<Drafter> drafting = drafting(
                factories,
                new DraftEnvironment(
                        vocabulary,
                        contextMax,
                        sessions,
                        threads,
                        (stage, fraction) -> progress.loaded(fraction, stage),
                        prefixCache));
        // after the drafters: it counts what they have left of the heap
        Verifier verifier = keep(new CpuVerifier(target.weights(), options(contextMax)));
        ChronicleTraceSink sink = null;
        if (traceDirectory != null) {
            sink = keep(ChronicleTraceSink.open(traceDirectory, traceSync));
        }
        Pipeline pipeline = new Pipeline(
                verifier,
                vocabulary,
                drafting,
                sink,
                settings,
                costMemory(target.identity().contentHash()));
        String configuration =
                "threads=%d sessions=%d context=%d drafterThreads=%d kvBytes=%d prefixCacheBytes=%d parkedTimeout=%s"
                        .formatted(
                                threads,
                                sessions,
                                contextMax,
                                drafterThreads,
                                kvBytes(),
                                prefixBytes(kvBytes()),
                                parkedTimeout);
        return new Foretoken(target, pipeline, configuration, sink == null ? null : sink.runDirectory());
    }

    private void checkContext(ModelConfig config) {
        if (context != null && context > config.contextLength()) {
            throw new InvalidInputException("context is %d, the model was trained for %d: choose a smaller one"
                    .formatted(context, config.contextLength()));
        }
    }

    private int contextMax(ModelConfig config) {
        return context != null ? context : Math.min(config.contextLength(), CONTEXT_DEFAULT);
    }

    private CpuVerifierOptions options(int contextMax) {
        long bytes = kvBytes();
        return CpuVerifierOptions.STANDARD
                .threads(threads)
                .slots(sessions)
                .contextMax(contextMax)
                .kvBytesMax(bytes)
                .prefixBytesMax(prefixBytes(bytes));
    }

    private long kvBytes() {
        return kvBytes != null
                ? kvBytes
                : Math.max(KV_BYTES_MIN, Runtime.getRuntime().maxMemory() / KV_SHARE_OF_HEAP);
    }

    private long prefixBytes(long allBytes) {
        if (!prefixCache) {
            return 0;
        }
        return prefixCacheBytes != null ? prefixCacheBytes : Math.ceilDiv(allBytes, PREFIX_SHARE_OF_KV);
    }

    private CostMemory costMemory(String modelHash) {
        Optional<Path> directory = costDirectory != null
                ? Optional.of(costDirectory)
                : CacheDirectory.standard().filter(path -> remembersCosts);
        return directory
                .<CostMemory>map(path -> new CostFile(
                        path,
                        new CostKey(
                                modelHash,
                                CpuVerifier.BACKEND,
                                Kernels.fastest().name(),
                                threads,
                                Machine.current())))
                .orElse(CostMemory.NONE);
    }

    private List<Drafter> drafting(List<DrafterFactory> factories, DraftEnvironment environment) {
        List<Drafter> made = new ArrayList<>();
        for (DrafterFactory factory : factories) {
            made.add(keep(factory.create(environment)));
        }
        return made;
    }

    /** The named draft model, or the embedded one beside the embedded target; else there is none. */
    private @Nullable DrafterFactory modelDrafter() {
        if (draftModel != null) {
            return Drafters.model(draftModel);
        }
        return model == null ? Drafters.embeddedModel() : null;
    }

    private <T extends AutoCloseable> T keep(T part) {
        made.push(part);
        return part;
    }

    private void closeMade(Throwable cause) {
        for (AutoCloseable part : made) {
            try {
                part.close();
            } catch (Exception e) {
                cause.addSuppressed(e);
            }
        }
    }
}
