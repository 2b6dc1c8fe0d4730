package dev.foretoken.transport.pipeline;

import com.lmax.disruptor.AlertException;
import com.lmax.disruptor.Sequence;
import com.lmax.disruptor.SequenceBarrier;
import com.lmax.disruptor.TimeoutException;

/**
 * One stage on a ring: takes every event that is there, does its other work, parks when there is none. One thread runs it.
 * A test may call {@link #doWork} itself; then no thread is needed.
 */
abstract class RingStage implements Runnable {
    private final Sequence sequence = new Sequence();
    private final SequenceBarrier barrier;
    private final Parker parker;
    private volatile boolean halted;

    RingStage(SequenceBarrier barrier, Parker parker) {
        this.barrier = barrier;
        this.parker = parker;
    }

    /** Handles one event; nothing may be thrown out of it. */
    abstract void onEvent(long sequenceNumber);

    /** Work beside the events, after all that were waiting; returns true if something was done. */
    boolean otherWork() {
        return false;
    }

    /** How long the stage may park when there is nothing to do; {@code Long.MAX_VALUE} = until the next event. */
    long parkTimeoutNs() {
        return Long.MAX_VALUE;
    }

    /** Called once when the stage's thread ends; nothing may be thrown out of it. */
    void onHalt() {}

    /** Takes what is there; returns true if anything was done. */
    final boolean doWork() {
        boolean worked = takeEvents();
        return otherWork() | worked;
    }

    /** Takes every event that waits now; also called in the midst of other work that must see them. */
    final boolean takeEvents() {
        long next = sequence.get() + 1;
        long available = available(next);
        boolean worked = false;
        while (next <= available && !halted) {
            onEvent(next);
            sequence.set(next++);
            afterEvent();
            worked = true;
        }
        return worked;
    }

    /** Called when the stage's sequence has moved: a dependent stage is signalled here. */
    void afterEvent() {}

    private long available(long next) {
        try {
            return barrier.waitFor(next);
        } catch (AlertException | InterruptedException | TimeoutException e) {
            return next - 1; // cannot happen: StageWaitStrategy neither waits nor alerts
        }
    }

    @Override
    public final void run() {
        parker.bind(Thread.currentThread());
        try {
            while (!halted) {
                if (doWork()) {
                    continue;
                }
                pause(parkTimeoutNs());
            }
        } finally {
            onHalt();
        }
    }

    /** Parks until an event, a signal or the timeout. */
    final void pause(long timeoutNs) {
        parker.prepare();
        if (halted || timeoutNs <= 0 || available(sequence.get() + 1) > sequence.get() || hasOtherWork()) {
            parker.cancel();
            return;
        }
        parker.park(timeoutNs);
    }

    /** Looked at between announcing sleep and sleeping: work that arrived beside the ring. */
    boolean hasOtherWork() {
        return false;
    }

    /** Ends the stage after the event in hand; any thread. */
    final void halt() {
        halted = true;
        parker.signal();
    }

    final boolean isHalted() {
        return halted;
    }

    final Sequence sequence() {
        return sequence;
    }
}
