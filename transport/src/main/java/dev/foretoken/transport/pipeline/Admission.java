package dev.foretoken.transport.pipeline;

import dev.foretoken.engine.error.AdmissionRefusedException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Who may come in: reserves a slot and all KV pages a session can ever need, or refuses at once, so that no stream fails
 * midway for want of pages. A session that shares pages with others holds fewer than it has reserved, and pages kept for
 * prefixes are given up for one that is reserved, so whoever holds less than its reservation finds a page. Any thread; no locks.
 */
final class Admission {
    private final int sessionsMax;
    private final int pagesTotal;
    private final AtomicInteger reservedPages = new AtomicInteger();
    private final AtomicInteger sessions = new AtomicInteger();
    private final ConcurrentLinkedQueue<Integer> freeSlots = new ConcurrentLinkedQueue<>();

    Admission(int sessionsMax, int pagesTotal) {
        this.sessionsMax = sessionsMax;
        this.pagesTotal = pagesTotal;
        for (int slot = 0; slot < sessionsMax; slot++) {
            freeSlots.add(slot);
        }
    }

    /** Reserves a slot and so many pages; returns the slot. */
    int enter(int pages) {
        reserve(pages);
        Integer slot = freeSlots.poll();
        if (slot == null) {
            reservedPages.addAndGet(-pages);
            throw new AdmissionRefusedException(
                    "all %d sessions of the engine are busy: try again when one has ended".formatted(sessionsMax));
        }
        sessions.incrementAndGet();
        return slot;
    }

    /** Takes the pages or nothing: a request that is refused must not stand in the way of a smaller one meanwhile. */
    private void reserve(int pages) {
        int reserved = reservedPages.get();
        while (true) {
            if (pages > pagesTotal - reserved) {
                throw new AdmissionRefusedException(
                        "the request needs %d KV pages, %d of %d are free: try again when other sessions have ended"
                                .formatted(pages, pagesTotal - reserved, pagesTotal));
            }
            int witness = reservedPages.compareAndExchange(reserved, reserved + pages);
            if (witness == reserved) {
                return;
            }
            reserved = witness;
        }
    }

    /** Gives a session's slot and pages back, once nobody can touch them any more. */
    void leave(int slot, int pages) {
        reservedPages.addAndGet(-pages);
        sessions.decrementAndGet();
        freeSlots.add(slot);
    }

    int sessions() {
        return sessions.get();
    }

    int reservedPages() {
        return reservedPages.get();
    }
}
