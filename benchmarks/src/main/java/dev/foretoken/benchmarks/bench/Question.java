package dev.foretoken.benchmarks.bench;

import java.util.List;

/**
 * One line of a prompt set.
 *
 * @param id as in the file
 * @param category answers are summarised by it
 * @param turns user messages, at least one, none empty
 */
record Question(String id, String category, List<String> turns) {
    Question {
        turns = List.copyOf(turns);
    }
}
