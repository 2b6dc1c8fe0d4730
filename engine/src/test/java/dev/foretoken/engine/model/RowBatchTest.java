package dev.foretoken.engine.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.foretoken.engine.tree.TokenTree;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RowBatchTest {
    @ParameterizedTest(name = "{displayName} seed={0}")
    @ValueSource(longs = {1, 2, 3, 5, 8, 13})
    void shouldLetANodeSeePrefixAndAncestorsByDepth(long seed) {
        Random random = new Random(seed);
        TokenTree tree = new TokenTree(TokenTree.NODES_MAX);
        tree.restart(100);
        while (!tree.isFull()) {
            tree.add(Math.max(0, tree.nodeCount() - 1 - random.nextInt(4)), random.nextInt(1000), 1, 0);
        }
        int committed = random.nextInt(50);
        RowBatch batch = new RowBatch(TokenTree.NODES_MAX);

        batch.addTree(7, committed, tree);

        for (int node = 0; node < tree.nodeCount(); node++) {
            List<Integer> expected = new ArrayList<>();
            for (int position = 0; position < committed; position++) {
                expected.add(position);
            }
            for (int ancestor = 0; ancestor <= node; ancestor++) {
                if ((tree.ancestors(node) >>> ancestor & 1) != 0) {
                    expected.add(committed + ancestor);
                }
            }
            assertThat(visible(batch, node)).isEqualTo(expected);
            assertThat(batch.storedEnd(node)).isEqualTo(committed + node + 1);
            assertThat(batch.position(node)).isEqualTo(committed + tree.depth(node));
            assertThat(batch.storedAt(node)).isEqualTo(committed + node);
        }
    }

    private static List<Integer> visible(RowBatch batch, int row) {
        List<Integer> positions = new ArrayList<>();
        for (int position = 0; position < batch.visiblePrefix(row); position++) {
            positions.add(position);
        }
        for (int bit = 0; bit < Long.SIZE; bit++) {
            if ((batch.ancestorsBeyond(row) >>> bit & 1) != 0) {
                positions.add(batch.base(row) + bit);
            }
        }
        return positions;
    }

    @Test
    void shouldSeeAChainAsAPrefix() {
        TokenTree chain = new TokenTree(33);
        chain.restart(1);
        for (int node = 0; node < 32; node++) {
            chain.add(node, 2, 1, 0);
        }
        RowBatch batch = new RowBatch(40);

        batch.addTree(0, 10, chain);
        batch.addChain(1, 5, new int[] {9, 8, 7}, 1, 2);

        for (int row = 0; row < 33; row++) {
            assertThat(batch.ancestorsBeyond(row)).isZero();
            assertThat(batch.visiblePrefix(row)).isEqualTo(11 + row);
        }
        assertThat(batch.token(33)).isEqualTo(8);
        assertThat(batch.position(34)).isEqualTo(6);
        assertThat(batch.visiblePrefix(34)).isEqualTo(7);
    }

    @Test
    void shouldGroupTheRowsOfASession() {
        RowBatch batch = new RowBatch(6);
        batch.addChain(3, 0, new int[] {1, 2}, 0, 2);
        batch.addChain(0, 0, new int[] {1}, 0, 1);
        batch.addChain(5, 0, new int[] {1, 2, 3}, 0, 3);

        assertThat(batch.groupCount()).isEqualTo(3);
        assertThat(List.of(batch.groupSlot(0), batch.groupSlot(1), batch.groupSlot(2)))
                .containsExactly(3, 0, 5);
        assertThat(List.of(batch.groupStart(0), batch.groupStart(1), batch.groupStart(2), batch.groupStart(3)))
                .containsExactly(0, 2, 3, 6);
        batch.clear();
        assertThat(batch.rowCount()).isZero();
        assertThat(batch.groupCount()).isZero();
    }
}
