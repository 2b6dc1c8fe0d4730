/**
 * The facade: {@link dev.foretoken.transport.Foretoken} assembles model, drafters, verifier, trace and streams.
 * <p>Lives here: the builder and what it wires together. May not: the parts themselves, HTTP, terminals.
 */
@NullMarked
package dev.foretoken.transport;

import org.jspecify.annotations.NullMarked;
