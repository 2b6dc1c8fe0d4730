package dev.foretoken.transport.trace;

import static org.assertj.core.api.Assertions.assertThat;

import dev.foretoken.drafters.Drafters;
import dev.foretoken.engine.draft.DraftEnvironment;
import dev.foretoken.engine.draft.Drafter;
import dev.foretoken.engine.gguf.GgufFile;
import dev.foretoken.engine.model.EmbeddedModels;
import dev.foretoken.engine.model.LanguageModel;
import dev.foretoken.engine.model.LoadProgress;
import dev.foretoken.engine.model.ModelConfig;
import dev.foretoken.engine.sampling.SamplingParameters;
import dev.foretoken.engine.session.GenerationRequest;
import dev.foretoken.engine.tokenizer.Vocabulary;
import dev.foretoken.engine.trace.SessionStart;
import dev.foretoken.transport.pipeline.Pipeline;
import dev.foretoken.transport.pipeline.PipelineSettings;
import dev.foretoken.transport.stream.Generation;
import dev.foretoken.transport.stream.GenerationSummary;
import dev.foretoken.verifiers.cpu.CpuVerifier;
import dev.foretoken.verifiers.cpu.CpuVerifierOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Flux;

/** From a prompt through the whole pipeline into a trace, and back through a verifier of its own. */
class PipelineReplayTest {
    private static final int SESSIONS = 4;
    private static final String CODE = "public class Counter {\n    private int count;\n\n    public int ";

    private static LanguageModel model;
    private static LanguageModel otherModel;

    @TempDir
    Path traces;

    @BeforeAll
    static void load() {
        model = load(EmbeddedModels.target());
        otherModel = load(EmbeddedModels.draft());
    }

    private static LanguageModel load(EmbeddedModels.EmbeddedModel embedded) {
        try (GgufFile file = GgufFile.of(embedded.data(), embedded.name())) {
            return LanguageModel.load(file, ModelConfig.read(file), 1, LoadProgress.NONE);
        }
    }

    @Test
    void shouldReplayWhatThePipelineRecordedInOtherCompanyAndWithOtherThreads() {
        // given sessions that shared their batches
        List<GenerationSummary> answers = record();

        // when
        ReplayReport report;
        try (CpuVerifier verifier = verifier(model, 2, 1)) {
            report = new TraceReplayer(
                            recorded -> new ReplayTarget(model.identity(), verifier, 1 << 20), ReplayProgress.NONE)
                    .replay(TraceReader.open(traces));
        }

        // then
        assertThat(report.firstDifference()).isNull();
        assertThat(report.sessions()).isEqualTo(SESSIONS);
        assertThat(report.unfinishedSessions()).isZero();
        assertThat(report.steps())
                .isEqualTo(answers.stream().mapToLong(GenerationSummary::steps).sum());
        List<List<Integer>> recorded = TraceReader.open(traces)
                .sessions()
                .map(RecordedSession::emittedTokens)
                .toList();
        assertThat(recorded)
                .containsExactlyInAnyOrderElementsOf(
                        answers.stream().map(GenerationSummary::tokenIds).toList());
    }

    @Test
    void shouldNoticeOtherWeightsEvenUnderTheRecordedName() {
        record();

        ReplayReport report;
        try (CpuVerifier verifier = verifier(otherModel, 1, 1)) {
            report = new TraceReplayer(recorded -> new ReplayTarget(recorded, verifier, 1 << 20), ReplayProgress.NONE)
                    .replay(TraceReader.open(traces));
        }

        assertThat(report.firstDifference()).contains("step 0, token 0: its ");
    }

    private List<GenerationSummary> record() {
        Vocabulary vocabulary = model.tokenizer().vocabulary();
        DraftEnvironment environment = new DraftEnvironment(vocabulary, 256, SESSIONS, 1, (stage, fraction) -> {});
        List<Drafter> drafters = Drafters.parse("ngram,recycling", null).stream()
                .map(factory -> factory.create(environment))
                .toList();
        ChronicleTraceSink sink = ChronicleTraceSink.open(traces, false);
        try (Pipeline pipeline =
                new Pipeline(verifier(model, 1, SESSIONS), vocabulary, drafters, sink, PipelineSettings.STANDARD)) {
            return Flux.merge(IntStream.range(0, SESSIONS)
                            .mapToObj(session -> generation(pipeline, session).summary())
                            .toList())
                    .collectList()
                    .block(Duration.ofMinutes(2));
        }
    }

    private static Generation generation(Pipeline pipeline, int session) {
        int[] prompt = model.tokenizer().encode(CODE + "value" + session, false);
        SamplingParameters sampling = session == 0
                ? SamplingParameters.GREEDY
                : new SamplingParameters(0.7, 40, 0.95, 0, 1.1, 0.1, 0.1, Map.of(5, -1.0), 100 + session);
        GenerationRequest request = GenerationRequest.raw(CODE).maxTokens(40 + session);
        SessionStart start = new SessionStart(
                session,
                0,
                request,
                sampling,
                IntStream.of(prompt).boxed().toList(),
                model.identity(),
                CpuVerifier.BACKEND,
                pipeline.drafterNames(),
                "",
                0);
        return new Generation(pipeline, model.tokenizer().vocabulary(), () -> start, prompt);
    }

    private static CpuVerifier verifier(LanguageModel weights, int threads, int slots) {
        return new CpuVerifier(
                weights,
                CpuVerifierOptions.STANDARD
                        .threads(threads)
                        .slots(slots)
                        .contextMax(256)
                        .kvBytesMax(64L << 20));
    }
}
