package dev.foretoken.drafters;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.foretoken.drafters.testing.RandomDrafter;
import dev.foretoken.engine.draft.DraftEnvironment;
import dev.foretoken.engine.draft.Drafter;
import dev.foretoken.engine.draft.DrafterFactory;
import dev.foretoken.engine.error.InvalidInputException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DraftersTest {
    private static final DrafterFactory MODEL = new DrafterFactory() {
        @Override
        public String name() {
            return "model";
        }

        @Override
        public Drafter create(DraftEnvironment environment) {
            return new RandomDrafter(1);
        }
    };

    @Test
    void shouldReadNamesInTheirOrder() {
        assertThat(names("recycling, ngram", null)).containsExactly("recycling", "ngram");
        assertThat(names("model,ngram", MODEL)).containsExactly("model", "ngram");
    }

    @Test
    void shouldReadNoneAndAuto() {
        assertThat(names("none", MODEL)).isEmpty();
        assertThat(names("auto", null)).containsExactly("ngram", "recycling");
        assertThat(names("auto", MODEL)).containsExactly("ngram", "recycling", "model");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "medusa | drafter \"medusa\" is unknown, expected a comma-separated list of: ngram, recycling, model,"
                        + " none, auto",
                "ngram,ngram | drafter \"ngram\" is named twice in \"ngram,ngram\": name each once",
                "ngram,none | drafters are \"ngram,none\": \"none\" stands alone and cannot be combined with others",
                "model | drafter \"model\" needs a draft model: name its GGUF file with --draft-model FILE",
                "'' | drafter \"\" is unknown, expected a comma-separated list of: ngram, recycling, model, none, auto",
                "ngram, | drafter \"\" is unknown, expected a comma-separated list of: ngram, recycling, model, none,"
                        + " auto"
            })
    void shouldSayWhatIsWrongWithAList(String list, String message) {
        assertThatThrownBy(() -> Drafters.parse(list, null))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage(message);
    }

    private static List<String> names(String list, DrafterFactory model) {
        return Drafters.parse(list, model).stream().map(DrafterFactory::name).toList();
    }
}
