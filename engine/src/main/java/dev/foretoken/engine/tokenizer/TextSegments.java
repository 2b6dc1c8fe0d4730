package dev.foretoken.engine.tokenizer;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Texts in which special tokens are written out. */
public final class TextSegments {
    private TextSegments() {}

    /**
     * Cuts special tokens out of a text: leftmost first, of several the longest.
     *
     * @param specialTokens as {@link Tokenizer#specialTokens} gives them; none empty
     * @return no empty plain segments
     */
    public static List<TextSegment> cut(String text, Map<String, Integer> specialTokens) {
        return cut(text, new SpellingMatcher(specialTokens));
    }

    static List<TextSegment> cut(String text, SpellingMatcher matcher) {
        List<TextSegment> segments = new ArrayList<>();
        int plainFrom = 0;
        for (int at = 0; at < text.length(); ) {
            SpellingMatcher.Match match = matcher.longestAt(text, at);
            if (match == null) {
                at++;
                continue;
            }
            if (at > plainFrom) {
                segments.add(new TextSegment.Plain(text.substring(plainFrom, at)));
            }
            segments.add(new TextSegment.Special(match.token()));
            at = match.end();
            plainFrom = at;
        }
        if (text.length() > plainFrom) {
            segments.add(new TextSegment.Plain(text.substring(plainFrom)));
        }
        return segments;
    }
}
