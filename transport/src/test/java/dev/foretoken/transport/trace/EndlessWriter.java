package dev.foretoken.transport.trace;

import java.io.IOException;
import java.nio.file.Path;

/** A process of its own that traces until it is killed, and says after each event how many there are. */
final class EndlessWriter {
    static final long SEED = 77;
    static final int STEPS_PER_SESSION = 20;

    private EndlessWriter() {}

    public static void main(String[] arguments) throws IOException {
        RandomTraces random = new RandomTraces(SEED);
        try (ChronicleTraceSink sink = ChronicleTraceSink.open(Path.of(arguments[0]), false)) {
            for (long event = 0; ; event++) {
                write(sink, random, event);
                System.out.println(event + 1);
            }
        }
    }

    /** The event is a function of the seed and the events before. */
    static TraceEvent write(dev.foretoken.engine.trace.TraceSink sink, RandomTraces random, long event) {
        long session = event / (STEPS_PER_SESSION + 2);
        int at = (int) (event % (STEPS_PER_SESSION + 2));
        if (at == 0) {
            var start = random.start(session);
            sink.sessionStarted(start);
            return new TraceEvent.SessionStarted(start, "", -1);
        }
        if (at <= STEPS_PER_SESSION) {
            var step = random.step(session, at - 1);
            sink.stepVerified(step);
            return RandomTraces.expected(step);
        }
        var end = random.end(session);
        sink.sessionEnded(end);
        return new TraceEvent.SessionEnded(end);
    }
}
