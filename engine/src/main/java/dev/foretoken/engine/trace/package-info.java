/**
 * The port of the trace: every decision of a session, written before its tokens are shown.
 * <p>Lives here: {@link dev.foretoken.engine.trace.TraceSink} and what it is given. May not: files, a journal library.
 */
@NullMarked
package dev.foretoken.engine.trace;

import org.jspecify.annotations.NullMarked;
