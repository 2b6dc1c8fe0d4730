package dev.foretoken.transport.stream;

import dev.foretoken.engine.tokenizer.Vocabulary;
import dev.foretoken.engine.trace.SessionStart;
import dev.foretoken.transport.pipeline.Pipeline;
import dev.foretoken.transport.pipeline.Session;
import java.util.Objects;
import java.util.function.Supplier;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;

/**
 * A cold publisher of one request: each subscription is one session of the engine. Signals come from a virtual thread of the
 * subscription, so a subscriber that blocks stops nobody else. Unicast by nature, any number of times.
 */
final class GenerationPublisher<T> implements Publisher<T> {
    private final Pipeline pipeline;
    private final Vocabulary vocabulary;
    private final Supplier<SessionStart> starts;
    private final int[] prompt;
    private final StreamView<T> view;

    GenerationPublisher(
            Pipeline pipeline, Vocabulary vocabulary, Supplier<SessionStart> starts, int[] prompt, StreamView<T> view) {
        this.pipeline = pipeline;
        this.vocabulary = vocabulary;
        this.starts = starts;
        this.prompt = prompt;
        this.view = view;
    }

    @Override
    public void subscribe(Subscriber<? super T> subscriber) {
        Objects.requireNonNull(subscriber, "subscriber");
        Session session;
        try {
            session = pipeline.admit(starts.get(), prompt);
        } catch (RuntimeException refused) {
            subscriber.onSubscribe(NothingToCancel.INSTANCE);
            subscriber.onError(refused);
            return;
        }
        SessionSubscription<T> subscription =
                new SessionSubscription<>(pipeline, vocabulary, session, subscriber, view);
        subscription.start();
    }

    private enum NothingToCancel implements Subscription {
        INSTANCE;

        @Override
        public void request(long n) {}

        @Override
        public void cancel() {}
    }
}
