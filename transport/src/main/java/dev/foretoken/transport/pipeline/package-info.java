/**
 * The dataflow: two rings, the stages on them, and the sessions that travel through.
 *
 * <pre>
 * subscriber ── ADMIT WAKE CANCEL ──┐
 *                                   ▼
 * DrafterStage ═══ TREE ═══▶ draft ring ──▶ VerifierLane ──▶ verdict ring ─┬─▶ DrafterStage (learn, draft next)
 *                                                                          └─▶ TracerStage ──▶ StreamerStage ──▶ Outbox
 * </pre>
 *
 * <p>Lives here: rings, stages, sessions, admission. May not: Reactor types, files, HTTP, terminals.
 */
@NullMarked
package dev.foretoken.transport.pipeline;

import org.jspecify.annotations.NullMarked;
