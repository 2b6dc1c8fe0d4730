package dev.foretoken.engine.tokenizer;

/**
 * Byte-level BPE: cut into words, then merge the word's bytes by rank. Bytes without a token of their own (some
 * vocabularies leave out bytes their training text never had) are dropped before merging, as the reference
 * implementations do. O(n log n) for any text.
 * <p>Source: Sennrich et al. 2016 (arXiv:1508.07909), algorithm 1; bytes: Radford et al. 2019 (GPT-2).
 */
final class ByteLevelEncoder implements TextEncoder {
    private final PreTokenizer preTokenizer;
    private final MergeTable merges;
    private final int[] tokenOfByte = new int[256];
    private final @org.jspecify.annotations.Nullable PieceTable wholeWords;

    /**
     * @param wholeWords words that are one token without merging, null where only merges count
     */
    ByteLevelEncoder(TokenizerData data, @org.jspecify.annotations.Nullable PieceTable wholeWords) {
        preTokenizer = PreTokenizers.named(data.preTokenizer());
        merges = MergeTable.of(data);
        this.wholeWords = wholeWords;
        for (int value = 0; value < 256; value++) {
            int id = data.id(String.valueOf(ByteAlphabet.character(value)));
            tokenOfByte[value] = id >= 0 && data.kind(id).isText() ? id : -1;
        }
    }

    @Override
    public void encode(String text, boolean atBoundary, IntList tokensOut) {
        int[] codePoints = CodePoints.of(text);
        PairMerger merger = new PairMerger();
        byte[] word = new byte[256];
        for (int start = 0; start < codePoints.length; ) {
            int end = preTokenizer.wordEnd(codePoints, start);
            if (end - start > word.length / 4) {
                word = new byte[Math.multiplyExact(end - start, 4)];
            }
            int length = CodePoints.encodeUtf8(codePoints, start, end, word);
            encodeWord(word, length, merger, tokensOut);
            start = end;
        }
    }

    private void encodeWord(byte[] word, int length, PairMerger merger, IntList tokensOut) {
        int whole = wholeWords == null ? -1 : wholeWords.find(word, 0, length);
        if (whole >= 0) {
            tokensOut.add(whole);
            return;
        }
        merger.clear();
        for (int i = 0; i < length; i++) {
            int token = tokenOfByte[word[i] & 0xFF];
            if (token >= 0) {
                merger.add(token, i, i + 1);
            }
        }
        merger.merge((symbols, left, right) -> merges.find(symbols.token(left), symbols.token(right)));
        for (int symbol = merger.first(); symbol >= 0; symbol = merger.next(symbol)) {
            tokensOut.add(merger.token(symbol));
        }
    }
}
