package dev.foretoken.engine.verify;

/**
 * The sizes of a verifier.
 *
 * @param backend what runs it and under which numeric contract, e.g. {@code cpu-3}: bits are equal only within one
 * @param slots most sessions at once
 * @param batchRowsMax most rows (tree nodes and prompt tokens together) of one batch
 * @param promptRowsMax most prompt rows of one session in one batch
 * @param contextMax most tokens of one session
 * @param vocabularySize ids are below it
 * @param pageTokens tokens whose KV one page holds
 * @param pagesTotal pages of the cache
 */
public record VerifierShape(
        String backend,
        int slots,
        int batchRowsMax,
        int promptRowsMax,
        int contextMax,
        int vocabularySize,
        int pageTokens,
        int pagesTotal) {

    /** Pages that a session of so many tokens needs, the scratch room of its largest tree included. */
    public int pagesFor(int tokens, int treeNodes) {
        return Math.ceilDiv(tokens + treeNodes, pageTokens);
    }
}
