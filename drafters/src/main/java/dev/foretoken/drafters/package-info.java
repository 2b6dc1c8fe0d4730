/**
 * The door to the drafters that come with the engine.
 * <p>Lives here: {@link dev.foretoken.drafters.Drafters}. May not: a drafter's workings; each has a package of its own.
 */
@NullMarked
package dev.foretoken.drafters;

import org.jspecify.annotations.NullMarked;
