/**
 * The command {@code bench}: measures plain and speculative decoding, and other engines, in pairs.
 *
 * <pre>
 * BenchCommand ─▶ PromptBench  (prompts through configurations)   ┐
 *              ─▶ StepBench    (verify steps of so many rows)      ├─▶ results ─▶ table, results.csv, report.html, summary.json
 *              ─▶ SessionBench (sessions at once)                  ┘
 * </pre>
 *
 * <p>Lives here: prompt sets, contenders, timing, statistics, reports. May not: decisions about decoding, JMH.
 */
@NullMarked
package dev.foretoken.benchmarks.bench;

import org.jspecify.annotations.NullMarked;
