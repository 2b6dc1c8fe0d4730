package dev.foretoken.benchmarks.bench;

import dev.foretoken.engine.error.ForetokenException;
import java.util.List;

/** A configuration answered with other tokens than plain decoding: a defect, so its times mean nothing. */
final class AnswersDifferException extends ForetokenException {
    private static final long serialVersionUID = 1L;

    private AnswersDifferException(String message) {
        super(message);
    }

    /** Compares an answer with the reference, token by token. */
    static void check(String contender, PromptCase promptCase, List<Integer> ids) {
        List<Integer> expected = promptCase.referenceIds();
        if (ids.equals(expected)) {
            return;
        }
        int same = 0;
        while (same < Math.min(ids.size(), expected.size()) && ids.get(same).equals(expected.get(same))) {
            same++;
        }
        throw new AnswersDifferException(
                "configuration %s answers %s differently from plain decoding: token %d is %s, expected %s"
                        .formatted(contender, promptCase.label(), same, tokenAt(ids, same), tokenAt(expected, same)));
    }

    private static String tokenAt(List<Integer> ids, int index) {
        return index < ids.size() ? String.valueOf(ids.get(index)) : "absent";
    }
}
