package dev.foretoken.transport.chat;

/** Ends a rendering that takes too long, whatever the template catches on the way: not an exception, but an error. */
final class RenderBudget {
    static final int NODES_MAX = 1_000_000;
    private static final long NANOS_MAX = 10_000_000_000L;

    private final long startNs = System.nanoTime();
    private int nodes;

    /** Called for every node of the template each time it is rendered. */
    void spend() {
        if (++nodes > NODES_MAX || System.nanoTime() - startNs > NANOS_MAX) {
            throw new Exceeded();
        }
    }

    static final class Exceeded extends Error {
        private static final long serialVersionUID = 1L;

        private Exceeded() {
            super("rendering budget exceeded", null, false, false);
        }
    }
}
