package dev.foretoken.verifiers.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.foretoken.engine.sampling.SamplingParameters;
import dev.foretoken.engine.verify.StepVerdict;
import dev.foretoken.engine.verify.VerifierStart;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CpuSessionTest {
    @Test
    void shouldCountTokensOnlyIfPenaltiesLookAtThem() {
        SamplingParameters penalised = new SamplingParameters(0, 0, 1, 0, 1.1, 0, 0, Map.of(), 1);

        assertThat(distinctTokens(SamplingParameters.GREEDY)).isZero();
        assertThat(distinctTokens(penalised)).isEqualTo(3);
    }

    private static int distinctTokens(SamplingParameters sampling) {
        CpuSession session = new CpuSession(new VerifierStart(new int[] {5, 6, 5}, sampling, StepVerdict.TOP_IDS, 20));
        session.addOutput(9);
        return session.counts.distinctCount();
    }
}
