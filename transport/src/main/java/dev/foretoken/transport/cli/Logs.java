package dev.foretoken.transport.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.OutputStreamAppender;
import java.io.OutputStream;
import org.slf4j.LoggerFactory;

/** Logs go to standard error, and only when asked for. Set up in code: a file would also configure hosts that embed us. */
final class Logs {
    private Logs() {}

    static void configure(boolean verbose, OutputStream err) {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        context.reset();
        Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.OFF);
        if (verbose) {
            root.addAppender(appender(context, err));
            root.setLevel(Level.WARN);
            context.getLogger("dev.foretoken").setLevel(Level.DEBUG);
        }
    }

    private static OutputStreamAppender<ILoggingEvent> appender(LoggerContext context, OutputStream err) {
        PatternLayoutEncoder encoder = new PatternLayoutEncoder();
        encoder.setContext(context);
        encoder.setPattern("%d{HH:mm:ss.SSS} %-5level %logger{0} %msg%n");
        encoder.start();
        OutputStreamAppender<ILoggingEvent> appender = new OutputStreamAppender<>();
        appender.setContext(context);
        appender.setEncoder(encoder);
        appender.setOutputStream(err);
        appender.start();
        return appender;
    }
}
