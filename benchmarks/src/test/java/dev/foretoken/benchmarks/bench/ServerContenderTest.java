package dev.foretoken.benchmarks.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.foretoken.engine.chat.ChatMessage;
import dev.foretoken.engine.error.InvalidInputException;
import dev.foretoken.engine.session.Prompt;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@Timeout(60)
class ServerContenderTest {
    private static final BenchOptions OPTIONS = new BenchOptions(
            null,
            null,
            null,
            List.of(Configuration.PLAIN),
            false,
            16,
            1,
            0,
            7,
            1,
            1,
            List.of(),
            1,
            List.of(),
            null,
            null,
            null,
            null);

    private HttpServer server;
    private String url;
    private volatile String answer = "";
    private volatile int status = 200;
    private volatile String asked = "";
    private volatile String path = "";
    private final AtomicInteger hangUps = new AtomicInteger();
    private final CountDownLatch over = new CountDownLatch(1);
    private volatile boolean stalls;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/v1/models", exchange -> reply(exchange, 200, "{\"data\":[{\"id\":\"m1\"}]}"));
        server.createContext("/v1/", exchange -> {
            path = exchange.getRequestURI().getPath();
            if (hangUps.getAndDecrement() > 0) {
                exchange.close();
                return;
            }
            if (stalls) {
                stall(exchange, answer);
                return;
            }
            asked = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            reply(exchange, status, answer);
        });
        server.start();
        url = "http://127.0.0.1:" + server.getAddress().getPort();
    }

    @AfterEach
    void stop() {
        over.countDown();
        server.stop(0);
    }

    private static void reply(HttpExchange exchange, int status, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length);
        try (OutputStream out = exchange.getResponseBody()) {
            out.write(bytes);
        }
    }

    /** Begins a body that does not go on. */
    private void stall(HttpExchange exchange, String text) throws IOException {
        exchange.sendResponseHeaders(status, 0);
        exchange.getResponseBody().write(text.getBytes(StandardCharsets.UTF_8));
        exchange.getResponseBody().flush();
        try {
            over.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        exchange.close();
    }

    private static PromptCase promptCase(Prompt prompt) {
        return new PromptCase("1", 1, "c", prompt, List.of(1), List.of(1));
    }

    @Test
    void shouldStreamAChatAndCountTheTokensTheServerCounts() {
        answer = """
            : comment

            data: {"choices":[{"delta":{"role":"assistant"}}]}

            data: {"choices":[{"delta":{"content":"a"}}]}

            data: {"choices":[{"delta":{"content":"b c"}}]}

            data: {"choices":[],"usage":{"completion_tokens":9}}

            data: [DONE]

            """;
        try (ServerContender contender = new ServerContender(url, OPTIONS)) {
            PromptRun run = contender.run(promptCase(new Prompt.Chat(List.of(new ChatMessage("user", "hi")))));

            assertThat(run.tokens()).isEqualTo(9);
            assertThat(run.gapsNs()).hasSize(1);
            assertThat(run.totalNs()).isGreaterThanOrEqualTo(run.firstTokenNs()).isPositive();
            assertThat(path).isEqualTo("/v1/chat/completions");
            JsonNode request = new JsonMapper().readTree(asked);
            assertThat(request.path("model").asString()).isEqualTo("m1");
            assertThat(request.path("stream").asBoolean()).isTrue();
            assertThat(request.path("max_tokens").asInt()).isEqualTo(16);
            assertThat(request.at("/messages/0/content").asString()).isEqualTo("hi");
        }
    }

    @Test
    void shouldHaveANameThatNoConfigurationCanTake() {
        try (ServerContender contender = new ServerContender(url, OPTIONS)) {
            assertThatThrownBy(() -> Configuration.parse(contender.name() + "=ngram"))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("has the name \"" + contender.name() + "\"");
        }
    }

    @Test
    void shouldContinueATextAndCountChunksWithoutUsage() {
        answer = "data: {\"choices\":[{\"text\":\"x\"}]}\n\n".repeat(4) + "data: [DONE]\n\n";
        try (ServerContender contender = new ServerContender(url + "/v1/", OPTIONS)) {
            PromptRun run = contender.run(promptCase(new Prompt.Raw("int i", false)));

            assertThat(run.tokens()).isEqualTo(4);
            assertThat(path).isEqualTo("/v1/completions");
            assertThat(new JsonMapper().readTree(asked).path("prompt").asString())
                    .isEqualTo("int i");
        }
    }

    @Test
    void shouldAskOnceMoreWhenAConnectionIsClosedWithoutAnAnswer() {
        answer = "data: {\"choices\":[{\"text\":\"x\"}]}\n\ndata: [DONE]\n\n";
        try (ServerContender contender = new ServerContender(url, OPTIONS)) {
            PromptCase any = promptCase(new Prompt.Raw("x", false));
            hangUps.set(1);
            assertThat(contender.run(any).tokens()).isEqualTo(1);

            hangUps.set(100);
            assertThatThrownBy(() -> contender.run(any)).hasMessageContaining("broke off");
        }
    }

    @ParameterizedTest(name = "status {0}, begins with {1}")
    @CsvSource({"200, 'data: {\"choices\":[{\"text\":\"x\"}]}\n\n'", "200, 'data: {\"choic'", "500, 'I am'"})
    void shouldNotWaitForEverForAnAnswerThatStalls(int firstStatus, String beginning) {
        status = firstStatus;
        answer = beginning.replace("\\n", "\n");
        stalls = true;
        try (ServerContender contender = new ServerContender(url, OPTIONS, Duration.ofSeconds(2))) {
            assertThatThrownBy(() -> contender.run(promptCase(new Prompt.Raw("x", false))))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining(
                            "the server of --peer-url " + url + " began to answer and did not end within 2 s")
                    .message()
                    .doesNotContain("\n");
        }
    }

    @Test
    void shouldSayInOneLineWhatIsWrongWithAServer() {
        assertThatThrownBy(() -> new ServerContender("localhost:80", OPTIONS))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("--peer-url is \"localhost:80\", expected the address");
        assertThatThrownBy(() -> new ServerContender("http://127.0.0.1:1", OPTIONS))
                .hasMessageContaining("does not answer");
        try (ServerContender contender = new ServerContender(url, OPTIONS)) {
            PromptCase any = promptCase(new Prompt.Raw("x", false));
            status = 500;
            answer = "boom\nbang";
            assertThatThrownBy(() -> contender.run(any)).hasMessageContaining("answered with status 500: boom bang");
            status = 200;
            answer = "data: {broken\n\n";
            assertThatThrownBy(() -> contender.run(any)).hasMessageContaining("chunks that are no JSON");
        }
    }
}
