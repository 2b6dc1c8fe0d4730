package dev.foretoken.transport.stream;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;

/** A subscriber that does what its test says and remembers everything. */
final class ManualReader<T> implements Subscriber<T> {
    final List<T> items = new CopyOnWriteArrayList<>();
    private final BiConsumer<ManualReader<T>, T> onItem;
    private volatile @Nullable Subscription subscription;
    private volatile @Nullable Throwable failure;
    private volatile boolean completed;

    private ManualReader(BiConsumer<ManualReader<T>, T> onItem) {
        this.onItem = onItem;
    }

    static <T> ManualReader<T> of(Publisher<T> publisher) {
        return of(publisher, (reader, item) -> {});
    }

    /** @param onItem runs in onNext, after the item was remembered */
    static <T> ManualReader<T> of(Publisher<T> publisher, BiConsumer<ManualReader<T>, T> onItem) {
        ManualReader<T> reader = new ManualReader<>(onItem);
        publisher.subscribe(reader);
        return reader;
    }

    void request(long n) {
        subscription().request(n);
    }

    void cancel() {
        subscription().cancel();
    }

    private Subscription subscription() {
        Subscription given = subscription;
        if (given == null) {
            throw new IllegalStateException("not subscribed");
        }
        return given;
    }

    @Nullable
    Throwable failure() {
        return failure;
    }

    boolean isCompleted() {
        return completed;
    }

    boolean hasEnded() {
        return completed || failure != null;
    }

    void awaitItems(int count) {
        Awaiting.await(() -> items.size() >= count, Duration.ofSeconds(10), count + " items");
    }

    void awaitEnd() {
        Awaiting.await(this::hasEnded, Duration.ofSeconds(10), "the end of the stream");
    }

    /** Waits for an error and gives it. */
    Throwable awaitFailure() {
        awaitEnd();
        Throwable seen = failure;
        if (seen == null) {
            throw new AssertionError("the stream completed after " + items.size() + " items");
        }
        return seen;
    }

    @Override
    public void onSubscribe(Subscription given) {
        subscription = given;
    }

    @Override
    public void onNext(T item) {
        items.add(item);
        onItem.accept(this, item);
    }

    @Override
    public void onError(Throwable cause) {
        failure = cause;
    }

    @Override
    public void onComplete() {
        completed = true;
    }
}
