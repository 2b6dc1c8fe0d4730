package dev.foretoken.engine.draft;

/** Makes a drafter for one engine, when the target model is known. */
public interface DrafterFactory {
    /** The drafter's name, see {@link Drafter#name}. */
    String name();

    /**
     * @throws dev.foretoken.engine.error.InvalidInputException if it cannot work with this target, e.g. a draft model with
     *     another vocabulary
     */
    Drafter create(DraftEnvironment environment);
}
