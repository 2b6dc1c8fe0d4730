package dev.foretoken.benchmarks.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.foretoken.engine.error.InvalidInputException;
import dev.foretoken.engine.session.Prompt;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(120)
class PeerProcessTest {
    private static final List<String> ARGUMENTS = List.of("--model", "m.gguf", "--threads", "2");
    private static final PromptCase CASE =
            new PromptCase("1", 1, "c", new Prompt.Raw("x", false), List.of(42, 43), List.of(1));

    @Test
    void shouldAskForStepsOneByOne() {
        try (PeerProcess peer = PeerProcess.start(FakePeer.command("steps"), ARGUMENTS)) {
            PeerTimer timer = new PeerTimer(peer);

            assertThat(peer.name()).isEqualTo("fake");
            assertThat(peer.version()).isEqualTo("1.0");
            assertThat(timer.stepNs(1)).isEqualTo(1_000_000);
            assertThat(timer.stepNs(8)).isEqualTo(8_000_000);
        }
    }

    @Test
    void shouldAnswerPromptsInBothModes() {
        try (PeerProcess peer = PeerProcess.start(FakePeer.command("prompts"), ARGUMENTS)) {
            PromptRun plain = new PeerContender(peer, "plain", 16).run(CASE);
            PromptRun lookup = new PeerContender(peer, "lookup", 16).run(CASE);

            assertThat(plain.ids()).startsWith(42, 1, 2).hasSize(10);
            assertThat(plain.firstTokenNs()).isEqualTo(5_000_000);
            assertThat(plain.tokensPerSecond()).isEqualTo(1000);
            assertThat(lookup.tokensPerSecond()).isEqualTo(2000);
        }
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource({
        "silent-end, ended with status 3 (its last words: model file has a bad magic)",
        "no-name, said no name in its first line",
        "no-json, 'answered \"hello\", expected JSON'"
    })
    void shouldSayInOneLineWhyAPeerDidNotStart(String script, String why) {
        assertThatThrownBy(() -> PeerProcess.start(FakePeer.command(script), ARGUMENTS))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining(why)
                .message()
                .doesNotContain("\n");
    }

    @Test
    void shouldRefuseAProgramThatIsNotThere() {
        assertThatThrownBy(() -> PeerProcess.start("/no/such/program", List.of()))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("--peer-command \"/no/such/program\" cannot be started");
    }

    @Test
    void shouldRefuseNonsenseAndASuddenEnd() {
        try (PeerProcess peer = PeerProcess.start(FakePeer.command("nonsense"), ARGUMENTS)) {
            assertThatThrownBy(() -> new PeerTimer(peer).stepNs(1))
                    .hasMessageContaining("expected one time in nanoseconds");
            assertThatThrownBy(() -> new PeerContender(peer, "plain", 2).run(CASE))
                    .hasMessageContaining("expected JSON");
        }
        try (PeerProcess peer = PeerProcess.start(FakePeer.command("dies"), ARGUMENTS)) {
            assertThatThrownBy(() -> new PeerTimer(peer).stepNs(1)).hasMessageContaining("ended");
        }
    }

    @Test
    void shouldNotWaitForEver() {
        try (PeerProcess peer =
                PeerProcess.start("sh -c 'echo \"{\\\"name\\\":\\\"s\\\"}\"; cat >/dev/null' --", List.of())) {
            assertThatThrownBy(() -> peer.ask("1", Duration.ofMillis(50)))
                    .hasMessageContaining("did not answer within 0 s");
        } catch (InvalidInputException e) {
            assertThat(e).hasMessageContaining("cannot be started"); // no shell on this system
        }
    }

    @Test
    void shouldSplitCommandsAtBlanksOutsideQuotes() {
        assertThat(PeerCommand.words("python3  'a b/step.py' --x \"c d\""))
                .containsExactly("python3", "a b/step.py", "--x", "c d");
        assertThat(PeerCommand.words("p ''")).containsExactly("p", "");
        assertThatThrownBy(() -> PeerCommand.words("p 'a")).hasMessageContaining("quote that is not closed");
        assertThatThrownBy(() -> PeerCommand.words("  ")).hasMessageContaining("is empty");
    }
}
