package dev.foretoken.transport.stream;

import dev.foretoken.engine.draft.DraftLesson;
import dev.foretoken.engine.draft.DraftSession;
import dev.foretoken.engine.draft.DraftStart;
import dev.foretoken.engine.draft.DraftText;
import dev.foretoken.engine.draft.Drafter;
import dev.foretoken.engine.tree.TokenTree;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/** A drafter whose every step a test may break; counts what was opened and closed. */
final class ScriptedDrafter implements Drafter {
    private final String name;
    private final boolean needsOwnThread;
    final AtomicInteger opened = new AtomicInteger();
    final AtomicInteger closedSessions = new AtomicInteger();
    final AtomicInteger closed = new AtomicInteger();
    final AtomicInteger asked = new AtomicInteger();
    final AtomicInteger taught = new AtomicInteger();
    volatile boolean observes = true;
    volatile Runnable onOpen = () -> {};
    /** True if the session with this prompt has more to prepare. */
    volatile Predicate<DraftText> onPrepare = text -> false;

    volatile ToyEngine.Proposal onPropose = (text, depthMax, draft) -> {};
    volatile Runnable onObserve = () -> {};
    volatile Runnable onCloseSession = () -> {};
    volatile Runnable onClose = () -> {};

    ScriptedDrafter(String name, boolean needsOwnThread) {
        this.name = name;
        this.needsOwnThread = needsOwnThread;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public boolean needsOwnThread() {
        return needsOwnThread;
    }

    @Override
    public boolean observes() {
        return observes;
    }

    @Override
    public DraftSession open(DraftStart start) {
        onOpen.run();
        opened.incrementAndGet();
        return new DraftSession() {
            @Override
            public boolean prepare() {
                return onPrepare.test(start.text());
            }

            @Override
            public void propose(DraftText text, int depthMax, TokenTree draftOut) {
                asked.incrementAndGet();
                onPropose.propose(text, depthMax, draftOut);
            }

            @Override
            public void observe(DraftLesson lesson) {
                taught.incrementAndGet();
                onObserve.run();
            }

            @Override
            public void close() {
                closedSessions.incrementAndGet();
                onCloseSession.run();
            }
        };
    }

    @Override
    public void close() {
        closed.incrementAndGet();
        onClose.run();
    }
}
