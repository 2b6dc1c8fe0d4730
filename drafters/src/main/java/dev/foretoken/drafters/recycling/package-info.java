/**
 * Token recycling: the runners-up of earlier predictions become the guesses of later ones.
 * <p>Lives here: the table of successors, its frozen warm start, the drafter over them. May not: models, threads.
 */
@NullMarked
package dev.foretoken.drafters.recycling;

import org.jspecify.annotations.NullMarked;
