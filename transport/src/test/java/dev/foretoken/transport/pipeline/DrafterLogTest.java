package dev.foretoken.transport.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class DrafterLogTest {
    private final Logger logger = (Logger) LoggerFactory.getLogger(DrafterLog.class);
    private final List<ILoggingEvent> logged = new CopyOnWriteArrayList<>();
    private final AtomicLong nowNs = new AtomicLong(-5);
    private final DrafterLog log = new DrafterLog("guess", nowNs::get);

    private final AppenderBase<ILoggingEvent> appender = new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
            logged.add(event);
        }
    };

    @BeforeEach
    void listen() {
        appender.setContext(logger.getLoggerContext());
        appender.start();
        logger.setLevel(Level.WARN);
        logger.setAdditive(false);
        logger.addAppender(appender);
    }

    @AfterEach
    void stopListening() {
        logger.detachAppender(appender);
        logger.setAdditive(true);
        logger.setLevel(null);
    }

    @Test
    void shouldLogTheFirstFailureAndThenOnceInAWhileWithTheirNumber() {
        log.threw("propose", new IllegalStateException("no idea"));
        nowNs.addAndGet(DrafterLog.QUIET_NS - 1);
        log.threw("propose", new IllegalStateException("again"));
        log.threw("observe", new IllegalStateException("and again"));

        assertThat(logged).hasSize(1);
        assertThat(logged.getFirst().getLevel()).isEqualTo(Level.WARN);
        assertThat(logged.getFirst().getFormattedMessage())
                .isEqualTo("event=drafter_failed drafter=guess action=propose failuresNotLogged=0");
        assertThat(logged.getFirst().getThrowableProxy().getMessage()).isEqualTo("no idea");

        nowNs.incrementAndGet();
        log.threw("close", new IllegalStateException("still"));

        assertThat(logged).hasSize(2);
        assertThat(logged.getLast().getFormattedMessage())
                .isEqualTo("event=drafter_failed drafter=guess action=close failuresNotLogged=2");
    }

    @Test
    void shouldNotPassOnWhatTheHostsLoggingThrows() {
        appender.stop();
        logger.addAppender(new AppenderBase<>() {
            {
                setContext(logger.getLoggerContext());
                setName("broken");
                start();
            }

            @Override
            public synchronized void doAppend(ILoggingEvent event) {
                throw new IllegalStateException("no disk");
            }

            @Override
            protected void append(ILoggingEvent event) {}
        });
        try {
            log.threw("propose", new IllegalStateException("no idea"));
        } finally {
            logger.detachAppender("broken");
        }

        assertThat(logged).isEmpty();
    }
}
