package dev.foretoken.engine.sampling;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SeededChoiceTest {
    private static final TokenCounts NO_COUNTS = new TokenCounts(0, 0);

    @ParameterizedTest(name = "{displayName} seed={0} V={1}")
    @CsvSource({"1,1", "2,2", "3,7", "4,33", "5,257", "6,1000", "7,3001", "8,5000"})
    void shouldChooseWhatTheRuleWithoutShortcutsChooses(long seed, int vocabularySize) {
        SplittableRandom random = new SplittableRandom(seed);
        SeededChoice choice = new SeededChoice(vocabularySize);
        int cases = Math.max(300, 300_000 / vocabularySize / 4);
        for (int i = 0; i < Math.min(cases, 4000); i++) {
            float[] logits = logits(random, vocabularySize);
            SamplingParameters parameters = parameters(random, vocabularySize);
            List<Integer> prompt = tokens(random, vocabularySize);
            List<Integer> output = tokens(random, vocabularySize);
            int position = random.nextInt(100_000);

            int chosen = choice.choose(logits, 0, parameters, counts(prompt, output), position);

            assertThat(chosen)
                    .as("seed=%d case=%d %s", seed, i, parameters)
                    .isEqualTo(ReferenceChoice.choose(logits, parameters, prompt, output, position));
        }
    }

    @ParameterizedTest(name = "{displayName} seed={0}")
    @ValueSource(longs = {11, 12, 13})
    void shouldRankLikeRepeatedChoicesWithTheWinnersTakenOut(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int vocabularySize = 300;
        SeededChoice choice = new SeededChoice(vocabularySize);
        int[] ids = new int[5];
        double[] keys = new double[5];
        for (int i = 0; i < 200; i++) {
            float[] logits = logits(random, vocabularySize);
            SamplingParameters parameters = parameters(random, vocabularySize);
            List<Integer> prompt = tokens(random, vocabularySize);
            int found = choice.chooseTop(logits, 0, parameters, counts(prompt, prompt), i, ids, keys);

            double[] l = ReferenceChoice.adjusted(logits, parameters, prompt, prompt);
            if (!parameters.isGreedy()) {
                for (int id = 0; id < l.length; id++) {
                    l[id] /= parameters.temperature();
                }
            }
            List<Integer> kept = parameters.isGreedy() ? null : ReferenceChoice.kept(l, parameters);
            List<Integer> expected = new ArrayList<>();
            for (int id = 0; id < vocabularySize; id++) {
                if ((kept == null || kept.contains(id)) && l[id] > Double.NEGATIVE_INFINITY) {
                    expected.add(id);
                    l[id] += kept == null ? 0 : ReferenceChoice.noise(parameters.seed(), i, id);
                }
            }
            expected.sort((a, b) -> l[a] != l[b] ? Double.compare(l[b], l[a]) : a - b);
            assertThat(found).as("%s", parameters).isEqualTo(Math.min(5, expected.size()));
            for (int rank = 0; rank < found; rank++) {
                assertThat(ids[rank]).as("rank %d of %s", rank, parameters).isEqualTo(expected.get(rank));
                assertThat(keys[rank]).isEqualTo(l[expected.get(rank)]);
            }
        }
    }

    @Test
    void shouldFindTheTopPBorderOfALargeVocabularyWithoutTheExactSum() {
        int vocabularySize = 50_000;
        SplittableRandom random = new SplittableRandom(99);
        TokenFilter filter = new TokenFilter(vocabularySize);
        AdjustedLogits row = new AdjustedLogits(vocabularySize);
        int rows = 40;
        for (int i = 0; i < rows; i++) {
            float[] logits = gaussian(random, vocabularySize, 1 + i * 0.2);
            SamplingParameters parameters = with(0.8, 0, 0.5 + 0.012 * i, 0, 7);
            row.load(logits, 0, parameters, NO_COUNTS);
            filter.find(row, parameters);

            int kept = 0;
            double[] l = new double[vocabularySize];
            for (int id = 0; id < vocabularySize; id++) {
                l[id] = logits[id] / 0.8;
                kept += filter.keeps(l[id], id) ? 1 : 0;
            }
            assertThat(kept)
                    .as("row %d", i)
                    .isEqualTo(ReferenceChoice.kept(l, parameters).size());
        }
        assertThat(filter.exactSums()).as("of %d rows", rows).isLessThan(3);
    }

    @Test
    void shouldTakeTheLowestIdAmongEqualsAtTemperatureZero() {
        assertThat(new SeededChoice(4).choose(new float[] {1, 3, 3, 2}, 0, SamplingParameters.GREEDY, NO_COUNTS, 5))
                .isEqualTo(1);
    }

    @Test
    void shouldReadTheRowAtItsOffset() {
        assertThat(new SeededChoice(2).choose(new float[] {9, 0, 1, 5}, 2, SamplingParameters.GREEDY, NO_COUNTS, 5))
                .isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 0.7})
    void shouldRefuseBrokenLogits(double temperature) {
        SamplingParameters parameters = with(temperature, 0, 0.9, 0, 1);
        SeededChoice choice = new SeededChoice(3);
        float infinity = Float.POSITIVE_INFINITY;

        assertThat(choice.choose(new float[] {1, Float.NaN, 0}, 0, parameters, NO_COUNTS, 1))
                .isEqualTo(SeededChoice.NOT_A_NUMBER);
        assertThat(choice.choose(new float[] {Float.NaN, -infinity, -infinity}, 0, parameters, NO_COUNTS, 1))
                .isEqualTo(SeededChoice.NOT_A_NUMBER);
        assertThat(choice.choose(new float[] {1, 0, infinity}, 0, parameters, NO_COUNTS, 1))
                .isEqualTo(SeededChoice.NOT_A_NUMBER);
        assertThat(choice.choose(new float[] {-infinity, -infinity, -infinity}, 0, parameters, NO_COUNTS, 1))
                .isEqualTo(SeededChoice.NOTHING_POSSIBLE);
    }

    @Test
    void shouldNeverChooseAnImpossibleToken() {
        SeededChoice choice = new SeededChoice(3);
        float never = Float.NEGATIVE_INFINITY;
        for (int position = 0; position < 500; position++) {
            assertThat(choice.choose(new float[] {never, -50, never}, 0, with(100, 0, 1, 0, 3), NO_COUNTS, position))
                    .isEqualTo(1);
        }
    }

    @Test
    void shouldDependOnSeedAndPositionOnly() {
        float[] logits = gaussian(new SplittableRandom(4), 100, 1);
        SeededChoice choice = new SeededChoice(100);
        SeededChoice other = new SeededChoice(100);
        int sameAsNextSeed = 0;
        for (int position = 0; position < 400; position++) {
            int chosen = choice.choose(logits, 0, with(1, 0, 1, 0, -1L), NO_COUNTS, position);
            other.choose(logits, 0, with(1, 7, 0.3, 0, 5), NO_COUNTS, 3 * position + 1);
            assertThat(other.choose(logits, 0, with(1, 0, 1, 0, -1L), NO_COUNTS, position))
                    .isEqualTo(chosen);
            sameAsNextSeed += chosen == choice.choose(logits, 0, with(1, 0, 1, 0, -2L), NO_COUNTS, position) ? 1 : 0;
        }
        assertThat(sameAsNextSeed).isLessThan(100);
    }

    @Test
    void shouldUseTheHighHalfOfTheSeed() {
        float[] logits = new float[100];
        SeededChoice choice = new SeededChoice(100);
        int same = 0;
        for (int position = 0; position < 100; position++) {
            same += choice.choose(logits, 0, with(1, 0, 1, 0, 1), NO_COUNTS, position)
                            == choice.choose(logits, 0, with(1, 0, 1, 0, 1 | 1L << 40), NO_COUNTS, position)
                    ? 1
                    : 0;
        }
        assertThat(same).isLessThan(20);
    }

    @Test
    void shouldAllocateNothingPerChoice() {
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        SplittableRandom random = new SplittableRandom(5);
        int vocabularySize = 20_000;
        float[] logits = gaussian(random, vocabularySize, 3);
        SeededChoice choice = new SeededChoice(vocabularySize);
        SamplingParameters parameters =
                new SamplingParameters(0.9, 5000, 0.95, 0.001, 1.1, 0.2, 0.1, Map.of(5, 2.0, 7, -1.0), 42);
        TokenCounts counts = counts(List.of(1, 2, 3), List.of(3, 4));
        choice.choose(logits, 0, parameters, counts, 0);
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int position = 0; position < 50; position++) {
            choice.choose(logits, 0, parameters, counts, position);
            counts.pushPath(position);
        }
        long after = threads.getCurrentThreadAllocatedBytes();

        assertThat(after - before).as("bytes of 50 choices").isLessThan(512);
    }

    static SamplingParameters with(double temperature, int topK, double topP, double minP, long seed) {
        return new SamplingParameters(temperature, topK, topP, minP, 1, 0, 0, Map.of(), seed);
    }

    static TokenCounts counts(List<Integer> prompt, List<Integer> output) {
        TokenCounts counts = new TokenCounts(prompt.size() + output.size(), 64);
        prompt.forEach(counts::addPrompt);
        output.forEach(counts::addOutput);
        return counts;
    }

    private static float[] gaussian(SplittableRandom random, int count, double spread) {
        float[] logits = new float[count];
        for (int i = 0; i < count; i++) {
            logits[i] = (float) (random.nextGaussian() * spread);
        }
        return logits;
    }

    private static float[] logits(SplittableRandom random, int count) {
        float[] logits = gaussian(random, count, Math.pow(10, random.nextDouble() * 3 - 1));
        int kind = random.nextInt(6);
        for (int i = 0; i < count; i++) {
            switch (kind) {
                case 0 -> logits[i] = Math.round(logits[i]); // many ties
                case 1 -> logits[i] = random.nextInt(3) == 0 ? Float.NEGATIVE_INFINITY : logits[i];
                case 2 -> logits[i] = random.nextInt(50) == 0 ? logits[i] + 20 : logits[i];
                case 3 -> logits[i] = random.nextInt(20) == 0 ? -0.0f : 0;
                default -> {}
            }
        }
        if (kind == 1) {
            logits[random.nextInt(count)] = 1;
        }
        return logits;
    }

    private static SamplingParameters parameters(SplittableRandom random, int vocabularySize) {
        Map<Integer, Double> bias = new HashMap<>();
        if (random.nextInt(3) == 0) {
            for (int i = random.nextInt(5); i >= 0; i--) {
                bias.put(random.nextInt(vocabularySize), pick(random, -1e6, -3, 0.5, 4, 100));
            }
        }
        boolean penalties = random.nextBoolean();
        return new SamplingParameters(
                pick(random, 0, 0.001, 0.1, 0.7, 0.8, 1, 1.2, 3, 100),
                (int) pick(random, 0, 0, 1, 2, 5, 40, vocabularySize / 2, vocabularySize, vocabularySize + 1, 2500),
                pick(random, 1, 1, 0.95, 0.9, 0.5, 0.999999, Math.nextDown(1.0), 0.01, 1e-9),
                pick(random, 0, 0, 0.05, 0.5, 1, 1e-12, 1e-30),
                penalties ? pick(random, 1, 1.1, 0.5, 100) : 1,
                penalties ? pick(random, 0, 0.5, -2, 100) : 0,
                penalties ? pick(random, 0, 0.3, -1, 10) : 0,
                bias,
                random.nextLong());
    }

    private static double pick(SplittableRandom random, double... values) {
        return values[random.nextInt(values.length)];
    }

    private static List<Integer> tokens(SplittableRandom random, int vocabularySize) {
        List<Integer> tokens = new ArrayList<>();
        for (int i = random.nextInt(20); i > 0; i--) {
            tokens.add(random.nextInt(vocabularySize));
        }
        return tokens;
    }
}
