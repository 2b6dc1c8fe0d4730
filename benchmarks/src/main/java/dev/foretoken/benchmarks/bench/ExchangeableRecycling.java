package dev.foretoken.benchmarks.bench;

import dev.foretoken.drafters.recycling.RecyclingDrafter;
import dev.foretoken.drafters.recycling.WarmStart;
import dev.foretoken.engine.draft.DraftEnvironment;
import dev.foretoken.engine.draft.DraftSession;
import dev.foretoken.engine.draft.DraftStart;
import dev.foretoken.engine.draft.Drafter;
import dev.foretoken.engine.draft.DrafterFactory;

/**
 * The recycling drafter of one engine, whose warm start may be another one for every session: cold and warm runs share an
 * engine, so they differ in the table alone. A session keeps the warm start that it was opened with. Thread-safe.
 */
final class ExchangeableRecycling implements DrafterFactory {
    private volatile RecyclingDrafter drafter = new RecyclingDrafter(WarmStart.EMPTY);

    /** Sessions that are opened from now on start from this table. */
    void startFrom(WarmStart warmStart) {
        drafter = new RecyclingDrafter(warmStart);
    }

    @Override
    public String name() {
        return RecyclingDrafter.NAME;
    }

    @Override
    public Drafter create(DraftEnvironment environment) {
        return new Drafter() {
            @Override
            public String name() {
                return RecyclingDrafter.NAME;
            }

            @Override
            public boolean needsOwnThread() {
                return drafter.needsOwnThread();
            }

            @Override
            public boolean observes() {
                return drafter.observes();
            }

            @Override
            public DraftSession open(DraftStart start) {
                return drafter.open(start);
            }

            @Override
            public long warmStartFingerprint() {
                return drafter.warmStartFingerprint();
            }
        };
    }
}
