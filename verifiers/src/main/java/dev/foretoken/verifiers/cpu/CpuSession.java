package dev.foretoken.verifiers.cpu;

import dev.foretoken.engine.kv.CacheTenant;
import dev.foretoken.engine.sampling.SamplingParameters;
import dev.foretoken.engine.sampling.TokenCounts;
import dev.foretoken.engine.verify.StepVerdict;
import dev.foretoken.engine.verify.VerifierStart;
import org.jspecify.annotations.Nullable;

/** What the verifier keeps of one session beside its KV. Owned by the lane's verifier thread. */
final class CpuSession {
    final int[] prompt;
    final SamplingParameters sampling;
    final int topCount;
    final int tokensMax;
    final @Nullable CacheTenant cacheTenant;
    /** Prompt and emitted tokens, the pending one included; empty without penalties, which alone look at it. */
    final TokenCounts counts;

    private final boolean hasPenalties;

    CpuSession(VerifierStart start) {
        prompt = start.prompt();
        sampling = start.sampling();
        topCount = start.topCount();
        tokensMax = start.tokensMax();
        cacheTenant = start.cacheTenant();
        hasPenalties = sampling.hasPenalties();
        // A last step may emit past the limit; the lane cuts there and ends the session.
        counts = new TokenCounts(hasPenalties ? tokensMax + StepVerdict.EMITTED_MAX : 0, 0);
        if (hasPenalties) {
            for (int token : prompt) {
                counts.addPrompt(token);
            }
        }
    }

    void addOutput(int token) {
        if (hasPenalties) {
            counts.addOutput(token);
        }
    }
}
