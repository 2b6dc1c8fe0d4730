package dev.foretoken.benchmarks.bench;

import dev.foretoken.drafters.recycling.WarmStart;
import dev.foretoken.engine.draft.DraftLesson;
import dev.foretoken.transport.stream.GeneratedToken;
import dev.foretoken.transport.stream.GeneratedToken.TokenLogprob;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the recycling drafter would know after it had answered all questions of a set but one: of every token, the best ids of
 * the row that it led to last. Made from plain decoding's untimed answers. The question that is asked is left out with all its
 * turns, so no table has seen the answer that it helps to draft.
 */
final class WarmTables {
    /** By input token, ascending; then by question in the order of the set: the question's last row of that token. */
    private final Map<Integer, Map<String, int[]>> rows = new TreeMap<>();

    private final Map<String, WarmStart> made = new HashMap<>();

    /**
     * Takes an answer in.
     *
     * @param lastPromptToken the token before the answer
     * @param answer with at least {@link DraftLesson#TOP_IDS} alternatives to each token; rows with fewer are left out
     */
    void learn(String questionId, int lastPromptToken, List<GeneratedToken> answer) {
        int input = lastPromptToken;
        for (GeneratedToken token : answer) {
            if (token.top().size() >= DraftLesson.TOP_IDS) {
                int[] best = token.top().stream()
                        .limit(DraftLesson.TOP_IDS)
                        .mapToInt(TokenLogprob::id)
                        .toArray();
                Map<String, int[]> byQuestion = rows.computeIfAbsent(input, id -> new LinkedHashMap<>());
                byQuestion.put(questionId, best);
            }
            input = token.id();
        }
        made.clear();
    }

    /** The table to answer this question with: of every other question. */
    WarmStart without(String questionId) {
        return made.computeIfAbsent(questionId, this::make);
    }

    private WarmStart make(String questionId) {
        List<Integer> tokens = new ArrayList<>();
        List<int[]> best = new ArrayList<>();
        rows.forEach((token, byQuestion) -> {
            int[] last = null;
            for (Map.Entry<String, int[]> row : byQuestion.entrySet()) {
                last = row.getKey().equals(questionId) ? last : row.getValue();
            }
            if (last != null) {
                tokens.add(token);
                best.add(last);
            }
        });
        return new WarmStart(
                tokens.stream().mapToInt(Integer::intValue).toArray(),
                best.stream().flatMapToInt(Arrays::stream).toArray());
    }
}
