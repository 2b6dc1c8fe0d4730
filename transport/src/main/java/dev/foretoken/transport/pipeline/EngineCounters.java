package dev.foretoken.transport.pipeline;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** The engine's counters; any thread may add and read. */
public final class EngineCounters {
    private final LongAdder[] adders = new LongAdder[EngineCounter.values().length];

    EngineCounters() {
        for (int i = 0; i < adders.length; i++) {
            adders[i] = new LongAdder();
        }
    }

    void increment(EngineCounter counter) {
        adders[counter.ordinal()].increment();
    }

    void add(EngineCounter counter, long count) {
        adders[counter.ordinal()].add(count);
    }

    public long get(EngineCounter counter) {
        return adders[counter.ordinal()].sum();
    }

    public Map<EngineCounter, Long> snapshot() {
        Map<EngineCounter, Long> values = new EnumMap<>(EngineCounter.class);
        for (EngineCounter counter : EngineCounter.values()) {
            values.put(counter, get(counter));
        }
        return values;
    }
}
