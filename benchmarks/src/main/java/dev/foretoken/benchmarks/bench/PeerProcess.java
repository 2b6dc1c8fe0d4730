package dev.foretoken.benchmarks.bench;

import dev.foretoken.engine.error.InvalidInputException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Another engine behind a program that is asked line by line on its standard input and answers line by line on its standard
 * output. Its first line is JSON and says {@code name} and {@code version}. One thread at a time.
 */
final class PeerProcess implements AutoCloseable {
    private static final Duration START_LIMIT = Duration.ofMinutes(10);
    private static final Duration END_LIMIT = Duration.ofSeconds(5);
    private static final int LINE_CHARACTERS_MAX = 1 << 22;
    private static final int NAME_CHARACTERS_MAX = 60;
    private static final String END = "\0end";

    private final String command;
    private final Process process;
    private final OutputStream in;
    private final BlockingQueue<String> lines = new ArrayBlockingQueue<>(1024);
    private final JsonMapper json = new JsonMapper();
    private volatile String lastError = "";
    private String name = "peer";
    private String version = "";

    private PeerProcess(String command, Process process) {
        this.command = command;
        this.process = process;
        this.in = process.getOutputStream();
        Thread.ofVirtual().name("peer-out").start(() -> read(process.getInputStream(), true));
        Thread.ofVirtual().name("peer-err").start(() -> read(process.getErrorStream(), false));
    }

    /**
     * Starts the program and waits for its first line.
     *
     * @throws InvalidInputException if it cannot be started, ends, is silent for ten minutes or says no name
     */
    static PeerProcess start(String command, List<String> arguments) {
        List<String> words = new ArrayList<>(PeerCommand.words(command));
        words.addAll(arguments);
        PeerProcess peer;
        try {
            peer = new PeerProcess(command, new ProcessBuilder(words).start());
        } catch (IOException e) {
            throw new InvalidInputException(
                    "--peer-command \"%s\" cannot be started: %s".formatted(command, e.getMessage()), e);
        }
        try {
            peer.greet();
            return peer;
        } catch (RuntimeException e) {
            peer.close();
            throw e;
        }
    }

    private void greet() {
        JsonNode hello = parse(nextLine(START_LIMIT));
        String said = hello.path("name").asString("").strip();
        if (said.isEmpty()
                || said.length() > NAME_CHARACTERS_MAX
                || said.chars().anyMatch(Character::isISOControl)) {
            throw failed("said no name in its first line, expected {\"name\":…,\"version\":…}");
        }
        name = said;
        version = hello.path("version").asString("");
    }

    String name() {
        return name;
    }

    String version() {
        return version;
    }

    /** Sends one line and waits for one line. */
    String ask(String line, Duration limit) {
        try {
            in.write((line + "\n").getBytes(StandardCharsets.UTF_8));
            in.flush();
        } catch (IOException e) {
            throw failed("ended before it was asked");
        }
        return nextLine(limit);
    }

    /** As {@link #ask}; the answer is JSON. */
    JsonNode askJson(String line, Duration limit) {
        return parse(ask(line, limit));
    }

    private JsonNode parse(String line) {
        try {
            return json.readTree(line);
        } catch (JacksonException e) {
            throw failed("answered \"%s\", expected JSON".formatted(shorten(line)));
        }
    }

    InvalidInputException failed(String problem) {
        String said = lastError.isBlank() ? "" : " (its last words: %s)".formatted(shorten(lastError));
        return new InvalidInputException("the program of --peer-command \"%s\" %s%s".formatted(command, problem, said));
    }

    static String shorten(String text) {
        String line = text.strip();
        return line.length() <= 160 ? line : line.substring(0, 160) + "…";
    }

    private String nextLine(Duration limit) {
        try {
            String line = lines.poll(limit.toMillis(), TimeUnit.MILLISECONDS);
            if (line == null) {
                throw failed("did not answer within %d s".formatted(limit.toSeconds()));
            }
            if (line.equals(END)) {
                endLines();
                process.waitFor(1, TimeUnit.SECONDS);
                throw failed(
                        process.isAlive()
                                ? "closed its output"
                                : "ended with status %d".formatted(process.exitValue()));
            }
            return line;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failed("was interrupted");
        }
    }

    private void read(InputStream stream, boolean answers) {
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
            for (String line = readLine(reader); line != null; line = readLine(reader)) {
                if (!answers) {
                    lastError = line.isBlank() ? lastError : line;
                } else if (!lines.offer(line)) {
                    break; // talks without being asked
                }
            }
        } catch (IOException e) {
            lastError = lastError.isBlank() ? String.valueOf(e.getMessage()) : lastError;
        } finally {
            if (answers) {
                endLines();
            }
        }
    }

    /** Answers that came before the end stay readable. */
    private void endLines() {
        while (!lines.offer(END)) {
            lines.clear();
        }
    }

    private static @Nullable String readLine(BufferedReader reader) throws IOException {
        StringBuilder line = new StringBuilder();
        int next = reader.read();
        if (next < 0) {
            return null;
        }
        while (next >= 0 && next != '\n') {
            if (line.length() == LINE_CHARACTERS_MAX) {
                throw new IOException("a line of more than %,d characters".formatted(LINE_CHARACTERS_MAX));
            }
            line.append((char) next);
            next = reader.read();
        }
        return line.toString();
    }

    /** Closes the program's input, on which it should end, and ends it if it does not. */
    @Override
    public void close() {
        try {
            in.close();
        } catch (IOException e) {
            // it has ended already
        }
        try {
            if (!process.waitFor(END_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
