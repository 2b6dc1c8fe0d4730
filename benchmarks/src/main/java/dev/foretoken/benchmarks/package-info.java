/**
 * Measurements with JMH. <p>Lives here: benchmarks and what starts them. May not: anything that another module needs.
 */
@NullMarked
package dev.foretoken.benchmarks;

import org.jspecify.annotations.NullMarked;
