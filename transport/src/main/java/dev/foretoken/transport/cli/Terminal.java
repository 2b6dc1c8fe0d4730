package dev.foretoken.transport.cli;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * The three standard streams and what is known about them. Text is UTF-8 whatever the locale says.
 *
 * @param in standard input, raw bytes
 * @param out standard output, unbuffered
 * @param err standard error: reports, progress, one line per error
 * @param outIsTerminal a person reads standard output
 * @param errIsTerminal a person reads standard error
 * @param environment environment variables, for {@code NO_COLOR}, {@code COLUMNS} and the like
 */
public record Terminal(
        InputStream in,
        OutputStream out,
        PrintStream err,
        boolean outIsTerminal,
        boolean errIsTerminal,
        Map<String, String> environment) {

    /** Set by the launcher, which can ask the system: which of {@code out,err} are terminals. */
    private static final String TERMINALS_PROPERTY = "foretoken.terminals";

    /** Set by the launcher too: the width of the terminal. */
    private static final String COLUMNS_PROPERTY = "foretoken.columns";

    /** The process's own streams. */
    static Terminal ofProcess() {
        String terminals = System.getProperty(TERMINALS_PROPERTY);
        boolean both = terminals == null
                && System.console() != null
                && System.console().isTerminal();
        return new Terminal(
                new FileInputStream(FileDescriptor.in),
                new FileOutputStream(FileDescriptor.out),
                new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8),
                both || (terminals != null && terminals.contains("out")),
                both || (terminals != null && terminals.contains("err")),
                environmentOfProcess());
    }

    private static Map<String, String> environmentOfProcess() {
        Map<String, String> environment = new HashMap<>(System.getenv());
        String columns = System.getProperty(COLUMNS_PROPERTY, "");
        if (!columns.isEmpty()) {
            environment.put("COLUMNS", columns);
        }
        return Map.copyOf(environment);
    }

    /** True if escape sequences may go to standard output (see no-color.org). */
    public boolean colorsOutput() {
        return outIsTerminal && !isSet("NO_COLOR") && !"dumb".equals(environment.get("TERM"));
    }

    /** Characters of a line on the terminal; 0 where nobody knows. */
    int columns() {
        try {
            return Math.max(0, Integer.parseInt(environment.getOrDefault("COLUMNS", "0")));
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    /** A paragraph of standard error, on a terminal broken between words. */
    void errorParagraph(String text) {
        err.println(errIsTerminal ? Paragraph.wrapped(text, columns()) : text);
    }

    /** True if stack traces are wanted. */
    boolean debugs() {
        return isSet("FORETOKEN_DEBUG");
    }

    private boolean isSet(String variable) {
        return !environment.getOrDefault(variable, "").isEmpty();
    }

    /** One line of standard error. */
    public void errorLine(String message) {
        err.println("foretoken: " + visible(message));
    }

    /** The text on one line: what would break the line or drive the terminal becomes a blank or a question mark. */
    public static String visible(String text) {
        StringBuilder line = new StringBuilder();
        text.codePoints()
                .map(c -> Character.isISOControl(c) ? (Character.isWhitespace(c) ? ' ' : '?') : c)
                .forEach(line::appendCodePoint);
        return line.toString();
    }
}
