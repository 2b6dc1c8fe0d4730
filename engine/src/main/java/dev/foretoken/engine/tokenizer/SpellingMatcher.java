package dev.foretoken.engine.tokenizer;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Finds the longest of several spellings at a place in a text: a trie over their characters. Immutable, thread-safe. */
final class SpellingMatcher {
    private static final int ROOT = 0;
    private static final int NO_TOKEN = -1;

    private final Map<Long, Integer> children = new HashMap<>(); // node above character
    private final int[] tokenOfNode;

    SpellingMatcher(Map<String, Integer> tokenBySpelling) {
        int nodesMax =
                1 + tokenBySpelling.keySet().stream().mapToInt(String::length).sum();
        tokenOfNode = new int[nodesMax];
        Arrays.fill(tokenOfNode, NO_TOKEN);
        tokenBySpelling.forEach(this::insert);
    }

    private void insert(String spelling, int token) {
        int node = ROOT;
        for (int i = 0; i < spelling.length(); i++) {
            long key = key(node, spelling.charAt(i));
            Integer child = children.putIfAbsent(key, children.size() + 1);
            node = child == null ? children.size() : child;
        }
        tokenOfNode[node] = token;
    }

    private static long key(int node, char character) {
        return (long) node << 16 | character;
    }

    /** A token and where its spelling ends. */
    record Match(int token, int end) {}

    /** The longest spelling that begins at this index, null if none does. */
    @Nullable
    Match longestAt(String text, int index) {
        int node = ROOT;
        int token = NO_TOKEN;
        int end = index;
        for (int i = index; i < text.length(); i++) {
            Integer child = children.get(key(node, text.charAt(i)));
            if (child == null) {
                break;
            }
            node = child;
            if (tokenOfNode[node] != NO_TOKEN) {
                token = tokenOfNode[node];
                end = i + 1;
            }
        }
        return token == NO_TOKEN ? null : new Match(token, end);
    }
}
