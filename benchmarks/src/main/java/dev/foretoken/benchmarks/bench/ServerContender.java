package dev.foretoken.benchmarks.bench;

import dev.foretoken.engine.chat.ChatMessage;
import dev.foretoken.engine.error.InvalidInputException;
import dev.foretoken.engine.session.Prompt;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * An OpenAI-compatible server, asked for streams: chat completions for a model with a chat template, completions otherwise.
 * It tokenises the prompt itself; tokens are counted by its usage figures, or else by its chunks. Thread-safe.
 */
final class ServerContender implements Contender {
    private static final Duration CONNECT_LIMIT = Duration.ofSeconds(10);
    private static final Duration ANSWER_LIMIT = Duration.ofMinutes(10);
    /** With a blank, which the name of a configuration cannot have: figures are found by name. */
    private static final String NAME = "peer server";

    private static final String DATA = "data:";
    private static final String DONE = "[DONE]";

    /** Takes what it needs of a response's body. */
    private interface BodyReader<T> {
        T read(InputStream in) throws IOException;
    }

    private final String url;
    private final URI base;
    private final BenchOptions options;
    private final Duration answerLimit;
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT_LIMIT)
            .build();
    private final JsonMapper json = new JsonMapper();
    private final String model;

    /** @throws InvalidInputException if the address is none or nobody lists models there */
    ServerContender(String url, BenchOptions options) {
        this(url, options, ANSWER_LIMIT);
    }

    /** @param answerLimit from the request to the end of the answer */
    ServerContender(String url, BenchOptions options, Duration answerLimit) {
        this.url = url;
        this.options = options;
        this.answerLimit = answerLimit;
        this.base = base(url);
        this.model = firstModel();
    }

    static URI base(String url) {
        try {
            URI uri = URI.create(url.strip());
            if (uri.getHost() != null && ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))) {
                String path = uri.getPath().isEmpty() || uri.getPath().equals("/") ? "/v1" : uri.getPath();
                return uri.resolve(path.endsWith("/") ? path : path + "/");
            }
        } catch (IllegalArgumentException e) {
            // refused below
        }
        throw new InvalidInputException(
                "--peer-url is \"%s\", expected the address of a server like http://127.0.0.1:8000/v1".formatted(url));
    }

    private String firstModel() {
        try {
            long startNs = System.nanoTime();
            HttpResponse<InputStream> response = http.send(
                    HttpRequest.newBuilder(base.resolve("models"))
                            .timeout(CONNECT_LIMIT)
                            .build(),
                    HttpResponse.BodyHandlers.ofInputStream());
            if (response.statusCode() != 200) {
                response.body().close();
                throw failed("answered with status %d to a question for its models".formatted(response.statusCode()));
            }
            String models =
                    read(response, startNs, CONNECT_LIMIT, in -> new String(in.readAllBytes(), StandardCharsets.UTF_8));
            return json.readTree(models).at("/data/0/id").asString("default");
        } catch (IOException e) {
            throw failed("does not answer: " + e);
        } catch (JacksonException e) {
            throw failed("does not list its models as JSON");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failed("was interrupted");
        }
    }

    private InvalidInputException failed(String problem) {
        return new InvalidInputException("the server of --peer-url %s %s; is it started, and OpenAI-compatible?"
                .formatted(url, PeerProcess.shorten(problem)));
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String description() {
        return "peer";
    }

    @Override
    public boolean isOurs() {
        return false;
    }

    @Override
    public PromptRun run(PromptCase promptCase) {
        boolean chat = promptCase.prompt() instanceof Prompt.Chat;
        HttpRequest request = HttpRequest.newBuilder(base.resolve(chat ? "chat/completions" : "completions"))
                .timeout(answerLimit)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body(promptCase.prompt())))
                .build();
        try {
            long startNs = System.nanoTime();
            HttpResponse<InputStream> response = send(request);
            return read(
                    response, startNs, answerLimit, in -> answer(response.statusCode(), in, new ServerStream(startNs)));
        } catch (IOException e) {
            throw failed("broke off: " + e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failed("was interrupted");
        }
    }

    /** A server may close a connection that idled while others were measured just when it is used again: then asks once more. */
    private HttpResponse<InputStream> send(HttpRequest request) throws IOException, InterruptedException {
        try {
            return http.send(request, HttpResponse.BodyHandlers.ofInputStream());
        } catch (HttpTimeoutException | ConnectException e) {
            throw e;
        } catch (IOException e) {
            return http.send(request, HttpResponse.BodyHandlers.ofInputStream());
        }
    }

    /**
     * Whatever comes of a body that was closed at its limit, the limit is what has to be said.
     *
     * @param startNs when the request was made: the limit runs since then
     */
    private <T> T read(HttpResponse<InputStream> response, long startNs, Duration limit, BodyReader<T> reader)
            throws IOException {
        try (InputStream in = response.body()) {
            ReadLimit readLimit = new ReadLimit(in, limit.minusNanos(System.nanoTime() - startNs));
            try {
                T result = reader.read(in);
                if (readLimit.wasKept()) {
                    return result;
                }
            } catch (IOException | RuntimeException e) {
                if (readLimit.wasKept()) {
                    throw e;
                }
            }
            throw failed("began to answer and did not end within %d s".formatted(limit.toSeconds()));
        }
    }

    private PromptRun answer(int status, InputStream in, ServerStream stream) throws IOException {
        if (status != 200) {
            String said = new String(in.readNBytes(500), StandardCharsets.UTF_8);
            throw failed("answered with status %d: %s".formatted(status, Figures.oneLine(said)));
        }
        accept(in, stream);
        return stream.run();
    }

    private void accept(InputStream in, ServerStream stream) {
        try (Stream<String> lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8)).lines()) {
            for (Iterator<String> each = lines.iterator(); each.hasNext(); ) {
                String line = each.next();
                if (line.startsWith(DATA)) {
                    String data = line.substring(DATA.length()).strip();
                    if (data.equals(DONE)) {
                        return;
                    }
                    stream.accept(json.readTree(data), System.nanoTime());
                }
            }
        } catch (JacksonException e) {
            throw failed("sends chunks that are no JSON");
        } catch (UncheckedIOException e) {
            throw failed("broke off: " + e.getCause());
        }
    }

    private String body(Prompt prompt) {
        ObjectNode body = json.createObjectNode();
        body.put("model", model);
        body.put("stream", true);
        body.putObject("stream_options").put("include_usage", true);
        body.put("max_tokens", options.maxTokens());
        body.put("temperature", options.temperature());
        body.put("seed", options.seed() & Integer.MAX_VALUE);
        switch (prompt) {
            case Prompt.Chat(var messages) -> {
                ArrayNode list = body.putArray("messages");
                for (ChatMessage message : messages) {
                    list.addObject().put("role", message.role()).put("content", message.content());
                }
            }
            case Prompt.Raw raw -> body.put("prompt", raw.text());
            case Prompt.Tokens _ -> throw new IllegalStateException("a server is asked with text");
        }
        return json.writeValueAsString(body);
    }

    @Override
    public void close() {
        http.close();
    }

    /** Takes the times of one stream's chunks. */
    static final class ServerStream {
        private final long startNs;
        private final List<Long> gapsNs = new ArrayList<>();
        private long firstNs;
        private long lastNs;
        private int chunks;
        private int usage;

        ServerStream(long startNs) {
            this.startNs = startNs;
        }

        void accept(JsonNode chunk, long nowNs) {
            usage = Math.max(usage, chunk.at("/usage/completion_tokens").asInt(0));
            JsonNode choice = chunk.at("/choices/0");
            String text = choice.at("/delta/content").asString("")
                    + choice.path("text").asString("");
            if (text.isEmpty()) {
                return;
            }
            if (chunks++ == 0) {
                firstNs = nowNs;
            } else {
                gapsNs.add(nowNs - lastNs);
            }
            lastNs = nowNs;
        }

        PromptRun run() {
            return new PromptRun(
                    List.of(),
                    Math.max(usage, chunks),
                    0,
                    List.of(),
                    1,
                    chunks == 0 ? System.nanoTime() - startNs : firstNs - startNs,
                    chunks == 0 ? System.nanoTime() - startNs : lastNs - startNs,
                    gapsNs);
        }
    }
}
