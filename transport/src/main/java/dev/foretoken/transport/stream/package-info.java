/**
 * Verified tokens as Reactive Streams: one subscription is one session, with real demand and cancellation.
 * <p>Lives here: publishers and what they emit. May not: rings (it uses {@code pipeline}), HTTP, terminals.
 */
@NullMarked
package dev.foretoken.transport.stream;

import org.jspecify.annotations.NullMarked;
