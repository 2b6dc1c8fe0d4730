package dev.foretoken.benchmarks.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.foretoken.benchmarks.bench.PromptResults.ContenderTitle;
import dev.foretoken.engine.session.Prompt;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Numbers that can be worked out by hand. */
class PromptSummaryTest {
    private static final List<Integer> IDS = IntStream.range(0, 101).boxed().toList();
    private static final long MS = 1_000_000;

    private final List<TimedRun> runs = new ArrayList<>();

    private static PromptCase promptCase(String id, String category) {
        return new PromptCase(
                id,
                1,
                category,
                new Prompt.Raw("x", false),
                IntStream.range(0, 50).boxed().toList(),
                IDS);
    }

    /** An answer of 101 tokens whose first token took 10 ms. */
    private void add(int round, String contender, PromptCase promptCase, long decodeMs) {
        runs.add(new TimedRun(
                round,
                0,
                contender,
                promptCase,
                new PromptRun(
                        IDS,
                        101,
                        50,
                        List.of(20, 10, 20),
                        1,
                        10 * MS,
                        (10 + decodeMs) * MS,
                        List.of(MS, MS, MS, 3 * MS))));
    }

    private PromptSummary summary(List<PromptCase> cases, int pairs, ContenderTitle... titles) {
        return new PromptSummary(new PromptResults(List.of(titles), cases, runs, pairs, List.of()));
    }

    private static final ContenderTitle PLAIN = new ContenderTitle("plain", "", true);
    private static final ContenderTitle FAST = new ContenderTitle("fast", "", true);

    @Test
    void shouldPairRunsOfOnePromptAndRoundAlone() {
        PromptCase only = promptCase("1", "a");
        add(0, "plain", only, 100);
        add(0, "fast", only, 50); // ratio 2
        add(1, "plain", only, 300); // a slow moment of the machine
        add(1, "fast", only, 100); // ratio 3
        add(2, "plain", only, 400);
        add(2, "fast", only, 100); // ratio 4

        ContenderSummary fast =
                summary(List.of(only), 3, PLAIN, FAST).contenders().getLast();

        assertThat(fast.all().decodeSpeedup().median()).isEqualTo(3);
        assertThat(fast.all().decodeSpeedup().samples()).isEqualTo(3);
        assertThat(fast.all().totalSpeedup().median()).isCloseTo(310.0 / 110, within(1e-9));
        assertThat(fast.all().tokensPerSecond()).isCloseTo(300 / 0.250, within(1e-6));
        assertThat(fast.all().promptTokensPerSecond()).isCloseTo(50 / 0.010, within(1e-6));
    }

    /** Ten tokens, the first after 50 ms and each step 10 ms. */
    private static PromptRun steps(int firstBlock) {
        List<Long> gapsNs = new ArrayList<>(Collections.nCopies(firstBlock - 1, 0L));
        gapsNs.addAll(Collections.nCopies(10 - firstBlock, 10 * MS));
        return new PromptRun(
                IDS.subList(0, 10),
                10,
                11 - firstBlock,
                List.of(),
                firstBlock,
                50 * MS,
                50 * MS + gapsNs.stream().mapToLong(Long::longValue).sum(),
                gapsNs);
    }

    @Test
    void shouldNotCountTokensThatCameWithTheFirstOneForSpeculation() {
        PromptRun plain = steps(1);
        PromptRun lucky = steps(6); // and as slow as plain decoding afterwards

        assertThat(PromptSummary.decodeRatio(plain, lucky)).isEqualTo(1);
        assertThat(PromptSummary.decodeRatio(lucky, plain)).isEqualTo(1);
        assertThat(lucky.tokensPerSecond()).isEqualTo(100).isEqualTo(plain.tokensPerSecond());
        assertThat(lucky.decodeNs()).isEqualTo(40 * MS);
    }

    @Test
    void shouldTakeTheMeanOverCategoriesAndNotOverPrompts() {
        List<PromptCase> cases =
                List.of(promptCase("1", "a"), promptCase("2", "a"), promptCase("3", "a"), promptCase("4", "b"));
        for (PromptCase promptCase : cases) {
            add(0, "plain", promptCase, 120);
            add(0, "fast", promptCase, promptCase.category().equals("a") ? 120 : 40);
        }

        ContenderSummary fast = summary(cases, 1, PLAIN, FAST).contenders().getLast();

        assertThat(fast.decodeSpeedupMean().median()).isEqualTo(2);
        assertThat(fast.all().decodeSpeedup().median()).isEqualTo(1);
        assertThat(fast.categories()).extracting(GroupSummary::category).containsExactly("a", "b");
        assertThat(fast.categories().getLast().decodeSpeedup().median()).isEqualTo(3);
    }

    @Test
    void shouldComputeAcceptanceStepsAndGapsFromCounts() {
        PromptCase only = promptCase("1", "a");
        add(0, "plain", only, 100);

        GroupSummary all =
                summary(List.of(only), 1, PLAIN).contenders().getFirst().all();

        // 20 steps accepted nothing, 10 one token, 20 two
        assertThat(all.acceptance()).containsExactly(new DepthRate(1, 50, 30), new DepthRate(2, 30, 20));
        assertThat(all.emittedPerStep()).isCloseTo(101 / 50.0, within(1e-9));
        assertThat(all.gapMs50()).isCloseTo(1, within(0.01));
        assertThat(all.gapMs99()).isCloseTo(3, within(0.01));
        assertThat(all.sameAnswers()).isEqualTo(1);
    }

    @Test
    void shouldCompareWithThePeersFastestMode() {
        PromptCase only = promptCase("1", "a");
        add(0, "plain", only, 100);
        add(0, "x plain", only, 200);
        add(0, "x lookup", only, 150);

        PromptSummary summary = summary(
                List.of(only),
                1,
                PLAIN,
                new ContenderTitle("x plain", "", false),
                new ContenderTitle("x lookup", "", false));

        assertThat(summary.bestPeer()).contains("x lookup");
        assertThat(summary.contenders().getFirst().toPeerMean().median()).isCloseTo(1.5, within(1e-9));
        assertThat(summary.contenders().getLast().toPeerMean()).isNull();
    }

    @Test
    void shouldCallAMachineUnfitWhoseControlIsOutsideOnePercent() {
        PromptCase only = promptCase("1", "a");
        add(0, "plain", only, 1000);
        add(0, PromptBench.CONTROL, only, 1005);
        assertThat(summary(List.of(only), 1, PLAIN).control().isFit()).isTrue();

        add(0, PromptBench.CONTROL, only, 1020);
        Control noisy = summary(List.of(only), 1, PLAIN).control();

        assertThat(noisy.isFit()).isFalse();
        assertThat(noisy.sentence())
                .startsWith("A/A control 0.980 over 1 pairs") // no range of one pair
                .contains("outside 1 ± 0.01, this machine is unfit");
        assertThat(new Control(new Interval(1.002, 0.99, 1.01, 9, true)).sentence())
                .isEqualTo("A/A control 1.002 [0.990, 1.010] over 9 pairs");
    }

    @Test
    void shouldNotTimeAnswersOfAFewStepsWhoseFirstBlockIsMostOfThem() {
        assertThat(new PromptRun(IDS, 7, 7, List.of(), 1, 1, 100, List.of()).isTimed())
                .isFalse();
        assertThat(new PromptRun(IDS, 40, 3, List.of(), 1, 1, 100, List.of()).isTimed())
                .isFalse();
        assertThat(new PromptRun(IDS, 40, 4, List.of(), 1, 1, 100, List.of()).isTimed())
                .isTrue();
        assertThat(new PromptRun(List.of(), 8, 0, List.of(), 1, 1, 100, List.of()).isTimed())
                .isTrue();
    }

    @Test
    void shouldNameTheFirstTokenThatDiffers() {
        PromptCase promptCase = new PromptCase("7", 2, "a", new Prompt.Raw("x", false), List.of(1), List.of(5, 6, 7));

        AnswersDifferException.check("fast", promptCase, List.of(5, 6, 7));
        assertThatThrownBy(() -> AnswersDifferException.check("fast", promptCase, List.of(5, 9, 7)))
                .hasMessage(
                        "configuration fast answers question 7, turn 2 differently from plain decoding: token 1 is 9,"
                                + " expected 6");
        assertThatThrownBy(() -> AnswersDifferException.check("fast", promptCase, List.of(5, 6)))
                .hasMessageContaining("token 2 is absent, expected 7");
    }
}
