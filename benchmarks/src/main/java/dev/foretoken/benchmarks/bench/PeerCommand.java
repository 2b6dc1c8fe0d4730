package dev.foretoken.benchmarks.bench;

import dev.foretoken.engine.error.InvalidInputException;
import java.util.ArrayList;
import java.util.List;

/** Splits {@code --peer-command} into words: blanks separate them, single or double quotes keep blanks. */
final class PeerCommand {
    private PeerCommand() {}

    static List<String> words(String command) {
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        boolean open = false;
        char quote = 0;
        for (char c : command.toCharArray()) {
            if (quote != 0 && c == quote) {
                quote = 0;
            } else if (quote == 0 && (c == '"' || c == '\'')) {
                quote = c;
                open = true;
            } else if (quote == 0 && Character.isWhitespace(c)) {
                if (open) {
                    words.add(word.toString());
                    word.setLength(0);
                    open = false;
                }
            } else {
                word.append(c);
                open = true;
            }
        }
        if (quote != 0) {
            throw new InvalidInputException(
                    "--peer-command \"%s\" has a quote that is not closed: close it".formatted(command));
        }
        if (open) {
            words.add(word.toString());
        }
        if (words.isEmpty()) {
            throw new InvalidInputException("--peer-command is empty, expected a program that drives another engine");
        }
        return words;
    }
}
