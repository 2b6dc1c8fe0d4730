package dev.foretoken.engine.tokenizer;

import dev.foretoken.engine.error.InvalidInputException;
import java.util.Arrays;

/**
 * SentencePiece-style BPE: spaces become U+2581, neighbours merge into the piece with the best score, and a character
 * without a piece falls back to its bytes or to the unknown token. O(n log n) for any text.
 * <p>Source: Kudo and Richardson 2018 (arXiv:1808.06226), the BPE model of the SentencePiece library.
 */
final class SentencePieceEncoder implements TextEncoder {
    static final char SPACE = '▁';

    private final boolean addsSpacePrefix;
    private final PieceTable pieces;
    private final int[] scoreRank; // [V] 0 = best score; equal scores share a rank
    private final int[] tokenOfByte = new int[256];
    private final int unknownToken;

    SentencePieceEncoder(TokenizerData data, byte[][] utf8ByNormalPiece) {
        addsSpacePrefix = data.addsSpacePrefix(true);
        pieces = new PieceTable(utf8ByNormalPiece);
        scoreRank = scoreRanks(data);
        unknownToken = data.id(TokenRole.UNKNOWN);
        Arrays.fill(tokenOfByte, -1);
        for (int id = 0; id < data.size(); id++) {
            if (data.kind(id) == TokenKind.BYTE) {
                tokenOfByte[BytePiece.value(data.piece(id), id)] = id;
            }
        }
    }

    private static int[] scoreRanks(TokenizerData data) {
        float[] scores = data.scores();
        if (scores == null) {
            throw new InvalidInputException(
                    "tokenizer.ggml.scores is missing, expected one score per piece; convert the model again");
        }
        float[] ascending = scores.clone();
        for (int i = 0; i < ascending.length; i++) {
            ascending[i] += 0.0f; // one zero only
        }
        Arrays.sort(ascending);
        int[] ranks = new int[scores.length];
        for (int id = 0; id < ranks.length; id++) {
            ranks[id] = ascending.length - 1 - lastIndexOf(ascending, scores[id] + 0.0f);
        }
        return ranks;
    }

    private static int lastIndexOf(float[] ascending, float value) {
        int low = 0;
        int high = ascending.length;
        while (high - low > 1) {
            int middle = (low + high) >>> 1;
            if (ascending[middle] <= value) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return low;
    }

    @Override
    public void encode(String text, boolean atBoundary, IntList tokensOut) {
        String spelled = atBoundary && addsSpacePrefix ? " " + text : text;
        int[] codePoints = CodePoints.of(spelled.replace(' ', SPACE));
        byte[] utf8 = new byte[Math.multiplyExact(codePoints.length, 4)];
        PairMerger merger = new PairMerger();
        int end = 0;
        for (int codePoint : codePoints) {
            int start = end;
            end = CodePoints.encodeUtf8(codePoint, utf8, start);
            merger.add(pieces.find(utf8, start, end), start, end);
        }
        merger.merge((symbols, left, right) -> {
            int merged = pieces.find(utf8, symbols.from(left), symbols.to(right));
            return merged < 0 ? PairMerger.Pairs.NONE : (long) scoreRank[merged] << 32 | merged;
        });
        emit(merger, utf8, tokensOut);
    }

    private void emit(PairMerger merger, byte[] utf8, IntList tokensOut) {
        boolean afterUnknown = false;
        for (int symbol = merger.first(); symbol >= 0; symbol = merger.next(symbol)) {
            int from = merger.from(symbol);
            int to = merger.to(symbol);
            boolean unknown = false;
            if (merger.token(symbol) >= 0) {
                tokensOut.add(merger.token(symbol));
            } else if (haveTokens(utf8, from, to)) {
                for (int i = from; i < to; i++) {
                    tokensOut.add(tokenOfByte[utf8[i] & 0xFF]);
                }
            } else {
                unknown = true;
                if (!afterUnknown) { // a run of unknown characters is one unknown token
                    tokensOut.add(requireUnknownToken(utf8, from, to));
                }
            }
            afterUnknown = unknown;
        }
    }

    private boolean haveTokens(byte[] utf8, int from, int to) {
        for (int i = from; i < to; i++) {
            if (tokenOfByte[utf8[i] & 0xFF] < 0) {
                return false;
            }
        }
        return true;
    }

    private int requireUnknownToken(byte[] utf8, int from, int to) {
        if (unknownToken < 0) {
            String character = new String(utf8, from, to - from, java.nio.charset.StandardCharsets.UTF_8);
            throw new InvalidInputException(
                    "the text has the character %s (U+%04X), for which this model has no token; remove it"
                            .formatted(Quoted.of(character), character.codePointAt(0)));
        }
        return unknownToken;
    }
}
