package dev.foretoken.transport.stream;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.foretoken.engine.draft.Drafter;
import dev.foretoken.engine.session.GenerationRequest;
import dev.foretoken.engine.testing.HashTarget;
import dev.foretoken.engine.testing.HashVocabulary;
import dev.foretoken.transport.pipeline.EngineCounter;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** A drafter may be wrong, slow or absent: its own nodes are lost and counted, nothing else. */
@Timeout(60)
class DrafterFailureTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final int STRIKES_MAX = 8;

    private final HashTarget target = ToyEngine.endless(8);
    private final Drafter oracle = ToyEngine.oracle(target);

    /** Runs one request beside a perfect drafter and checks that nothing but the broken one's nodes are missing. */
    private GenerationSummary run(ToyEngine engine, int maxTokens) {
        GenerationRequest request = ToyEngine.prompt(1, 10, maxTokens).treeSize(8);
        GenerationSummary summary = engine.generate(request).summary().block(LIMIT);
        assertThat(summary.tokenIds()).isEqualTo(engine.expected(request));
        assertThat(summary.steps()).as("the good drafter's nodes stay").isEqualTo((maxTokens + 7) / 8);
        assertThat(engine.count(EngineCounter.SESSION_FAILURES)).isZero();
        return summary;
    }

    private ToyEngine with(ScriptedDrafter drafter) {
        return ToyEngine.builder(target)
                .drafters(drafter, oracle)
                .settings(ToyEngine.impatient())
                .start();
    }

    @ParameterizedTest(name = "own thread: {0}")
    @ValueSource(booleans = {false, true})
    void shouldLeaveADrafterAloneThatFailsAgainAndAgain(boolean ownThread) {
        ScriptedDrafter broken = new ScriptedDrafter("broken", ownThread);
        broken.onPropose = (text, depthMax, draft) -> {
            throw new IllegalStateException("no idea");
        };
        try (ToyEngine engine = with(broken)) {
            GenerationSummary summary = run(engine, 400);

            assertThat(broken.asked).hasValue(STRIKES_MAX);
            assertThat(engine.count(EngineCounter.DRAFTS_FAILED))
                    .as("each failure once")
                    .isEqualTo(STRIKES_MAX);
            assertThat(engine.count(EngineCounter.DRAFTERS_QUARANTINED)).isEqualTo(1);
            assertThat(summary.drafters().get("broken"))
                    .isEqualTo(new GenerationSummary.DrafterCounts(0, 0, 0, STRIKES_MAX));
        }
        assertThat(broken.closedSessions).hasValue(1);
        assertThat(broken.closed).hasValue(1);
    }

    @ParameterizedTest(name = "own thread: {0}")
    @ValueSource(booleans = {false, true})
    void shouldForgiveADrafterThatFailsNowAndThen(boolean ownThread) {
        ScriptedDrafter moody = new ScriptedDrafter("moody", ownThread);
        moody.onPropose = (text, depthMax, draft) -> {
            if (moody.asked.get() % 2 == 0) {
                throw new AssertionError("every other time");
            }
        };
        try (ToyEngine engine = with(moody)) {
            run(engine, 400);

            assertThat(engine.count(EngineCounter.DRAFTERS_QUARANTINED)).isZero();
            assertThat(engine.count(EngineCounter.DRAFTS_FAILED)).isEqualTo(25);
        }
    }

    @ParameterizedTest(name = "own thread: {0}")
    @ValueSource(booleans = {false, true})
    void shouldDoWithoutADrafterThatCannotBeOpened(boolean ownThread) {
        ScriptedDrafter closed = new ScriptedDrafter("closed", ownThread);
        closed.onOpen = () -> {
            throw new IllegalArgumentException("not for this session");
        };
        try (ToyEngine engine = with(closed)) {
            run(engine, 400);

            assertThat(closed.asked).hasValue(0);
            assertThat(engine.count(EngineCounter.DRAFTS_FAILED)).isEqualTo(1);
            assertThat(engine.count(EngineCounter.DRAFTERS_QUARANTINED)).isEqualTo(1);
        }
        assertThat(closed.closedSessions).hasValue(0);
    }

    @ParameterizedTest(name = "own thread: {0}")
    @ValueSource(booleans = {false, true})
    void shouldSurviveADrafterThatFailsToLearnAndToClose(boolean ownThread) {
        ScriptedDrafter clumsy = new ScriptedDrafter("clumsy", ownThread);
        clumsy.onObserve = clumsy.onCloseSession = clumsy.onClose = () -> {
            throw new IllegalStateException("clumsy");
        };
        try (ToyEngine engine = with(clumsy)) {
            run(engine, 400);
            run(engine, 400);
            engine.awaitAllGone();
        }
        assertThat(clumsy.closedSessions).hasValue(2);
        assertThat(clumsy.closed).hasValue(1);
        assertThat(target.isClosed()).isTrue();
    }

    @ParameterizedTest(name = "own thread: {0}")
    @ValueSource(booleans = {false, true})
    void shouldLogWhatADrafterThrewOnceAndCountItEveryTime(boolean ownThread) {
        ScriptedDrafter broken = new ScriptedDrafter("broken", ownThread);
        broken.onPropose = (text, depthMax, draft) -> {
            throw new IllegalStateException("no idea");
        };
        Logger logger = (Logger) LoggerFactory.getLogger("dev.foretoken.transport.pipeline.DrafterLog");
        ListAppender<ILoggingEvent> appender = new ListAppender<>();
        appender.start();
        logger.setLevel(Level.WARN);
        logger.addAppender(appender);
        try (ToyEngine engine = with(broken)) {
            run(engine, 400);
            run(engine, 400);

            assertThat(engine.count(EngineCounter.DRAFTS_FAILED)).isEqualTo(2 * STRIKES_MAX);
        } finally {
            logger.detachAppender(appender);
            logger.setLevel(null);
        }
        assertThat(appender.list).singleElement().satisfies(event -> {
            assertThat(event.getFormattedMessage())
                    .isEqualTo("event=drafter_failed drafter=broken action=propose failuresNotLogged=0");
            assertThat(event.getThrowableProxy().getMessage()).isEqualTo("no idea");
        });
    }

    @ParameterizedTest(name = "token {0}")
    @ValueSource(ints = {-1, HashVocabulary.SIZE, Integer.MAX_VALUE})
    void shouldDropADraftWithATokenThatDoesNotExist(int token) {
        ScriptedDrafter wild = new ScriptedDrafter("wild", false);
        wild.onPropose = (text, depthMax, draft) -> draft.add(0, token, 0.99f, 0);
        try (ToyEngine engine = ToyEngine.builder(target)
                .drafters(wild, oracle)
                .onSubmit(batch -> {
                    for (int segment = 0; segment < batch.segmentCount(); segment++) {
                        var tree = batch.tree(segment);
                        for (int node = 0; tree != null && node < tree.nodeCount(); node++) {
                            if (tree.token(node) < 0 || tree.token(node) >= HashVocabulary.SIZE) {
                                throw new ArrayIndexOutOfBoundsException(tree.token(node));
                            }
                        }
                    }
                })
                .start()) {
            run(engine, 100);

            assertThat(engine.count(EngineCounter.DRAFTS_FAILED)).isEqualTo(STRIKES_MAX);
        }
    }

    @Test
    void shouldDropADraftThatIsRootedElsewhere() {
        ScriptedDrafter lost = new ScriptedDrafter("lost", false);
        lost.onPropose = (text, depthMax, draft) -> {
            draft.restart(text.pendingToken() == 5 ? 6 : 5);
            draft.add(0, 7, 0.5f, 0);
        };
        try (ToyEngine engine = with(lost)) {
            run(engine, 100);

            assertThat(engine.count(EngineCounter.DRAFTS_FAILED)).isEqualTo(STRIKES_MAX);
        }
    }

    @Test
    void shouldGoOnWithoutADraftThatIsLate() {
        ScriptedDrafter late = new ScriptedDrafter("late", true);
        late.onPropose = (text, depthMax, draft) -> {
            if (late.asked.get() == 3) {
                Awaiting.pause(Duration.ofMillis(1300));
            }
        };
        try (ToyEngine engine = with(late)) {
            GenerationSummary summary = run(engine, 400);

            assertThat(engine.count(EngineCounter.DRAFTS_MISSED)).isPositive();
            assertThat(summary.drafters().get("late").missed()).isEqualTo(engine.count(EngineCounter.DRAFTS_MISSED));
        }
    }

    @Test
    void shouldServeOthersWhileASessionWaitsForItsSlowDraft() {
        ScriptedDrafter slow = new ScriptedDrafter("slow", true);
        CountDownLatch released = new CountDownLatch(1);
        slow.onPropose = (text, depthMax, draft) -> await(released);
        try (ToyEngine engine = with(slow)) {
            ManualReader<GeneratedToken> waiting = ManualReader.of(
                    engine.generate(ToyEngine.prompt(2, 4, 50).treeSize(4)).tokens());
            waiting.request(Long.MAX_VALUE);
            Awaiting.await(() -> slow.asked.get() == 1, LIMIT, "the slow drafter to be asked");

            // a plain session asks no drafter and shares the drafter thread with the waiting one
            assertThat(engine.generate(ToyEngine.prompt(3, 4, 200).treeSize(1))
                            .tokens()
                            .count()
                            .block(LIMIT))
                    .isEqualTo(200);
            assertThat(waiting.items).isEmpty();
            released.countDown();
            waiting.awaitEnd();
            assertThat(waiting.items).hasSize(50);
        }
    }

    @Test
    void shouldLoseNothingElseToADrafterThatIsBlockedForEver() {
        ScriptedDrafter stuck = new ScriptedDrafter("stuck", true);
        CountDownLatch never = new CountDownLatch(1);
        stuck.onPropose = (text, depthMax, draft) -> await(never);
        long beginNs = System.nanoTime();
        try (ToyEngine engine = with(stuck)) {
            for (int session = 0; session < 40; session++) {
                run(engine, 400);
            }
            engine.awaitAllGone();

            assertThat(stuck.asked).hasValue(1);
            assertThat(engine.count(EngineCounter.DRAFTS_MISSED))
                    .as("the one it was asked for")
                    .isEqualTo(1);
            assertThat(engine.count(EngineCounter.DRAFTERS_QUARANTINED)).isZero();
        }
        assertThat(Duration.ofNanos(System.nanoTime() - beginNs))
                .as("one deadline, then it is left alone; closing waits no longer than it says")
                .isLessThan(Duration.ofSeconds(15));
        never.countDown();
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
