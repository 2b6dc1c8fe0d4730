package dev.foretoken.engine.draft;

import dev.foretoken.engine.tokenizer.Vocabulary;

/**
 * The engine a drafter is made for.
 *
 * @param vocabulary the target's
 * @param contextMax most tokens of one session
 * @param sessionsMax most sessions at once
 * @param threads compute threads of the engine
 */
public record DraftEnvironment(Vocabulary vocabulary, int contextMax, int sessionsMax, int threads) {}
