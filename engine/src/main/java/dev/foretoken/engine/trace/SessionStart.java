package dev.foretoken.engine.trace;

import dev.foretoken.engine.sampling.SamplingParameters;
import dev.foretoken.engine.session.GenerationRequest;
import java.util.List;

/**
 * Everything a replay needs to know before the first step.
 *
 * @param sessionId unique within a run of the engine
 * @param startedAtEpochMs wall clock
 * @param request as the caller made it
 * @param sampling completely resolved, seed included
 * @param prompt token ids
 * @param model the target
 * @param backend backend and version of its numeric contract ({@link dev.foretoken.engine.verify.VerifierShape#backend})
 * @param drafters names in the order of their bits
 * @param engineConfiguration what else shaped the run, as {@code name=value} pairs
 * @param warmStartFingerprint hash of the drafters' frozen warm-start tables, 0 if there are none
 */
public record SessionStart(
        long sessionId,
        long startedAtEpochMs,
        GenerationRequest request,
        SamplingParameters sampling,
        List<Integer> prompt,
        ModelIdentity model,
        String backend,
        List<String> drafters,
        String engineConfiguration,
        long warmStartFingerprint) {
    public SessionStart {
        prompt = List.copyOf(prompt);
        drafters = List.copyOf(drafters);
    }
}
