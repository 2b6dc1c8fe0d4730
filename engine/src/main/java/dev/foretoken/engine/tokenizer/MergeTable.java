package dev.foretoken.engine.tokenizer;

import dev.foretoken.engine.error.InvalidInputException;
import java.util.Arrays;

/** Which two tokens merge, in which order of preference and into which token. Immutable, thread-safe. */
final class MergeTable {
    private static final String KEY = "tokenizer.ggml.merges";
    private static final long EMPTY = -1;

    private final long[] pairs; // left token above right token
    private final long[] results; // rank above merged token

    private MergeTable(int count) {
        int capacity = Integer.highestOneBit(Math.max(4, count)) * 4;
        pairs = new long[capacity];
        results = new long[capacity];
        Arrays.fill(pairs, EMPTY);
    }

    /** Reads {@code left right} lines, best first; both parts and the two together must be text pieces. */
    static MergeTable of(TokenizerData data) {
        String[] merges = data.merges();
        if (merges == null) {
            throw new InvalidInputException(
                    "%s is missing, expected the merges of the byte-pair vocabulary; convert the model again"
                            .formatted(KEY));
        }
        MergeTable table = new MergeTable(merges.length);
        for (int rank = 0; rank < merges.length; rank++) {
            String merge = merges[rank];
            int space = merge.indexOf(' ');
            if (space < 1 || space == merge.length() - 1 || merge.indexOf(' ', space + 1) >= 0) {
                throw new InvalidInputException(
                        "%s entry %d is %s, expected two pieces with one space between them; convert the model again"
                                .formatted(KEY, rank, Quoted.of(merge)));
            }
            String left = merge.substring(0, space);
            String right = merge.substring(space + 1);
            table.insert(
                    textToken(data, left, rank),
                    textToken(data, right, rank),
                    rank,
                    textToken(data, left + right, rank));
        }
        return table;
    }

    private static int textToken(TokenizerData data, String piece, int rank) {
        int id = data.id(piece);
        if (id < 0 || !data.kind(id).isText()) {
            throw new InvalidInputException(
                    "%s entry %d needs the piece %s, which is %s, expected a piece of text; convert the model again"
                            .formatted(
                                    KEY,
                                    rank,
                                    Quoted.of(piece),
                                    id < 0 ? "not in " + TokenizerData.TOKENS_KEY : "a special token"));
        }
        return id;
    }

    private void insert(int left, int right, int rank, int merged) {
        long pair = (long) left << 32 | right;
        int slot = slotOf(pair);
        if (pairs[slot] == EMPTY) { // a repeated pair keeps its best rank
            pairs[slot] = pair;
            results[slot] = (long) rank << 32 | merged;
        }
    }

    /** What two tokens merge into, as {@link PairMerger.Pairs#find} answers. */
    long find(int left, int right) {
        int slot = slotOf((long) left << 32 | right);
        return pairs[slot] == EMPTY ? PairMerger.Pairs.NONE : results[slot];
    }

    private int slotOf(long pair) {
        int slot = HashKeys.OWN.hash(pair) & pairs.length - 1;
        while (pairs[slot] != EMPTY && pairs[slot] != pair) {
            slot = slot + 1 & pairs.length - 1;
        }
        return slot;
    }
}
