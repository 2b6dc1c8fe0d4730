package dev.foretoken.engine.sampling;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenCountsTest {
    @Test
    void shouldCountPromptTokensAsSeenButNotAsOutput() {
        TokenCounts counts = new TokenCounts(4, 4);
        counts.addPrompt(7);
        counts.addPrompt(7);
        counts.addOutput(9);

        assertThat(contents(counts)).isEqualTo(Map.of(7, 0, 9, 1));
    }

    @ParameterizedTest(name = "{displayName} seed={0}")
    @ValueSource(longs = {1, 2, 3, 4})
    void shouldForgetAPathCompletely(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int tokensMax = 300;
        TokenCounts counts = new TokenCounts(tokensMax, 8);
        Map<Integer, Integer> committed = new HashMap<>();
        for (int i = 0; i < tokensMax; i++) {
            int token = random.nextInt(200) * 64;
            if (i < 100) {
                counts.addPrompt(token);
                committed.putIfAbsent(token, 0);
            } else {
                counts.addOutput(token);
                committed.merge(token, 1, Integer::sum);
            }
            Map<Integer, Integer> withPath = new HashMap<>(committed);
            ArrayDeque<Integer> path = new ArrayDeque<>();
            for (int step = 0; step < 20; step++) {
                if (path.size() < 8 && (path.isEmpty() || random.nextInt(3) > 0)) {
                    int pushed = random.nextInt(200) * 64;
                    counts.pushPath(pushed);
                    path.push(pushed);
                    withPath.merge(pushed, 1, Integer::sum);
                } else {
                    counts.popPath();
                    int popped = path.pop();
                    withPath.merge(popped, -1, Integer::sum);
                    if (withPath.get(popped) == 0 && !committed.containsKey(popped)) {
                        withPath.remove(popped);
                    }
                }
                assertThat(contents(counts)).isEqualTo(withPath);
            }
            counts.clearPath();
            assertThat(contents(counts)).isEqualTo(committed);
        }
    }

    private static Map<Integer, Integer> contents(TokenCounts counts) {
        Map<Integer, Integer> contents = new HashMap<>();
        for (int i = 0; i < counts.distinctCount(); i++) {
            assertThat(contents.put(counts.distinctId(i), counts.outputCount(i)))
                    .isNull();
        }
        return contents;
    }
}
