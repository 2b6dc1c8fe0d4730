/**
 * How much to draft: measured costs of verifying and drafting, and the session's controller over them.
 * <p>Lives here: the cost model, what drafters cost and brought, the controller. May not: drafters, models, clocks (times are handed in), threads.
 */
@NullMarked
package dev.foretoken.drafters.control;

import org.jspecify.annotations.NullMarked;
