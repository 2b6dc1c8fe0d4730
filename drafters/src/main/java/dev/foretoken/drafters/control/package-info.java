/**
 * How much to draft: measured costs of verifying and drafting, and the session's controller over them.
 * <p>Lives here: the cost model, the controller. May not: drafters, models, clocks (times are handed in), threads.
 */
@NullMarked
package dev.foretoken.drafters.control;

import org.jspecify.annotations.NullMarked;
