package dev.foretoken.transport.stream;

import dev.foretoken.engine.error.EngineClosedException;
import dev.foretoken.engine.error.SessionFailedException;
import dev.foretoken.engine.session.FinishReason;
import dev.foretoken.engine.tokenizer.Vocabulary;
import dev.foretoken.transport.pipeline.Outbox;
import dev.foretoken.transport.pipeline.Pipeline;
import dev.foretoken.transport.pipeline.Session;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;

/**
 * One reader of one session. Its virtual thread drains the session's queue as the subscriber asks for it; demand and
 * cancellation may come from any thread.
 */
final class SessionSubscription<T> implements Subscription, Runnable {
    private final Pipeline pipeline;
    private final Session session;
    private final Outbox outbox;
    private final StreamView<T> view;
    private final TokenAssembly assembly;
    private final AtomicLong demand = new AtomicLong();
    private final Thread drain;

    private @Nullable Subscriber<? super T> subscriber;
    private volatile boolean cancelled;
    private volatile boolean invalidDemand;
    // drain only
    private @Nullable T next;
    private boolean startShown;
    private boolean finishShown;

    SessionSubscription(
            Pipeline pipeline,
            Vocabulary vocabulary,
            Session session,
            Subscriber<? super T> subscriber,
            StreamView<T> view) {
        this.pipeline = pipeline;
        this.session = session;
        this.outbox = session.outbox();
        this.subscriber = subscriber;
        this.view = view;
        this.assembly = new TokenAssembly(session, vocabulary, pipeline.drafterNames());
        this.drain = Thread.ofVirtual().name("foretoken-stream-" + session.id()).unstarted(this);
    }

    void start() {
        outbox.reader(drain);
        Subscriber<? super T> reader = subscriber;
        if (reader == null) {
            return;
        }
        try {
            reader.onSubscribe(this);
        } catch (Throwable broken) { // a subscriber that violates its contract frees its session
            cancel();
            throw broken;
        } finally {
            drain.start();
        }
    }

    @Override
    public void request(long n) {
        if (cancelled) {
            return;
        }
        if (n <= 0) {
            invalidDemand = true;
        } else {
            demand.accumulateAndGet(n, (have, more) -> have + more < 0 ? Long.MAX_VALUE : have + more);
            pipeline.requested(session);
        }
        LockSupport.unpark(drain);
    }

    @Override
    public void cancel() {
        cancelled = true;
        pipeline.cancel(session, FinishReason.CANCELLED);
        LockSupport.unpark(drain);
    }

    @Override
    public void run() {
        try {
            while (!cancelled) {
                if (invalidDemand) {
                    pipeline.cancel(session, FinishReason.CANCELLED);
                    fail(new IllegalArgumentException("request(n) needs n above 0 (Reactive Streams rule 3.9)"));
                    return;
                }
                if (!turn()) {
                    return;
                }
            }
        } catch (Throwable broken) { // thrown by the subscriber: its stream is over, nobody else's (ours: see prepared)
            cancelled = true;
            pipeline.cancel(session, FinishReason.CANCELLED);
            throw broken; // to the handler of uncaught exceptions: nobody else would hear of it
        } finally {
            subscriber = null;
            next = null;
        }
    }

    /**
     * Emits the next item, ends the stream or sleeps; false when the stream is over. The end is read once, before the queue: a
     * session seen as ended has all its tokens in the queue.
     */
    private boolean turn() {
        FinishReason end = outbox.end();
        if (next == null && !prepared(end)) {
            return false;
        }
        T item = next;
        if (item != null && demand.get() > 0) {
            emit(item);
            return true;
        }
        if (item == null && finishShown) {
            complete();
            return false;
        }
        Throwable failure = failure(end);
        if (failure != null) { // what could be emitted was; an error needs no demand
            fail(failure);
            return false;
        }
        LockSupport.park(this);
        return true;
    }

    /** Looks for the next item to emit; false if that failed, which is no fault of the subscriber: it is told. */
    private boolean prepared(@Nullable FinishReason end) {
        try {
            next = advance(end);
            return true;
        } catch (RuntimeException | Error broken) {
            pipeline.cancel(session, FinishReason.INTERNAL_ERROR);
            fail(new SessionFailedException("the stream could not be made of what was verified: " + broken, broken));
            return false;
        }
    }

    /** The next item to emit, or null if there is none yet. */
    private @Nullable T advance(@Nullable FinishReason end) {
        if (!startShown && outbox.prefilledAtNs() != 0) {
            startShown = true;
            T item = view.started(assembly.started());
            if (item != null) {
                return item;
            }
        }
        while (startShown && !outbox.isEmpty()) {
            T item = view.token(assembly.take());
            pipeline.wakeIfReady(session);
            if (item != null) {
                return item;
            }
        }
        if (end != null && end.isRegular() && session.failure() == null && !finishShown) {
            finishShown = true;
            return view.finished(assembly.summary(end));
        }
        return null;
    }

    private void emit(T item) {
        Subscriber<? super T> reader = subscriber;
        next = null;
        demand.getAndUpdate(have -> have == Long.MAX_VALUE ? have : have - 1);
        if (reader != null) {
            reader.onNext(item);
        }
    }

    private void complete() {
        Subscriber<? super T> reader = subscriber;
        if (!cancelled && reader != null) {
            reader.onComplete();
        }
    }

    private @Nullable Throwable failure(@Nullable FinishReason end) {
        Throwable failure = session.failure();
        return failure == null && end != null && !end.isRegular() ? exceptionFor(end) : failure;
    }

    private static Throwable exceptionFor(FinishReason end) {
        return switch (end) {
            case INTERRUPTED -> new EngineClosedException("the engine was closed while the stream was running");
            case STOP, LENGTH, CANCELLED, DISCONNECTED, PARKED_TOO_LONG, TRACE_FAILED, INTERNAL_ERROR ->
                new SessionFailedException("the session ended early: " + end);
        };
    }

    private void fail(Throwable failure) {
        Subscriber<? super T> reader = subscriber;
        if (!cancelled && reader != null) {
            cancelled = true;
            reader.onError(failure);
        }
    }
}
