/**
 * The verifier on the CPU: one forward over the packed trees of several sessions, the walk through each tree, the commit.
 * <p>Lives here: {@link dev.foretoken.verifiers.cpu.CpuVerifier}, its options, a session's state. May not: rings, streams,
 * drafters, JCuda.
 */
@NullMarked
package dev.foretoken.verifiers.cpu;

import org.jspecify.annotations.NullMarked;
