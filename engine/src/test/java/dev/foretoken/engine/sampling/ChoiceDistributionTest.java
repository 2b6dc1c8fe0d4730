package dev.foretoken.engine.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Over many seeds the choice follows the target's distribution: the joint law of the first two tokens of a made-up target,
 * whose logits depend on the token before, is compared with the product of its conditional probabilities.
 */
class ChoiceDistributionTest {
    private static final int VOCABULARY_SIZE = 10;
    private static final int RUNS = 200_000;
    private static final double SUSPICIOUS = 1e-4;
    private static final List<Integer> PROMPT = List.of(3, 3, 8);

    private static final float[][] LOGITS = logits();

    /** Chooses a token: how the rule, or a wrong one, would. */
    private interface Rule {
        int choose(float[] logits, SamplingParameters parameters, TokenCounts counts, int position);
    }

    static List<SamplingParameters> settings() {
        return List.of(
                parameters(1, 0, 1, 0, 1, 0, 0, Map.of()),
                parameters(0.7, 0, 1, 0, 1, 0, 0, Map.of()),
                parameters(1.3, 4, 1, 0, 1, 0, 0, Map.of()),
                parameters(1, 0, 0.8, 0, 1, 0, 0, Map.of()),
                parameters(1.2, 0, 1, 0.1, 1, 0, 0, Map.of()),
                parameters(0.9, 7, 0.9, 0.02, 1, 0, 0, Map.of(1, 1.5, 5, -2.0)),
                parameters(1, 0, 1, 0, 1.4, 0, 0, Map.of()),
                parameters(1.1, 0, 0.95, 0, 1.2, 0.6, 0.4, Map.of(0, -100.0)));
    }

    @ParameterizedTest
    @MethodSource("settings")
    void shouldFollowTheTargetsJointDistribution(SamplingParameters parameters) {
        SeededChoice choice = new SeededChoice(VOCABULARY_SIZE);
        Rule rule = (logits, sampling, counts, position) -> choice.choose(logits, 0, sampling, counts, position);

        double pValue = pValue(rule, parameters, 1L << 33);
        if (pValue <= SUSPICIOUS) {
            pValue = pValue(rule, parameters, 77);
        }
        assertThat(pValue)
                .as("p-value; suspicious on one family of seeds, so of another")
                .isGreaterThan(SUSPICIOUS);
    }

    @Test
    void shouldCatchNoiseThatIsSharedByAllPositions() {
        SeededChoice choice = new SeededChoice(VOCABULARY_SIZE);
        Rule wrong = (logits, sampling, counts, position) -> choice.choose(logits, 0, sampling, counts, 5);

        assertThat(pValue(wrong, settings().getFirst(), 77)).isLessThan(SUSPICIOUS);
    }

    @Test
    void shouldCatchFiltersThatAreLeftOut() {
        SeededChoice choice = new SeededChoice(VOCABULARY_SIZE);
        Rule wrong = (logits, sampling, counts, position) ->
                choice.choose(logits, 0, seeded(settings().getFirst(), sampling.seed()), counts, position);

        assertThat(pValue(wrong, settings().get(3), 77)).isLessThan(SUSPICIOUS);
    }

    @Test
    void shouldCatchPenaltiesThatForgetThePath() {
        SeededChoice choice = new SeededChoice(VOCABULARY_SIZE);
        TokenCounts promptOnly = new TokenCounts(PROMPT.size(), 0);
        PROMPT.forEach(promptOnly::addPrompt);
        Rule wrong = (logits, sampling, counts, position) -> choice.choose(logits, 0, sampling, promptOnly, position);

        assertThat(pValue(wrong, settings().get(7), 77)).isLessThan(SUSPICIOUS);
    }

    @Test
    void shouldAgreeWithADrafterThatSharesTheNoiseAsOftenAsTheoryTells() {
        float[] target = logOf(0.5, 0.3, 0.2);
        float[] drafter = logOf(0.2, 0.5, 0.3);
        SeededChoice choice = new SeededChoice(3);
        SamplingParameters parameters = parameters(1, 0, 1, 0, 1, 0, 0, Map.of());
        TokenCounts counts = new TokenCounts(0, 0);
        int[] children = new int[2];
        double[] keys = new double[2];
        int first = 0;
        int either = 0;
        for (int position = 0; position < RUNS; position++) {
            int chosen = choice.choose(target, 0, parameters, counts, position);
            choice.chooseTop(drafter, 0, parameters, counts, position, children, keys);
            first += children[0] == chosen ? 1 : 0;
            either += children[0] == chosen || children[1] == chosen ? 1 : 0;
        }

        assertThat((double) first / RUNS).isCloseTo(0.693548, within(0.005));
        assertThat((double) either / RUNS).isCloseTo(0.879, within(0.006));
    }

    @Test
    void shouldKnowTheTailsOfChiSquare() {
        assertThat(ChiSquare.upperTail(0.5, 3.841459 / 2)).isCloseTo(0.05, within(1e-6));
        assertThat(ChiSquare.upperTail(5, 18.307038 / 2)).isCloseTo(0.05, within(1e-6));
        assertThat(ChiSquare.upperTail(50, 50)).isCloseTo(0.4812, within(1e-3));
        assertThat(ChiSquare.pValue(new long[] {1, 99}, new double[] {0, 100})).isZero();
    }

    private static double pValue(Rule rule, SamplingParameters parameters, long firstSeed) {
        long[] observed = new long[VOCABULARY_SIZE * VOCABULARY_SIZE];
        TokenCounts counts = new TokenCounts(PROMPT.size(), 2);
        PROMPT.forEach(counts::addPrompt);
        int last = PROMPT.getLast();
        for (int run = 0; run < RUNS; run++) {
            SamplingParameters seeded = seeded(parameters, firstSeed + run);
            int first = rule.choose(LOGITS[last], seeded, counts, PROMPT.size());
            counts.pushPath(first);
            int second = rule.choose(LOGITS[first], seeded, counts, PROMPT.size() + 1);
            counts.popPath();
            observed[first * VOCABULARY_SIZE + second]++;
        }
        return ChiSquare.pValue(observed, expected(parameters));
    }

    private static double[] expected(SamplingParameters parameters) {
        double[] expected = new double[VOCABULARY_SIZE * VOCABULARY_SIZE];
        double[] first = law(PROMPT.getLast(), List.of(), parameters);
        for (int token = 0; token < VOCABULARY_SIZE; token++) {
            double[] second = law(token, List.of(token), parameters);
            for (int next = 0; next < VOCABULARY_SIZE; next++) {
                expected[token * VOCABULARY_SIZE + next] = RUNS * first[token] * second[next];
            }
        }
        return expected;
    }

    private static double[] law(int before, List<Integer> path, SamplingParameters parameters) {
        double[] l = ReferenceChoice.adjusted(LOGITS[before], parameters, PROMPT, path);
        for (int id = 0; id < l.length; id++) {
            l[id] /= parameters.temperature();
        }
        double[] law = new double[l.length];
        double sum = 0;
        for (int id : ReferenceChoice.kept(l, parameters)) {
            law[id] = Math.exp(l[id]);
            sum += law[id];
        }
        for (int id = 0; id < law.length; id++) {
            law[id] /= sum;
        }
        return law;
    }

    private static float[][] logits() {
        SplittableRandom random = new SplittableRandom(42);
        List<float[]> rows = new ArrayList<>();
        for (int before = 0; before < VOCABULARY_SIZE; before++) {
            float[] row = new float[VOCABULARY_SIZE];
            for (int id = 0; id < row.length; id++) {
                row[id] = (float) random.nextGaussian();
            }
            rows.add(row);
        }
        return rows.toArray(float[][]::new);
    }

    private static float[] logOf(double... probabilities) {
        float[] logits = new float[probabilities.length];
        for (int id = 0; id < logits.length; id++) {
            logits[id] = (float) Math.log(probabilities[id]);
        }
        return logits;
    }

    private static SamplingParameters parameters(
            double temperature,
            int topK,
            double topP,
            double minP,
            double repetition,
            double presence,
            double frequency,
            Map<Integer, Double> bias) {
        return new SamplingParameters(temperature, topK, topP, minP, repetition, presence, frequency, bias, 0);
    }

    private static SamplingParameters seeded(SamplingParameters p, long seed) {
        return new SamplingParameters(
                p.temperature(),
                p.topK(),
                p.topP(),
                p.minP(),
                p.repetitionPenalty(),
                p.presencePenalty(),
                p.frequencyPenalty(),
                p.logitBias(),
                seed);
    }
}
