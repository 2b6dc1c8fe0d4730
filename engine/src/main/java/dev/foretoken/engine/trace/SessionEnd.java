package dev.foretoken.engine.trace;

import dev.foretoken.engine.session.FinishReason;

/**
 * The totals of a session.
 *
 * @param steps forwards that carried a tree of this session
 * @param emittedTokens all emitted tokens, the end token included
 */
public record SessionEnd(long sessionId, FinishReason reason, int steps, int emittedTokens, long durationNs) {}
