package dev.foretoken.transport.chat;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PrimitiveIterator;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/**
 * Keeps the text of messages from becoming special tokens. Wherever a special token's spelling begins in a message, a
 * marker follows its first character; where a message's edge could complete a spelling together with the template's text,
 * a marker stands at the edge. Markers are private-use characters that occur nowhere in the input, so that a message may
 * contain private-use characters of its own; {@link #restore} removes them after the special tokens were cut out.
 */
final class MessageGuard {
    private final List<String> spellings; // of two characters and more
    private final Map<Integer, List<String>> spellingsByFirst = new HashMap<>();
    private final Map<Integer, String> substituteByCharacter = new HashMap<>(); // for spellings of one character
    private final String marker;

    /**
     * @param spellings special tokens as they are written
     * @param texts everything that goes into the rendering
     */
    MessageGuard(Collection<String> spellings, Collection<String> texts) {
        PrimitiveIterator.OfInt unused = unusedPrivateCharacters(spellings, texts);
        marker = next(unused);
        this.spellings = new ArrayList<>();
        for (String spelling : spellings) {
            int first = spelling.codePointAt(0);
            if (spelling.length() == Character.charCount(first)) {
                substituteByCharacter.put(first, next(unused));
            } else {
                this.spellings.add(spelling);
                spellingsByFirst
                        .computeIfAbsent(first, key -> new ArrayList<>())
                        .add(spelling);
            }
        }
    }

    private static PrimitiveIterator.OfInt unusedPrivateCharacters(
            Collection<String> spellings, Collection<String> texts) {
        java.util.BitSet used = new java.util.BitSet();
        spellings.forEach(text -> text.codePoints().forEach(used::set));
        texts.forEach(text -> text.codePoints().forEach(used::set));
        return IntStream.concat(IntStream.rangeClosed(0xE000, 0xF8FF), IntStream.rangeClosed(0xF0000, 0xFFFFD))
                .filter(character -> !used.get(character))
                .iterator();
    }

    private static String next(PrimitiveIterator.OfInt unused) {
        if (!unused.hasNext()) {
            throw new TemplateException("the messages use every private-use character there is; remove some");
        }
        return Character.toString(unused.nextInt());
    }

    /** The message's text with markers. */
    String protect(String text) {
        String body = stripped(text);
        int bodyFrom = text.indexOf(body);
        int bodyTo = bodyFrom + body.length();
        StringBuilder guarded = new StringBuilder(text.length() + 8);
        for (int i = 0; i < text.length(); ) {
            if ((i == 0 && completesSpelling(text)) || (i == bodyFrom && completesSpelling(body))) {
                guarded.append(marker);
            }
            int character = text.codePointAt(i);
            String substitute = substituteByCharacter.get(character);
            guarded.append(substitute == null ? Character.toString(character) : substitute);
            if (beginsSpelling(text, i, character)) {
                guarded.append(marker);
            }
            i += Character.charCount(character);
            if ((i == text.length() && beginsUnfinishedSpelling(text))
                    || (i == bodyTo && beginsUnfinishedSpelling(body))) {
                guarded.append(marker);
            }
        }
        return guarded.toString();
    }

    /** Templates trim messages, so the edge that counts may be this one. */
    private static String stripped(String text) {
        return PythonText.strip(text, null);
    }

    private boolean beginsSpelling(String text, int at, int first) {
        for (String spelling : spellingsByFirst.getOrDefault(first, List.of())) {
            if (text.startsWith(spelling, at)) {
                return true;
            }
        }
        return false;
    }

    private boolean beginsUnfinishedSpelling(String text) {
        return anySpelling(spelling -> anyLength(spelling, length -> text.endsWith(spelling.substring(0, length))));
    }

    private boolean completesSpelling(String text) {
        return anySpelling(spelling ->
                anyLength(spelling, length -> text.startsWith(spelling.substring(spelling.length() - length))));
    }

    private boolean anySpelling(Predicate<String> test) {
        return spellings.stream().anyMatch(test);
    }

    private static boolean anyLength(String spelling, java.util.function.IntPredicate test) {
        return IntStream.range(1, spelling.length()).anyMatch(test);
    }

    /** The text without markers. */
    String restore(String guarded) {
        String text = guarded.replace(marker, "");
        for (Map.Entry<Integer, String> entry : substituteByCharacter.entrySet()) {
            text = text.replace(entry.getValue(), Character.toString(entry.getKey()));
        }
        return text;
    }
}
