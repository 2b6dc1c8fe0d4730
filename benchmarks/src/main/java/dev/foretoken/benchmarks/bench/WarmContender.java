package dev.foretoken.benchmarks.bench;

import dev.foretoken.drafters.recycling.WarmStart;

/** A configuration whose recycling table starts with what the answers to all other questions taught, see {@link WarmTables}. */
final class WarmContender implements Contender {
    private final ForetokenContender cold;
    private final ExchangeableRecycling recycling;
    private final WarmTables tables;

    /** @param recycling the drafter of the contender's engine */
    WarmContender(ForetokenContender cold, ExchangeableRecycling recycling, WarmTables tables) {
        this.cold = cold;
        this.recycling = recycling;
        this.tables = tables;
    }

    @Override
    public String name() {
        return cold.name() + " warm";
    }

    @Override
    public String description() {
        return cold.description() + ", warm table";
    }

    @Override
    public boolean isOurs() {
        return true;
    }

    @Override
    public PromptRun run(PromptCase promptCase) {
        recycling.startFrom(tables.without(promptCase.questionId()));
        try {
            return cold.run(promptCase);
        } finally {
            recycling.startFrom(WarmStart.EMPTY);
        }
    }

    @Override
    public void close() {
        // the engine is shared
    }
}
