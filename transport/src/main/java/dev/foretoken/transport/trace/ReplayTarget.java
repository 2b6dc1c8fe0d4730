package dev.foretoken.transport.trace;

import dev.foretoken.engine.trace.ModelIdentity;
import dev.foretoken.engine.verify.Verifier;

/**
 * What a session is replayed with.
 *
 * @param model the file that was opened
 * @param verifier with no open session; used by the replaying thread alone, closed by who made it
 * @param kvPageBytes of one page of the verifier's, to say how much memory a session needs
 */
public record ReplayTarget(ModelIdentity model, Verifier verifier, long kvPageBytes) {}
