package dev.foretoken.drafters.control;

/**
 * What drafters cost and brought in the sessions of an engine so far: whether the next session should begin by trying each,
 * and with which estimates. Without it every session would try anew what never paid, and a short answer ends before such a
 * try has paid for itself. Read and written once a session, by any thread.
 */
public final class DraftingExperience {
    private final DrafterRecord[] records;

    /** @param drafters how many drafters the engine has */
    public DraftingExperience(int drafters) {
        records = new DrafterRecord[drafters];
        for (int i = 0; i < drafters; i++) {
            records[i] = new DrafterRecord();
        }
    }

    int drafters() {
        return records.length;
    }

    DrafterRecord of(int drafter) {
        return records[drafter];
    }
}
