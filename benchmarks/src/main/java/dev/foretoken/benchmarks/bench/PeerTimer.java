package dev.foretoken.benchmarks.bench;

import java.time.Duration;

/** Another engine's step behind {@code --peer-command}: one row count per line out, nanoseconds per line in. */
final class PeerTimer implements StepTimer {
    private static final Duration STEP_LIMIT = Duration.ofMinutes(5);

    private final PeerProcess peer;

    PeerTimer(PeerProcess peer) {
        this.peer = peer;
    }

    @Override
    public long stepNs(int rows) {
        String answer = peer.ask(String.valueOf(rows), STEP_LIMIT).strip();
        long ns = answer.matches("\\d{1,18}") ? Long.parseLong(answer) : 0;
        if (ns < 1) {
            throw peer.failed(
                    "answered \"%s\", expected one time in nanoseconds".formatted(PeerProcess.shorten(answer)));
        }
        return ns;
    }

    @Override
    public void close() {
        peer.close();
    }
}
