package dev.foretoken.benchmarks.bench;

import dev.foretoken.engine.error.InvalidInputException;
import dev.foretoken.engine.error.IoProblem;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads prompt sets: JSON Lines in the form of Spec-Bench, one object per line with {@code question_id}, {@code category} and
 * {@code turns} (an array of user messages); other fields are ignored. Bounded: no file makes it take more memory than the
 * limits below allow.
 */
final class PromptSet {
    static final int LINE_BYTES_MAX = 1 << 20;
    static final int QUESTIONS_MAX = 100_000;
    static final long FILE_BYTES_MAX = 256L << 20;
    private static final int TURNS_MAX = 64;
    private static final int NAME_CHARACTERS_MAX = 64;

    private final String name;
    private final JsonMapper json = new JsonMapper();
    private final List<Question> questions = new ArrayList<>();
    private final Set<String> ids = new HashSet<>();
    private long bytesRead;

    private PromptSet(String name) {
        this.name = name;
    }

    /** @throws InvalidInputException if the file cannot be read or a line is not of the form; the line is named */
    static List<Question> read(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new InvalidInputException(
                    "prompt set %s is not a file, expected JSON Lines with question_id, category and turns"
                            .formatted(file));
        }
        try (InputStream in = Files.newInputStream(file)) {
            return new PromptSet(file.toString()).read(in);
        } catch (IOException e) {
            throw new InvalidInputException(
                    "prompt set %s cannot be read (%s), expected a JSON Lines file: check path and permissions"
                            .formatted(file, IoProblem.of(e)),
                    e);
        }
    }

    /** The few prompts that travel with the project: Java code to be continued, or messages for a chat model. */
    static List<Question> embedded(boolean chat) {
        String resource = chat ? "chat-prompts.jsonl" : "code-prompts.jsonl";
        try (InputStream in = PromptSet.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException(
                        "resource %s is missing beside %s".formatted(resource, PromptSet.class));
            }
            return new PromptSet(resource).read(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The first questions of each category, in the order of the set. */
    static List<Question> limited(List<Question> questions, int perCategory) {
        Map<String, Integer> seen = new HashMap<>();
        return questions.stream()
                .filter(question -> seen.merge(question.category(), 1, Integer::sum) <= perCategory)
                .toList();
    }

    List<Question> read(InputStream source) throws IOException {
        InputStream in = new BufferedInputStream(source, 1 << 16);
        int number = 0;
        for (byte[] line = readLine(in, 1); line != null; line = readLine(in, number + 1)) {
            number++;
            String text = decode(line, number).strip();
            if (!text.isEmpty()) {
                add(text, number);
            }
        }
        if (questions.isEmpty()) {
            throw new InvalidInputException("prompt set %s is empty, expected at least one question".formatted(name));
        }
        return List.copyOf(questions);
    }

    private byte @Nullable [] readLine(InputStream in, int number) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        int next = in.read();
        if (next < 0) {
            return null;
        }
        while (next >= 0 && next != '\n') {
            if (line.size() == LINE_BYTES_MAX) {
                throw refused(number, "is longer than %,d bytes, expected one question".formatted(LINE_BYTES_MAX));
            }
            line.write(next);
            next = in.read();
        }
        bytesRead += line.size();
        if (bytesRead > FILE_BYTES_MAX) {
            throw refused(number, "passes %,d bytes, expected a smaller set".formatted(FILE_BYTES_MAX));
        }
        return line.toByteArray();
    }

    private String decode(byte[] line, int number) {
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(line))
                    .toString();
            return text.startsWith("\ufeff") ? text.substring(1) : text;
        } catch (CharacterCodingException e) {
            throw refused(number, "is not UTF-8");
        }
    }

    private void add(String text, int number) {
        JsonNode node;
        try {
            node = json.readTree(text);
        } catch (JacksonException e) {
            throw refused(
                    number,
                    "is not JSON: " + e.getOriginalMessage().lines().findFirst().orElse(""));
        }
        if (!node.isObject()) {
            throw refused(number, "is not an object, expected question_id, category and turns");
        }
        if (questions.size() == QUESTIONS_MAX) {
            throw refused(number, "passes %,d questions, expected fewer".formatted(QUESTIONS_MAX));
        }
        String id = shortText(node.path("question_id"), "question_id", number);
        if (!ids.add(id)) {
            throw refused(number, "has the question_id %s of an earlier line, expected its own".formatted(id));
        }
        questions.add(new Question(
                id, shortText(node.path("category"), "category", number), turns(node.path("turns"), number)));
    }

    private String shortText(JsonNode value, String field, int number) {
        String text =
                value.isString() || value.isIntegralNumber() ? value.asString().strip() : "";
        if (text.isEmpty()
                || text.length() > NAME_CHARACTERS_MAX
                || text.chars().anyMatch(Character::isISOControl)) {
            throw refused(
                    number,
                    "has no usable %s, expected 1 to %d printable characters".formatted(field, NAME_CHARACTERS_MAX));
        }
        return text;
    }

    private List<String> turns(JsonNode value, int number) {
        if (!value.isArray() || value.isEmpty() || value.size() > TURNS_MAX) {
            throw refused(number, "has no usable turns, expected an array of 1 to %d messages".formatted(TURNS_MAX));
        }
        List<String> turns = new ArrayList<>();
        for (JsonNode turn : value) {
            if (!turn.isString() || turn.asString().isEmpty()) {
                throw refused(number, "has a turn that is no text, expected messages that are not empty");
            }
            turns.add(turn.asString());
        }
        return turns;
    }

    private InvalidInputException refused(int number, String problem) {
        return new InvalidInputException("line %d of prompt set %s %s".formatted(number, name, problem));
    }
}
