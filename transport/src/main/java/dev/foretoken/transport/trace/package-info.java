/**
 * Traces: what a session asked for and what each step decided, kept so that it can be replayed bit for bit.
 *
 * <pre>
 *   tracer thread ──▶ ChronicleTraceSink ──▶ TRACES/run-.../20260131F.cq4      one directory per run of an engine
 *                       RecordEncoder              │
 *                                                  ▼
 *                     TraceReader  ──▶ TraceEvent, RecordedSession ──▶ TraceReplayer ──▶ ReplayReport
 *                       QueueFile, RecordDecoder
 * </pre>
 *
 * <p>Records are written through Chronicle Queue. They are read without it: a queue file is a plain sequence of framed
 * documents, and a reader that maps nothing, writes nothing and builds no object from names in a file can be pointed at
 * damaged, foreign, half-copied or still growing directories.
 *
 * <p>Lives here: the record layout, its writer and readers, exact replay. May not: rings, streams, model loading.
 */
@NullMarked
package dev.foretoken.transport.trace;

import org.jspecify.annotations.NullMarked;
