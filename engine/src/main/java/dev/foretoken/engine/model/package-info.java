/**
 * The transformer on the CPU: weights, and the forward pass over packed rows. Letters: M rows of a batch, V vocabulary.
 * <p>Lives here: model configuration and loading, rows of a batch, rotary embedding, attention, the forward pass. May not:
 * sampling, sessions, sockets; threads only through {@link dev.foretoken.engine.kernel.ComputeTeam}.
 */
@NullMarked
package dev.foretoken.engine.model;

import org.jspecify.annotations.NullMarked;
