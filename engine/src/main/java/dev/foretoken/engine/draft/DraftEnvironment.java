package dev.foretoken.engine.draft;

import dev.foretoken.engine.tokenizer.Vocabulary;
import java.util.function.ObjDoubleConsumer;

/**
 * The engine a drafter is made for.
 *
 * @param vocabulary the target's
 * @param contextMax most tokens of one session
 * @param sessionsMax most sessions at once
 * @param threads compute threads of the engine
 * @param progress hears what a drafter that loads something does next and which share of it is done, 0 to 1; on the thread
 *     that makes the drafter
 * @param prefixCache whether a drafter with keys and values of its own keeps those of prompts for later sessions
 */
public record DraftEnvironment(
        Vocabulary vocabulary,
        int contextMax,
        int sessionsMax,
        int threads,
        ObjDoubleConsumer<String> progress,
        boolean prefixCache) {

    /** Without prefix caches. */
    public DraftEnvironment(
            Vocabulary vocabulary, int contextMax, int sessionsMax, int threads, ObjDoubleConsumer<String> progress) {
        this(vocabulary, contextMax, sessionsMax, threads, progress, false);
    }
}
