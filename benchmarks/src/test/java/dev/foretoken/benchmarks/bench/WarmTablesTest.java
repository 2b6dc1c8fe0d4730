package dev.foretoken.benchmarks.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.foretoken.drafters.recycling.WarmStart;
import dev.foretoken.transport.stream.GeneratedToken;
import dev.foretoken.transport.stream.GeneratedToken.TokenLogprob;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class WarmTablesTest {
    private final WarmTables tables = new WarmTables();

    /** A token whose row's best ids begin here. */
    private static GeneratedToken token(int id, int bestFrom, int alternatives) {
        List<TokenLogprob> top = IntStream.range(bestFrom, bestFrom + alternatives)
                .mapToObj(best -> new TokenLogprob(best, -1))
                .toList();
        return new GeneratedToken(id, "", 0, null, List.of(), -1.0, top);
    }

    private static WarmStart table(int[] tokens, int... bestFrom) {
        return new WarmStart(
                tokens,
                IntStream.of(bestFrom)
                        .flatMap(first -> IntStream.range(first, first + 8))
                        .toArray());
    }

    private void assertTable(String without, WarmStart expected) {
        assertThat(tables.without(without).fingerprint()).isEqualTo(expected.fingerprint());
    }

    @Test
    void shouldKnowWhatEveryOtherQuestionTaughtAndNothingOfItsOwn() {
        tables.learn("a", 5, List.of(token(9, 100, 8), token(5, 200, 8)));
        tables.learn("b", 5, List.of(token(7, 300, 8)));

        assertTable("a", table(new int[] {5}, 300));
        assertTable("b", table(new int[] {5, 9}, 100, 200));
        assertTable("c", table(new int[] {5, 9}, 300, 200));
    }

    @Test
    void shouldLeaveAllTurnsOfTheQuestionOut() {
        tables.learn("a", 1, List.of(token(2, 100, 8)));
        tables.learn("a", 1, List.of(token(3, 200, 8)));

        assertTable("a", WarmStart.EMPTY);
        assertTable("b", table(new int[] {1}, 200));
    }

    @Test
    void shouldLearnAgainAfterATableWasMade() {
        assertTable("a", WarmStart.EMPTY);

        tables.learn("b", 1, List.of(token(2, 100, 8), token(3, 200, 7)));

        assertTable("a", table(new int[] {1}, 100));
    }
}
