/**
 * The port of the verifiers: trees go in, verdicts come out; KV, pages and choice stay behind it, logits never cross it.
 * <p>Lives here: {@link dev.foretoken.engine.verify.Verifier} and what it exchanges. May not: a device, a model, threads.
 */
@NullMarked
package dev.foretoken.engine.verify;

import org.jspecify.annotations.NullMarked;
