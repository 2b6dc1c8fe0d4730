package dev.foretoken.engine.model;

/** Hears how far loading a model has come. Called on the loading thread, a few hundred times at most. */
@FunctionalInterface
public interface LoadProgress {
    /** For callers that do not care. */
    LoadProgress NONE = (fraction, stage) -> {};

    /**
     * @param fraction of all weights that are packed, 0 to 1, ascending
     * @param stage what comes next, for people
     */
    void loaded(double fraction, String stage);
}
