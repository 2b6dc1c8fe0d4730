package dev.foretoken.engine.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.foretoken.engine.testing.Goldens;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

class GoldenLogitsTest {
    /** What the golden file allows: its reference computes in double. */
    private static final float LOGIT_TOLERANCE = 2e-3f;
    /** Below this margin float32 may choose another token. */
    private static final double MARGIN_MIN = 0.02;

    static Stream<String> models() {
        return Goldens.lines("logits-random.jsonl").stream()
                .map(line -> line.get("model").asString())
                .distinct();
    }

    @Test
    void shouldCoverEveryWeightTypeAndArchitecture() {
        assertThat(models()).hasSize(15);
    }

    @ParameterizedTest
    @MethodSource("models")
    void shouldMatchTheLogitsOfAnotherImplementation(String name) {
        LanguageModel model = LoadedModels.random(name);
        for (JsonNode line : Goldens.lines("logits-random.jsonl")) {
            if (line.get("model").asString().equals(name)) {
                assertLogits(model, line);
                assertGreedy(model, line);
            }
        }
    }

    @Test
    void shouldContinueTextAsTheTinyModelDoes() {
        assertGreedy("tiny-java-target-q8_0.gguf", "greedy-tiny.jsonl");
    }

    @Test
    void shouldContinueTextAndChatAsSmolLm2Does() {
        assertGreedy("smollm2-135m-instruct-q4_1.gguf", "greedy-smollm2.jsonl");
    }

    private static void assertGreedy(String modelName, String lines) {
        LanguageModel model = LoadedModels.load(Goldens.largeModel(modelName));
        List<JsonNode> cases = Goldens.lines(lines);
        assertThat(cases).isNotEmpty();
        cases.forEach(line -> assertGreedy(model, line));
    }

    private static void assertLogits(LanguageModel model, JsonNode line) {
        int[] prompt = Goldens.ints(line.get("prompt_ids"));
        int[] at = Goldens.ints(line.get("logits_at"));
        int checked = 0;
        try (PlainDecoder decoder = new PlainDecoder(model, prompt.length)) {
            for (int position = 0; position < prompt.length; position++) {
                float[] logits = decoder.next(prompt[position]);
                for (int i = 0; i < at.length; i++) {
                    if (at[i] == position) {
                        assertClose(logits, line.get("logits").get(i), line.get("model") + " position " + position);
                        checked++;
                    }
                }
            }
        }
        assertThat(checked).isEqualTo(at.length);
    }

    private static void assertClose(float[] logits, JsonNode expected, String what) {
        assertThat(logits).hasSize(expected.size());
        for (int id = 0; id < logits.length; id++) {
            assertThat(logits[id])
                    .as("%s logit %d", what, id)
                    .isCloseTo((float) expected.get(id).asDouble(), within(LOGIT_TOLERANCE));
        }
    }

    private static void assertGreedy(LanguageModel model, JsonNode line) {
        int[] prompt = Goldens.ints(line.get("prompt_ids"));
        int[] ids = Goldens.ints(line.get("ids"));
        try (PlainDecoder decoder = new PlainDecoder(model, prompt.length + ids.length)) {
            float[] logits = {};
            for (int token : prompt) {
                logits = decoder.next(token);
            }
            for (int i = 0; i < ids.length && line.get("margin").get(i).asDouble() >= MARGIN_MIN; i++) {
                assertThat(PlainDecoder.argmax(logits))
                        .as("token %d after %s", i, line.get("prompt_ids"))
                        .isEqualTo(ids[i]);
                logits = decoder.next(ids[i]);
            }
        }
    }
}
