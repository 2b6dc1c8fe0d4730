package dev.foretoken.engine.tokenizer;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;

/**
 * Cuts special tokens out of a text, leftmost first and of several the longest, and encodes what lies between.
 * <p>Control and unknown tokens are recognised on request only. User-defined tokens are text of the model's own making:
 * in a raw text they are always one token, as the model was trained to see them; in the plain segments of a chat, which
 * may carry a stranger's words, they are not recognised either.
 */
final class SegmentedTokenizer implements Tokenizer {
    private final Vocabulary vocabulary;
    private final TextEncoder encoder;
    private final Map<String, Integer> specials;
    private final SpellingMatcher allSpecials;
    private final SpellingMatcher userDefined;
    private final OptionalInt beginToken;

    SegmentedTokenizer(Vocabulary vocabulary, TextEncoder encoder, SpecialSpellings spellings, OptionalInt beginToken) {
        this.vocabulary = vocabulary;
        this.encoder = encoder;
        this.beginToken = beginToken;
        Map<String, Integer> all = new LinkedHashMap<>(spellings.control());
        all.putAll(spellings.userDefined());
        specials = Collections.unmodifiableMap(all);
        allSpecials = new SpellingMatcher(all);
        userDefined = new SpellingMatcher(spellings.userDefined());
    }

    @Override
    public Vocabulary vocabulary() {
        return vocabulary;
    }

    @Override
    public int[] encode(String text, boolean parseSpecial) {
        return encode(TextSegments.cut(text, parseSpecial ? allSpecials : userDefined));
    }

    @Override
    public int[] encode(List<TextSegment> segments) {
        IntList tokens = new IntList(segments.size() * 16);
        StringBuilder plain = new StringBuilder(); // neighbouring plain segments are one text
        boolean atBoundary = true;
        for (TextSegment segment : segments) {
            switch (segment) {
                case TextSegment.Plain(String text) -> plain.append(text);
                case TextSegment.Special(int token) -> {
                    encodePlain(plain.toString(), atBoundary, tokens);
                    plain.setLength(0);
                    tokens.add(Objects.checkIndex(token, vocabulary.size()));
                    atBoundary = true;
                }
            }
        }
        encodePlain(plain.toString(), atBoundary, tokens);
        return tokens.toArray();
    }

    private void encodePlain(String text, boolean atBoundary, IntList tokensOut) {
        if (!text.isEmpty()) {
            encoder.encode(text, atBoundary, tokensOut);
        }
    }

    @Override
    public Map<String, Integer> specialTokens() {
        return specials;
    }

    @Override
    public OptionalInt beginToken() {
        return beginToken;
    }
}
