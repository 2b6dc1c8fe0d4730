package dev.foretoken.engine.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.foretoken.engine.gguf.GgufFile;
import dev.foretoken.engine.testing.Goldens;
import java.nio.file.Path;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Tokenisations made by other implementations than ours. */
class GoldenTokenizerTest {
    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "tokenizer-random-llama.jsonl, random-llama-q8_0.gguf",
        "tokenizer-random-llama3.jsonl, random-llama3-f16.gguf",
        "tokenizer-random-qwen2.jsonl, random-qwen2-f16.gguf",
        "tokenizer-random-smollm.jsonl, random-smollm-f16.gguf",
        "tokenizer-random-spm.jsonl, random-spm-f16.gguf",
        "random-texts-random-spm.jsonl, random-spm-f16.gguf",
        "random-texts-random-llama.jsonl, random-llama-q8_0.gguf",
        "random-texts-random-llama3.jsonl, random-llama3-f16.gguf",
        "random-texts-random-qwen2.jsonl, random-qwen2-f16.gguf",
        "random-texts-random-smollm.jsonl, random-smollm-f16.gguf"
    })
    void shouldMatchTheReferenceImplementations(String vectors, String model) {
        shouldMatch(vectors, Goldens.model(model));
    }

    @ParameterizedTest
    @ValueSource(strings = {"tokenizer-smollm2.jsonl", "random-texts-smollm2.jsonl"})
    void shouldMatchTheReferenceImplementationsOnARealVocabulary(String vectors) {
        shouldMatch(vectors, Goldens.largeModel("smollm2-135m-instruct-q4_1.gguf"));
    }

    private static void shouldMatch(String vectors, Path model) {
        try (GgufFile file = GgufFile.open(model)) {
            Tokenizer tokenizer = Tokenizers.from(file.metadata());
            SoftAssertions softly = new SoftAssertions();
            for (JsonNode line : Goldens.lines(vectors)) {
                int[] ids = tokenizer.encode(
                        line.get("text").asString(), line.get("parse_special").asBoolean());
                softly.assertThat(ids).as(line.get("text").asString()).isEqualTo(Goldens.ints(line.get("ids")));
            }
            softly.assertAll();
            assertThat(Goldens.lines(vectors)).hasSizeGreaterThan(30);
        }
    }
}
