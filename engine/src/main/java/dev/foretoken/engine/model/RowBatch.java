package dev.foretoken.engine.model;

import dev.foretoken.engine.tree.TokenTree;

/**
 * The rows of one forward pass: prompt tokens and tree nodes of several sessions, packed without padding. Rows of one
 * session are neighbours and form a group. A row sees the first {@code visiblePrefix} stored positions of its session and
 * then, above the session's base, those in its ancestor set; in the order of depth these are exactly the positions before
 * it, itself included. So a chain is the case without a set.
 * <p>Reused; owned by the thread that owns the {@link TransformerForward}.
 */
public final class RowBatch {
    private final int[] slot;
    private final int[] token;
    private final int[] position;
    private final int[] storedAt;
    private final int[] visiblePrefix;
    private final int[] base;
    private final long[] ancestorsBeyond;
    private final int[] groupStart;
    private int rowCount;
    private int groupCount;

    /** @param rowsMax most rows of one pass */
    public RowBatch(int rowsMax) {
        slot = new int[rowsMax];
        token = new int[rowsMax];
        position = new int[rowsMax];
        storedAt = new int[rowsMax];
        visiblePrefix = new int[rowsMax];
        base = new int[rowsMax];
        ancestorsBeyond = new long[rowsMax];
        groupStart = new int[rowsMax + 1];
    }

    public void clear() {
        rowCount = 0;
        groupCount = 0;
    }

    /** Adds consecutive tokens of one session; the first one's position is {@code firstPosition}. */
    public void addChain(int session, int firstPosition, int[] tokens, int from, int count) {
        for (int i = 0; i < count; i++) {
            addToken(session, firstPosition + i, tokens[from + i]);
        }
    }

    /** Adds the token at one position of a session; everything before it is stored or in this batch. */
    public void addToken(int session, int tokenPosition, int tokenId) {
        add(session, tokenId, tokenPosition, tokenPosition, tokenPosition + 1, 0, 0);
    }

    /** Adds all nodes of a session's tree; {@code committed} positions come before the root. */
    public void addTree(int session, int committed, TokenTree tree) {
        for (int node = 0; node < tree.nodeCount(); node++) {
            addNode(session, committed, tree, node);
        }
    }

    /** Adds one node; its ancestors are stored already or are in this batch. */
    public void addNode(int session, int committed, TokenTree tree, int node) {
        long ancestors = tree.ancestors(node);
        int leading = Long.numberOfTrailingZeros(~ancestors);
        long beyond = leading == Long.SIZE ? 0 : ancestors >>> leading << leading;
        add(
                session,
                tree.token(node),
                committed + tree.depth(node),
                committed + node,
                committed + leading,
                committed,
                beyond);
    }

    private void add(int session, int tokenId, int rowPosition, int rowStoredAt, int prefix, int rowBase, long beyond) {
        assert prefix + Long.bitCount(beyond) == rowPosition + 1 : "prefix=" + prefix + " position=" + rowPosition;
        if (rowCount == 0 || slot[rowCount - 1] != session) {
            groupStart[groupCount++] = rowCount;
        }
        slot[rowCount] = session;
        token[rowCount] = tokenId;
        position[rowCount] = rowPosition;
        storedAt[rowCount] = rowStoredAt;
        visiblePrefix[rowCount] = prefix;
        base[rowCount] = rowBase;
        ancestorsBeyond[rowCount] = beyond;
        rowCount++;
        groupStart[groupCount] = rowCount;
    }

    public int rowsMax() {
        return token.length;
    }

    public int rowCount() {
        return rowCount;
    }

    int groupCount() {
        return groupCount;
    }

    /** The session of a group. */
    int groupSlot(int group) {
        return slot[groupStart[group]];
    }

    /** First row of a group; that of group {@code groupCount} is the row count. */
    int groupStart(int group) {
        return groupStart[group];
    }

    int slot(int row) {
        return slot[row];
    }

    int token(int row) {
        return token[row];
    }

    /** Absolute position: prefix length plus depth. It is what the rotary embedding turns by. */
    int position(int row) {
        return position[row];
    }

    /** Where the row's key and value are stored in its session. */
    int storedAt(int row) {
        return storedAt[row];
    }

    /** The row sees all stored positions below this. */
    int visiblePrefix(int row) {
        return visiblePrefix[row];
    }

    /** Bit t set: the row also sees the stored position {@code base + t}; ascending bits are ascending depths. */
    long ancestorsBeyond(int row) {
        return ancestorsBeyond[row];
    }

    int base(int row) {
        return base[row];
    }

    /** One more than the highest stored position that the row reads. */
    int storedEnd(int row) {
        long beyond = ancestorsBeyond[row];
        return beyond == 0 ? visiblePrefix[row] : base[row] + Long.SIZE - Long.numberOfLeadingZeros(beyond);
    }
}
