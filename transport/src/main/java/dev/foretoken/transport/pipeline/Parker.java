package dev.foretoken.transport.pipeline;

import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;

/**
 * Parks one stage's thread until somebody signals. The stage calls {@link #prepare}, looks for work once more, then parks or
 * {@link #cancel}s; whoever makes work calls {@link #signal} after publishing it. The two full fences order "publish, then
 * look for a sleeper" against "announce sleep, then look for work", so no wake-up is lost.
 */
final class Parker {
    private volatile boolean parked;
    private volatile Thread owner = Thread.currentThread();

    /** Binds the parker to the thread that will park. */
    void bind(Thread thread) {
        owner = thread;
    }

    void prepare() {
        parked = true;
        VarHandle.fullFence();
    }

    void cancel() {
        parked = false;
    }

    /** Parks until a signal, an interrupt (which is swallowed), or so many nanoseconds; {@code Long.MAX_VALUE} = no limit. */
    void park(long timeoutNs) {
        if (parked) {
            if (timeoutNs == Long.MAX_VALUE) {
                LockSupport.park(this);
            } else {
                LockSupport.parkNanos(this, timeoutNs);
            }
            Thread.interrupted(); // a thread that stays interrupted could not park again
        }
        parked = false;
    }

    /** Wakes the stage if it sleeps or is about to; true if it was. */
    boolean signal() {
        VarHandle.fullFence();
        if (!parked) {
            return false;
        }
        parked = false;
        LockSupport.unpark(owner);
        return true;
    }
}
