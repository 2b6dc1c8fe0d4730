/**
 * The port of the drafters: what they are given and what they give back.
 * <p>Lives here: interfaces and the values they exchange. May not: any particular drafter, rings, threads.
 */
@NullMarked
package dev.foretoken.engine.draft;

import org.jspecify.annotations.NullMarked;
