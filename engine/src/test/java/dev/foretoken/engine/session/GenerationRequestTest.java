package dev.foretoken.engine.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.foretoken.engine.error.InvalidInputException;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class GenerationRequestTest {
    private static final GenerationRequest REQUEST = GenerationRequest.raw("p");

    @Test
    void shouldTakeAsManyStopStringsAndCharactersAsItSays() {
        List<String> many = Collections.nCopies(64, "x".repeat(1024));

        assertThat(REQUEST.stop(many).stop()).hasSize(64);
    }

    @Test
    void shouldRefuseTooManyOrTooLongStopStrings() {
        assertRefused(
                Collections.nCopies(65, "x"), "number of stop strings is 65, expected at most 64: leave some out");
        assertRefused(
                List.of("x".repeat(1 << 15), "y".repeat((1 << 15) + 1)),
                "length of all stop strings is 65537, expected at most 65536 characters: shorten them");
    }

    @Test
    void shouldRefuseHalfASurrogatePairInAStopString() {
        assertRefused(
                List.of("x\uD83D"),
                "a stop string holds half of a surrogate pair, expected whole Unicode characters; repair it");
        assertThat(REQUEST.stop(List.of("\uD83D\uDC4D")).stop()).hasSize(1);
    }

    private static void assertRefused(List<String> stop, String message) {
        assertThatExceptionOfType(InvalidInputException.class)
                .isThrownBy(() -> REQUEST.stop(stop))
                .withMessage(message);
    }
}
