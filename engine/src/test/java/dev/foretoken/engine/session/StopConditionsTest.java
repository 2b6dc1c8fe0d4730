package dev.foretoken.engine.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.foretoken.engine.error.InvalidInputException;
import dev.foretoken.engine.testing.TestVocabulary;
import dev.foretoken.engine.tokenizer.StreamingDetokenizer;
import dev.foretoken.engine.verify.StepVerdict;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StopConditionsTest {
    private static final String[] TEXTS = {"a", "b", "c", "ab", "#", "x#y", "d"};
    private static final TestVocabulary VOCABULARY = TestVocabulary.ofTexts(TEXTS);
    private static final int CONTEXT = 1000;

    /** Tokens are written as their texts, END is the end token; | separates steps. */
    @ParameterizedTest(name = "{0}, stop {1}, at most {2}: {3} tokens, {4}, \"{5}\"")
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '\'',
            value = {
                // nothing ends
                "a b c; #; 9; 3; ; abc",
                // end token inside an accepted run: nothing after it stays
                "a END b c; #; 9; 2; STOP; a",
                "END; #; 9; 1; STOP; ''",
                // stop string inside a run; its token stays, its text does not
                "a # b c; #; 9; 2; STOP; a",
                "a x#y b; #; 9; 2; STOP; ax",
                "a b c; bc; 9; 3; STOP; a",
                "a b | c d; bc; 9; 3; STOP; a",
                // length cap inside a run
                "a b c d; #; 2; 2; LENGTH; ab",
                "a b | c d; #; 3; 3; LENGTH; abc",
                // both at the same token: an answer that ends by itself is not cut off
                "a END b; #; 2; 2; STOP; a",
                "a # b; #; 2; 2; STOP; a",
                "a b c d; bc; 3; 3; STOP; a",
                "a x#y b; #; 2; 2; STOP; ax",
                // one before the other: the first wins
                "a b END; #; 2; 2; LENGTH; ab",
                "a END #; #; 9; 2; STOP; a",
                "a # END; #; 9; 2; STOP; a",
                "a b #; #; 2; 2; LENGTH; ab",
                // a partial stop string is released when the answer ends otherwise
                "a b END; bc; 9; 3; STOP; ab",
                "a b | END; bc; 9; 3; STOP; ab",
                "a b c d; bcd; 3; 3; LENGTH; abc",
                // held back while the answer goes on
                "a b; bc; 9; 2; ; a",
            })
    void shouldLetTheFirstEventInOrderWin(
            String run, String stop, int maxTokens, int kept, @Nullable FinishReason finish, String text) {
        Ended ended = run(request(maxTokens, stop), 1, CONTEXT, run);

        assertThat(ended.tokens).hasSize(kept);
        assertThat(ended.finish).isEqualTo(finish);
        assertThat(ended.text).isEqualTo(text);
    }

    @Test
    void shouldEndWhenPromptAndAnswerFillTheContext() {
        Ended ended = run(request(100), 6, 8, "a b c d");

        assertThat(ended.tokens).containsExactly(1, 2);
        assertThat(ended.finish).isEqualTo(FinishReason.LENGTH);
        assertThat(ended.text).isEqualTo("ab");
    }

    @Test
    void shouldPreferAnEndTokenToAFullContext() {
        assertThat(run(request(100), 6, 8, "a END").finish).isEqualTo(FinishReason.STOP);
        assertThat(run(request(100), 6, 8, "a b END").finish).isEqualTo(FinishReason.LENGTH);
    }

    @Test
    void shouldRefuseAPromptThatLeavesNoRoom() {
        assertThatThrownBy(() -> StopConditions.of(request(1), VOCABULARY, 8, 8))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("the prompt has 8 tokens, expected fewer than the 8 of the context: shorten it or raise the"
                        + " context size");
    }

    @Test
    void shouldTellForEveryTokenHowMuchTextItReleases() {
        StopConditions conditions = StopConditions.of(request(9, "bcd"), VOCABULARY, 1, CONTEXT);
        int[] released = new int[StepVerdict.EMITTED_MAX];

        assertThat(conditions.apply(verdict("a b c a"))).isNull();
        conditions.releasedBytes(released);
        assertThat(Arrays.copyOf(released, 4)).containsExactly(1, 1, 1, 4);

        assertThat(conditions.apply(verdict("b"))).isNull();
        conditions.releasedBytes(released);
        assertThat(released[0]).isEqualTo(4);
    }

    @Test
    void shouldGiveTheSameAnswerHoweverTheTokensAreCutIntoSteps() {
        String[] tokens = "a b a ab c d x#y END a".split(" ");
        for (List<String> stop : List.of(List.<String>of(), List.of("#"), List.of("abc", "dx"), List.of("bab"))) {
            for (int maxTokens = 1; maxTokens <= tokens.length + 1; maxTokens++) {
                GenerationRequest request = request(maxTokens).stop(stop);
                Ended whole = run(request, 1, CONTEXT, String.join(" ", tokens));
                for (int cuts = 0; cuts < 1 << tokens.length - 1; cuts++) {
                    assertThat(run(request, 1, CONTEXT, cut(tokens, cuts)))
                            .as(cut(tokens, cuts))
                            .isEqualTo(whole);
                }
            }
        }
    }

    private static String cut(String[] tokens, int cuts) {
        StringBuilder run = new StringBuilder(tokens[0]);
        for (int i = 1; i < tokens.length; i++) {
            run.append((cuts >> i - 1 & 1) != 0 ? " | " : " ").append(tokens[i]);
        }
        return run.toString();
    }

    private static GenerationRequest request(int maxTokens, String... stop) {
        return GenerationRequest.raw("p").maxTokens(maxTokens).stop(List.of(stop));
    }

    private record Ended(List<Integer> tokens, @Nullable FinishReason finish, String text) {}

    /** Plays steps until one ends the session; the text is what was released. */
    private static Ended run(GenerationRequest request, int promptTokens, int contextTokens, String steps) {
        StopConditions conditions = StopConditions.of(request, VOCABULARY, promptTokens, contextTokens);
        StreamingDetokenizer detokenizer = new StreamingDetokenizer(VOCABULARY);
        List<Integer> tokens = new ArrayList<>();
        StringBuilder text = new StringBuilder();
        FinishReason finish = null;
        int[] released = new int[StepVerdict.EMITTED_MAX];
        for (String step : steps.split(" \\| ")) {
            if (finish == null) {
                StepVerdict verdict = verdict(step);
                finish = conditions.apply(verdict);
                conditions.releasedBytes(released);
                for (int i = 0; i < verdict.emittedCount(); i++) {
                    tokens.add(verdict.emittedToken(i));
                    detokenizer.append(verdict.emittedToken(i));
                    text.append(detokenizer.releaseTo(released[i]));
                }
            }
        }
        return new Ended(tokens, finish, text.toString());
    }

    private static StepVerdict verdict(String step) {
        StepVerdict verdict = new StepVerdict();
        verdict.restart(0, 1, 0);
        String[] texts = step.split(" ");
        for (int i = 0; i < texts.length; i++) {
            int token = texts[i].equals("END")
                    ? TestVocabulary.END
                    : Arrays.asList(TEXTS).indexOf(texts[i]) + 1;
            assertThat(token).isBetween(0, TEXTS.length);
            verdict.emit(token, 0, 0);
            if (i + 1 < texts.length) {
                verdict.acceptNode(i + 1);
            }
        }
        return verdict;
    }
}
