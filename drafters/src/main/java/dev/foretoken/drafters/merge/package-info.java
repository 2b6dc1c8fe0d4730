/**
 * Several drafters, one tree: what their scores were worth so far, and the best nodes of all of them.
 * <p>Lives here: calibration of scores, merging. May not: drafters, budgets, clocks, threads.
 */
@NullMarked
package dev.foretoken.drafters.merge;

import org.jspecify.annotations.NullMarked;
