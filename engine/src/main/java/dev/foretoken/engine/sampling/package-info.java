/**
 * The seeded choice rule: the target's token as a pure function of logits, parameters, history, seed and position.
 * <p>Lives here: parameters, penalties, filters, Philox noise. May not: models, trees of a particular drafter, threads.
 */
@NullMarked
package dev.foretoken.engine.sampling;

import org.jspecify.annotations.NullMarked;
