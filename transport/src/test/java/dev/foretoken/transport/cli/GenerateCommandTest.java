package dev.foretoken.transport.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.foretoken.engine.error.InvalidInputException;
import dev.foretoken.engine.error.SessionFailedException;
import dev.foretoken.engine.session.GenerationRequest;
import dev.foretoken.engine.session.Prompt;
import dev.foretoken.transport.stream.GenerationEvent;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.publisher.Flux;

class GenerateCommandTest {
    @TempDir
    Path directory;

    private final ScriptedEngine engine = ScriptedEngine.emitting(ScriptedEngine.TOKENS);

    @Test
    void shouldStreamTheTextAndReportOnStandardError() {
        CliRun run = CliRun.of(engine, "generate", "int max");

        assertThat(run.out()).isEqualTo("return ä;\n");
        assertThat(run.err())
                .isEqualTo(
                        "3 tokens after a prompt of 5 tokens: 30.0 tokens/s, first token after 50 ms. 2 verify steps,"
                                + " 1.50 tokens each. Drafts accepted: ngram 1 of 4 (25 %), recycling none proposed, 2"
                                + " late, 1 failed. Ended at a stop. The same again: --seed 18446744073709551615.\n");
        assertThat(run.status()).isZero();
        assertThat(engine.closed).isEqualTo(1);
    }

    @Test
    void shouldBreakTheReportBetweenWordsOnANarrowTerminal() {
        String wide = CliRun.of(engine, "generate", "x").err();

        CliRun narrow = CliRun.onTerminal(engine, Map.of("COLUMNS", "30"), "generate", "x");

        assertThat(narrow.err().lines()).hasSizeGreaterThan(5).allMatch(line -> line.length() <= 30);
        assertThat(narrow.err().lines().collect(Collectors.joining(" ", "", "\n")))
                .isEqualTo(wide);
    }

    @Test
    void shouldDropAByteOrderMarkBeforeThePrompt() throws IOException {
        Path file = Files.writeString(directory.resolve("bom.txt"), "\uFEFFint \uFEFFx");

        CliRun.of(engine, "generate", "--prompt-file", file.toString());
        assertThat(engine.request.prompt()).isEqualTo(new Prompt.Raw("int \uFEFFx", false));

        CliRun.of(engine, Files.readAllBytes(file), "generate", "-");
        assertThat(engine.request.prompt()).isEqualTo(new Prompt.Raw("int \uFEFFx", false));

        CliRun.of(engine, "generate", "\uFEFFint");
        assertThat(engine.request.prompt()).isEqualTo(new Prompt.Raw("\uFEFFint", false));
    }

    @Test
    void shouldExplainCommandsByHelp() {
        CliRun all = CliRun.of(engine, "help");
        CliRun one = CliRun.of(engine, "help", "generate");
        CliRun unknown = CliRun.of(engine, "help", "generat");

        assertThat(all).isEqualTo(CliRun.of(engine, "--help"));
        assertThat(all.out()).contains("generate", "replay", "help");
        assertThat(one).isEqualTo(CliRun.of(engine, "generate", "--help"));
        assertThat(one.status()).isZero();
        assertThat(unknown.err())
                .contains("unknown command 'generat', expected one of generate, replay")
                .hasLineCount(1);
        assertThat(unknown.status()).isEqualTo(2);
    }

    @Test
    void shouldSayWhereTheTraceIs() {
        CliRun run = CliRun.of(engine, "generate", "x", "--trace", directory.toString());

        assertThat(run.err()).contains("Trace: " + directory.resolve("run-1") + ".");
    }

    @Test
    void shouldWriteNothingButJsonLinesWhenAskedForJson() {
        CliRun run = CliRun.of(engine, "generate", "--json", "x");

        assertThat(run.outLines()).containsExactly("""
            {"type":"token","id":11,"text":"return","drafter":"ngram","step":0}\
            """, """
            {"type":"token","id":12,"text":" ä;","drafter":null,"step":0}\
            """, """
            {"type":"token","id":0,"text":"","drafter":null,"step":1}\
            """, """
            {"type":"summary","token_ids":[11,12,0],"text":"return ä;","prompt_tokens":5,"cached_prompt_tokens":3,\
            "completion_tokens":3,"steps":2,"tokens_per_second":30.0,"time_to_first_token_ms":50.25,\
            "prefill_ms":40.0,"decode_ms":100.0,"mean_accepted":1.5,"finish_reason":"stop",\
            "seed":18446744073709551615,"drafters":{"ngram":{"proposed":4,"accepted":1,"missed":0,"failed":0},\
            "recycling":{"proposed":0,"accepted":0,"missed":2,"failed":1}}}\
            """);
        assertThat(run.err()).isEmpty();
    }

    @Test
    void shouldColourDraftsOnATerminalOnly() {
        String[] arguments = {"generate", "--show-drafts", "x"};

        assertThat(CliRun.onTerminal(engine, Map.of(), arguments).out())
                .isEqualTo("\u001b[32mreturn\u001b[0m ä;\n"
                        + "colours: \u001b[32mngram\u001b[0m, uncoloured = the target's own token, which ends each "
                        + "verified block\n");
        assertThat(CliRun.onTerminal(engine, Map.of("NO_COLOR", "1"), arguments).out())
                .isEqualTo(
                        "[return] ä;\n[drafted and accepted in one step], else the target's own tokens; colours would "
                                + "tell the drafters apart\n");
        assertThat(CliRun.of(engine, arguments).out()).isEqualTo("return ä;\n");
    }

    static Stream<Arguments> promptsAndOptions() {
        return Stream.of(
                request(r -> r.prompt(), new Prompt.Raw("a b", false), "a b"),
                request(r -> r.prompt(), new Prompt.Raw("a b", false), "--prompt", "a b"),
                request(r -> r.prompt(), new Prompt.Raw("@Override", false), "@Override"),
                request(r -> r.prompt(), new Prompt.Raw("-1 + 2", false), "-1 + 2"),
                request(r -> r.prompt(), new Prompt.Raw("--seed", false), "--", "--seed"),
                request(r -> r.prompt(), new Prompt.Raw("--no-such", false), "--", "--no-such"),
                request(r -> r.prompt(), new Prompt.Raw("--such", false), "--stop", "--such", "--", "--such"),
                request(r -> r.prompt(), new Prompt.Raw("<s>", true), "--special", "<s>"),
                request(r -> r.prompt(), GenerationRequest.chat("hi").prompt(), "--chat", "hi"),
                request(r -> r.maxTokens(), 256, "x"),
                request(r -> r.maxTokens(), 7, "x", "--max-tokens", "7"),
                request(r -> r.temperature(), 0.0, "x", "--temperature", "0"),
                request(r -> r.temperature(), null, "x"),
                request(r -> r.topK(), 40, "x", "--top-k=40"),
                request(r -> r.topP(), 0.5, "x", "--top-p", ".5"),
                request(r -> r.minP(), 0.05, "x", "--min-p", "5e-2"),
                request(r -> r.seed(), -1L, "x", "--seed", "18446744073709551615"),
                request(r -> r.seed(), 0L, "x", "--seed", "0"),
                request(r -> r.stop(), List.of("}", "\n\n"), "x", "--stop", "}", "--stop", "\n\n"),
                request(r -> r.repetitionPenalty(), 1.1, "x", "--repetition-penalty", "1.1"),
                request(r -> r.presencePenalty(), -0.5, "x", "--presence-penalty", "-0.5"),
                request(r -> r.frequencyPenalty(), 0.25, "x", "--frequency-penalty", "0.25"),
                request(
                        r -> r.logitBias(),
                        Map.of(3, -5.0, 4, 1.5),
                        "x",
                        "--logit-bias",
                        "3=-5",
                        "--logit-bias",
                        "4=1.5"),
                request(r -> r.logprobs(), 3, "x", "--json", "--logprobs", "3"),
                request(r -> r.treeSize(), 16, "x", "--tree-size", "16"),
                request(r -> r.treeSize(), null, "x", "--tree-size", "auto"));
    }

    private static Arguments request(Function<GenerationRequest, Object> part, Object expected, String... arguments) {
        return Arguments.of(List.of(arguments), part, expected);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("promptsAndOptions")
    void shouldAskTheEngineForWhatTheOptionsSay(
            List<String> arguments, Function<GenerationRequest, Object> part, Object expected) {
        CliRun run = CliRun.of(
                engine, Stream.concat(Stream.of("generate"), arguments.stream()).toArray(String[]::new));

        assertThat(run.status()).as(run.err()).isZero();
        assertThat(part.apply(engine.request)).isEqualTo(expected);
    }

    @Test
    void shouldPassEngineOptionsOn() {
        CliRun.of(
                engine,
                "generate --model m.gguf --draft-model d.gguf --drafters model,ngram --threads 3 --context 512 --device cpu x"
                        .split(" "));

        assertThat(engine.options.model).isEqualTo(Path.of("m.gguf"));
        assertThat(engine.options.draftModel).isEqualTo(Path.of("d.gguf"));
        assertThat(engine.options.drafters).isEqualTo("model,ngram");
        assertThat(engine.options.threads).isEqualTo(3);
        assertThat(engine.options.context).isEqualTo(512);
    }

    @Test
    void shouldTakeThePromptFromStandardInputOrAFileByteForByte() throws IOException {
        Path file = Files.writeString(directory.resolve("prompt.txt"), "line\nä\n");

        CliRun.of(engine, "from stdin\n".getBytes(UTF_8), "generate", "-");
        assertThat(engine.request.prompt()).isEqualTo(new Prompt.Raw("from stdin\n", false));
        CliRun.of(engine, "generate", "--prompt-file", file.toString());
        assertThat(engine.request.prompt()).isEqualTo(new Prompt.Raw("line\nä\n", false));
    }

    static Stream<Arguments> mistakes() {
        return Stream.of(
                mistake("no prompt, expected one in quotes", "generate"),
                mistake("the prompt is empty, expected text to continue", "generate", ""),
                mistake("the prompt is empty", "generate", "-"),
                mistake(
                        "2 texts given, the second is 'static', expected one: put it in quotes",
                        "generate",
                        "public",
                        "static"),
                mistake("several prompts given", "generate", "x", "--prompt", "y"),
                mistake("nowhere.txt does not exist, expected a text file", "generate", "--prompt-file", "nowhere.txt"),
                mistake("is a directory, expected a text file", "generate", "--prompt-file", "."),
                mistake(
                        "unknown option '--temprature', did you mean --temperature",
                        "generate",
                        "--temprature",
                        "1",
                        "x"),
                mistake("unknown command 'generat', expected generate, replay, inspect, tokenize", "generat", "x"),
                mistake("no command, expected one of generate, replay, inspect, tokenize"),
                mistake("option --seed needs a value", "generate", "x", "--seed"),
                mistake(
                        "'-1', expected a whole number from 0 to 18446744073709551615",
                        "generate",
                        "--seed",
                        "-1",
                        "x"),
                mistake("'18446744073709551616', expected a whole", "generate", "--seed", "18446744073709551616", "x"),
                mistake("'hot', expected a number like 0.8", "generate", "--temperature", "hot", "x"),
                mistake("'NaN', expected a number", "generate", "--temperature", "NaN", "x"),
                mistake("'0,8', expected a number", "generate", "--temperature", "0,8", "x"),
                mistake("temperature is -1.0, expected 0 (greedy)", "generate", "--temperature", "-1", "x"),
                mistake("temperature is 5.0E-4, expected 0 (greedy)", "generate", "--temperature", "0.0005", "x"),
                mistake("top-p is 0.0, expected above 0", "generate", "--top-p", "0", "x"),
                mistake("top-k is -1, expected 0", "generate", "--top-k", "-1", "x"),
                mistake("max tokens is 0, expected 1 or more", "generate", "--max-tokens", "0", "x"),
                mistake("'1.5', expected a whole number", "generate", "--max-tokens", "1.5", "x"),
                mistake("'99999999999', expected a whole number", "generate", "--max-tokens", "99999999999", "x"),
                mistake("stop string is empty", "generate", "--stop", "", "x"),
                mistake("'7', expected ID=V", "generate", "--logit-bias", "7", "x"),
                mistake("logit bias token id is -7, expected 0 or more", "generate", "--logit-bias", "-7=1", "x"),
                mistake(
                        "--logit-bias is given twice for token 5 (-100.0 and 3.0), expected one value per token",
                        "generate",
                        "--logit-bias",
                        "5=-100",
                        "--logit-bias",
                        "5=3",
                        "x"),
                mistake("--trace is empty, expected a directory", "generate", "--trace", "", "x"),
                mistake("the path of the prompt file is empty", "generate", "--prompt-file", ""),
                mistake("logprobs is 99, expected 0 to 20", "generate", "--json", "--logprobs", "99", "x"),
                mistake("--logprobs needs --json", "generate", "--logprobs", "2", "x"),
                mistake("'0', expected auto or a whole number of nodes", "generate", "--tree-size", "0", "x"),
                mistake("tree size is 1000, expected 1", "generate", "--tree-size", "1000", "x"),
                mistake(
                        "drafter \"eagle\" is unknown, expected a comma-separated list of: ngram",
                        "generate",
                        "--drafters",
                        "eagle",
                        "x"),
                mistake("drafter \"ngram\" is named twice", "generate", "--drafters", "ngram,ngram", "x"),
                mistake("drafter \"\" is unknown", "generate", "--drafters", "", "x"),
                mistake("'tpu', expected auto, cpu or cuda", "generate", "--device", "tpu", "x"),
                mistake("--threads is 0, expected 1 to 1024", "generate", "--threads", "0", "x"),
                mistake("--trace-sync without --trace", "generate", "--trace-sync", "x"),
                mistake("--special and --chat exclude each other", "generate", "--special", "--chat", "x"),
                mistake("--show-drafts and --json exclude each other", "generate", "--show-drafts", "--json", "x"),
                mistake("option --seed is given more than once", "generate", "--seed", "1", "--seed", "2", "x"));
    }

    private static Arguments mistake(String expected, String... arguments) {
        return Arguments.of(List.of(arguments), expected);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("mistakes")
    void shouldRefuseAMistakeInOneLineBeforeAnythingIsLoaded(List<String> arguments, String expected) {
        CliRun run = CliRun.of(engine, arguments.toArray(String[]::new));

        assertThat(run.err()).startsWith("foretoken: ").contains(expected).hasLineCount(1);
        assertThat(run.out()).isEmpty();
        assertThat(run.status()).isEqualTo(2);
        assertThat(engine.options).as("engine").isNull();
    }

    @Test
    void shouldRefuseAPromptThatIsNotUtf8() {
        CliRun run = CliRun.of(engine, new byte[] {'a', (byte) 0xFF}, "generate", "-");

        assertThat(run.err())
                .isEqualTo(
                        "foretoken: standard input is not UTF-8 text: byte 0xFF at offset 1; convert it, for example "
                                + "with iconv\n");
        assertThat(run.status()).isEqualTo(2);
    }

    @Test
    void shouldTurnRefusalsOfTheEngineIntoStatusTwoAndFailuresIntoOne() {
        CliRun refused = CliRun.of(
                (options, progress) -> {
                    throw new InvalidInputException("m.gguf is no GGUF file");
                },
                "generate",
                "x");
        CliRun failed = CliRun.of(
                new ScriptedEngine(Flux.error(new SessionFailedException("a logit is NaN"))), "generate", "x");
        CliRun broken = CliRun.of(new ScriptedEngine(Flux.error(new IllegalStateException("oops"))), "generate", "x");

        assertThat(refused).isEqualTo(new CliRun(2, "", "foretoken: m.gguf is no GGUF file\n"));
        assertThat(failed).isEqualTo(new CliRun(1, "", "foretoken: a logit is NaN\n"));
        assertThat(broken.err())
                .isEqualTo("foretoken: unexpected failure: java.lang.IllegalStateException: oops; "
                        + "FORETOKEN_DEBUG=1 in the environment shows where\n");
        assertThat(broken.status()).isEqualTo(1);
    }

    @Test
    void shouldShowStackTracesToThoseWhoDebug() {
        CliRun run = CliRun.onTerminal(
                new ScriptedEngine(Flux.error(new SessionFailedException("a logit is NaN"))),
                Map.of("FORETOKEN_DEBUG", "1"),
                "generate",
                "x");

        assertThat(run.err()).contains("foretoken: a logit is NaN\n").contains("\tat ");
    }

    @Test
    void shouldEndQuietlyAndCancelWhenNobodyReadsOn() {
        AtomicBoolean cancelled = new AtomicBoolean();
        Flux<GenerationEvent> endless = Flux.<GenerationEvent>generate(
                        sink -> sink.next(new GenerationEvent.Token(ScriptedEngine.TOKENS.getFirst())))
                .doOnCancel(() -> cancelled.set(true));
        OutputStream closedPipe = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("Broken pipe");
            }
        };
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        ScriptedEngine endlessEngine = new ScriptedEngine(endless);

        int status = new Cli(CliRun.terminal(new byte[0], closedPipe, err, false, Map.of()), endlessEngine)
                .run("generate", "--json", "x");

        assertThat(err.toString(UTF_8)).isEmpty();
        assertThat(cancelled).isTrue();
        assertThat(endlessEngine.closed).isEqualTo(1);
        assertThat(status).isEqualTo(1);
    }

    @Test
    void shouldSayWhyStandardOutputCannotBeWritten() {
        OutputStream fullDisk = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("No space left on device");
            }
        };
        ByteArrayOutputStream err = new ByteArrayOutputStream();

        int status = new Cli(CliRun.terminal(new byte[0], fullDisk, err, false, Map.of()), engine).run("generate", "x");

        assertThat(err.toString(UTF_8))
                .isEqualTo("foretoken: standard output cannot be written: No space left on device\n");
        assertThat(status).isEqualTo(1);
    }

    @Test
    void shouldExplainItself() {
        CliRun help = CliRun.of(engine, "generate", "--help");
        CliRun version = CliRun.of(engine, "--version");

        assertThat(help.out()).contains("Examples:", "--tree-size", "--logit-bias", "--trace-sync");
        assertThat(help.status()).isZero();
        assertThat(version.out()).matches("foretoken \\d\\S+ \\(Java 25.*\\)\\R");
    }
}
