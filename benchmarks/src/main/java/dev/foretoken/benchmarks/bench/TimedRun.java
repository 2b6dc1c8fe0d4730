package dev.foretoken.benchmarks.bench;

/**
 * One timed answer and its place in the measurement.
 *
 * @param round from 0; all runs of one case in one round are compared with each other
 * @param position when in its round, from 0: the order is drawn anew each time
 * @param contender name
 */
record TimedRun(int round, int position, String contender, PromptCase promptCase, PromptRun run) {}
