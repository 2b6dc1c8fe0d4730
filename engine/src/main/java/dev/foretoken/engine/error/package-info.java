/**
 * What can go wrong, as types a caller can catch. Every message says what was wrong, what was expected, what to do.
 * <p>Lives here: the exception types of the public API. May not: anything that throws them.
 */
@NullMarked
package dev.foretoken.engine.error;

import org.jspecify.annotations.NullMarked;
