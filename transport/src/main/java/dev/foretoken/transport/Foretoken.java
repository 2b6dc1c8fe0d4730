package dev.foretoken.transport;

import dev.foretoken.engine.draft.DrafterFactory;
import dev.foretoken.engine.error.InvalidInputException;
import dev.foretoken.engine.model.LoadProgress;
import dev.foretoken.engine.model.ModelConfig;
import dev.foretoken.engine.sampling.SamplingParameters;
import dev.foretoken.engine.session.GenerationRequest;
import dev.foretoken.engine.tokenizer.Tokenizer;
import dev.foretoken.engine.trace.SessionStart;
import dev.foretoken.transport.pipeline.EngineCounters;
import dev.foretoken.transport.pipeline.Pipeline;
import dev.foretoken.transport.stream.Generation;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * A speculative-decoding engine around one target model.
 *
 * <pre>{@code
 * try (Foretoken foretoken = Foretoken.builder().model(Path.of("model.gguf")).build()) {
 *     foretoken.generate(GenerationRequest.chat("Explain a ring buffer."))
 *              .text()
 *              .doOnNext(System.out::print)
 *              .blockLast();
 * }
 * }</pre>
 *
 * Speculation never changes a token: the same request and seed give the same tokens with any drafters, any tree size and any
 * load. Thread-safe; any number of requests may run at once, up to the sessions and KV memory it was built with.
 */
public final class Foretoken implements AutoCloseable {
    /** A drawn seed fits a JSON number exactly. */
    private static final int DRAWN_SEED_BITS = 53;

    private final TargetModel target;
    private final Pipeline pipeline;
    private final String configuration;
    private final @Nullable Path traceDirectory;
    private final AtomicLong sessionIds = new AtomicLong();

    Foretoken(TargetModel target, Pipeline pipeline, String configuration, @Nullable Path traceDirectory) {
        this.target = target;
        this.pipeline = pipeline;
        this.configuration = configuration;
        this.traceDirectory = traceDirectory;
    }

    public static Builder builder() {
        return new Builder();
    }

    /**
     * Prepares a request: nothing runs before a subscription.
     *
     * @throws InvalidInputException if the request cannot be run with this model (an empty or too long prompt, an id outside
     *     the vocabulary, sampling out of range, a chat with a model that has no template), or if prompt and longest answer
     *     need more KV memory than the engine has
     */
    public Generation generate(GenerationRequest request) {
        int[] prompt = target.promptTokens(request.prompt());
        pipeline.checkRoom(prompt.length, request.maxTokens());
        request.logitBias().keySet().forEach(target::checkToken);
        Long fixedSeed = request.seed();
        SamplingParameters sampling = resolve(request, fixedSeed == null ? 0 : fixedSeed);
        List<Integer> promptIds = IntStream.of(prompt).boxed().toList();
        return new Generation(
                pipeline,
                target.tokenizer().vocabulary(),
                () -> start(request, fixedSeed == null ? resolve(request, drawSeed()) : sampling, promptIds),
                prompt);
    }

    private SamplingParameters resolve(GenerationRequest request, long seed) {
        return request.resolve(target.weights().config().samplingDefaults(), seed);
    }

    private static long drawSeed() {
        return ThreadLocalRandom.current().nextLong(1L << DRAWN_SEED_BITS);
    }

    private SessionStart start(GenerationRequest request, SamplingParameters sampling, List<Integer> prompt) {
        return new SessionStart(
                sessionIds.incrementAndGet(),
                System.currentTimeMillis(),
                request,
                sampling,
                prompt,
                target.identity(),
                pipeline.shape().backend(),
                pipeline.drafterNames(),
                configuration,
                pipeline.warmStartFingerprint());
    }

    /** What the model is. */
    public ModelConfig model() {
        return target.weights().config();
    }

    /** Most tokens of prompt and answer together. */
    public int context() {
        return pipeline.shape().contextMax();
    }

    /** How the model's text becomes tokens. */
    public Tokenizer tokenizer() {
        return target.tokenizer();
    }

    /** Names of the drafters, in the order in which they are credited. */
    public List<String> drafters() {
        return pipeline.drafterNames();
    }

    /** Where this run's trace is written; empty without one. */
    public Optional<Path> traceDirectory() {
        return Optional.ofNullable(traceDirectory);
    }

    public EngineCounters counters() {
        return pipeline.counters();
    }

    /**
     * Completes once the engine is as fast as it will be: the code of its passes is compiled and their costs are measured. That
     * happens in idle time, within seconds after {@link Builder#build}; answers are the same before, only slower. Fails with
     * {@link dev.foretoken.engine.error.EngineClosedException} if the engine ends first. Each subscriber is told, on a thread
     * that is none of the engine's stages.
     */
    public Mono<Void> warmedUp() {
        return Mono.fromFuture(pipeline::warmedUp, true);
    }

    /** Sessions that run or are parked now. */
    public int sessions() {
        return pipeline.sessionCount();
    }

    /** KV pages that sessions have reserved now; 0 when none runs. */
    public int reservedPages() {
        return pipeline.reservedPages();
    }

    /**
     * Ends every stream with {@link dev.foretoken.engine.error.EngineClosedException}, completes the trace and frees
     * everything; waits up to ten seconds. Idempotent.
     */
    @Override
    public void close() {
        pipeline.close();
    }

    /**
     * What an engine is made of; everything has a default. Values are checked by {@link #build}, which may be called again: each
     * call makes an engine of its own. Not thread-safe.
     */
    public static final class Builder {
        final EngineAssembly assembly = new EngineAssembly();

        private Builder() {}

        /**
         * The target model: a GGUF file of architecture llama or qwen2. Omit for the embedded tiny model, which completes Java
         * code.
         */
        public Builder model(Path file) {
            assembly.model = file;
            return this;
        }

        /**
         * A GGUF file of a small model with the target's vocabulary: with the default drafters, or by the name {@code model}, it
         * drafts too. Omit for the embedded one beside the embedded target, else none. {@link #build} refuses it where no
         * drafter uses it: beside drafters given as factories, or names without {@code model}.
         */
        public Builder draftModel(Path file) {
            assembly.draftModel = file;
            return this;
        }

        /** Who proposes, in the order of credit; none at all = plain decoding. Omit for all that apply. */
        public Builder drafters(DrafterFactory... factories) {
            return drafters(List.of(factories));
        }

        /**
         * Names as the command line takes them: {@code ngram,recycling,model}, {@code none}, or {@code auto} (the default) for
         * all that apply.
         */
        public Builder drafters(String names) {
            assembly.drafters = null;
            assembly.drafterNames = names;
            return this;
        }

        /** As {@link #drafters(DrafterFactory...)}. */
        public Builder drafters(List<DrafterFactory> factories) {
            assembly.drafters = List.copyOf(factories);
            return this;
        }

        /**
         * Journals every step below this directory, before its tokens are shown. The directory is made if it does not exist, and
         * each engine writes a new sub-directory, see {@link Foretoken#traceDirectory}. Omit for no trace.
         */
        public Builder traceTo(Path directory) {
            assembly.traceDirectory = directory;
            return this;
        }

        /**
         * With a trace: each step is on the disk, not only in the system's memory, before its tokens are shown. Survives the
         * machine's death and costs time in every step; off by default.
         */
        public Builder traceSync(boolean sync) {
            assembly.traceSync = sync;
            return this;
        }

        /** Compute threads of a forward pass, 1 to 1024, one per core by default; changes the speed, never a token. */
        public Builder threads(int threads) {
            assembly.threads = threads;
            return this;
        }

        /**
         * Most tokens of prompt and answer together, from 1 to what the model was trained for; omit for the latter, up to
         * 8192. Larger contexts leave room for fewer sessions, see {@link #kvBytes}.
         */
        public Builder context(int tokens) {
            assembly.context = tokens;
            return this;
        }

        /**
         * Most sessions at once, parked ones included; 1 to 65,536, 32 by default. A request above that is refused at once. Each
         * takes 80 to 160 KiB of the heap beside its keys and values; {@link #build} refuses more than it has room for.
         */
        public Builder sessions(int sessions) {
            assembly.sessions = sessions;
            return this;
        }

        /**
         * Most bytes of keys and values of all sessions of the target together, less where the heap has no room for them; a quarter
         * of the largest heap by default, at least 64 MiB. A session reserves what its prompt and its longest answer need, or is refused at once.
         */
        public Builder kvBytes(long bytes) {
            assembly.kvBytes = bytes;
            return this;
        }

        /**
         * Whether sessions that begin with the same tokens share the keys and values of that beginning, also after the first of
         * them has ended: a chat's next turn then computes only what is new. On by default; changes the time, never a token.
         * {@link GenerationRequest#cacheTenant} says who may share with whom. A draft model does the same with its own.
         */
        public Builder prefixCache(boolean on) {
            assembly.prefixCache = on;
            return this;
        }

        /**
         * Of {@link #kvBytes}, most bytes to keep for beginnings that no running session reads; a quarter of them by default. A
         * session that needs the memory gets it, what was used longest ago goes first.
         */
        public Builder prefixCacheBytes(long bytes) {
            assembly.prefixCacheBytes = bytes;
            return this;
        }

        /** Where the target model runs; {@link Device#AUTO} by default. */
        public Builder device(Device device) {
            assembly.device = device;
            return this;
        }

        /** Threads that draft, 1 to 256, 1 by default; one serves many sessions. */
        public Builder drafterThreads(int threads) {
            assembly.drafterThreads = threads;
            return this;
        }

        /**
         * How long a reader may ask for nothing before its session ends with
         * {@link dev.foretoken.engine.error.ParkedTooLongException}; five minutes by default.
         */
        public Builder parkedTimeout(Duration timeout) {
            assembly.parkedTimeout = timeout;
            return this;
        }

        /**
         * Keeps below this directory what the next engine of the same model on this machine can start from: what a verify step
         * costs by its rows, some hundred bytes. Omit for the directory that the system property {@code foretoken.cache}, else
         * the environment variable {@code FORETOKEN_CACHE} names ({@code none} for none), else {@code foretoken} in the user's
         * cache directory. A directory that cannot be used is left alone, and the engine measures anew. Of prompts and answers
         * nothing is kept; {@link #prefixCache} is another thing.
         */
        public Builder costMemory(Path directory) {
            assembly.costDirectory = directory;
            return this;
        }

        /** Reads nothing of earlier engines and keeps nothing for later ones, see {@link #costMemory}. */
        public Builder withoutCostMemory() {
            assembly.costDirectory = null;
            assembly.remembersCosts = false;
            return this;
        }

        /** Hears how far loading has come, on the thread that calls {@link #build}; nobody by default. */
        public Builder progress(LoadProgress progress) {
            assembly.progress = progress;
            return this;
        }

        /**
         * Loads the model and starts the engine; returns when it takes requests, see {@link Foretoken#warmedUp}. The trace
         * directory is tried first, so that a mistake there does not wait for the model.
         *
         * @return an engine that the caller closes
         * @throws InvalidInputException if a file, directory, size or device cannot be used; nothing is left running or behind
         */
        public Foretoken build() {
            return assembly.build();
        }
    }
}
