package dev.foretoken.engine.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SlabGridTest {
    @ParameterizedTest
    @CsvSource({"1, 1", "18, 576", "18, 1536", "3, 800", "30, 768", "36, 1536", "64, 4096", "1536, 2048", "7, 641"})
    void shouldCoverTheMatrixInOneRunOfMemory(int stripes, int columns) {
        for (PackedLayout layout : List.of(PackedLayout.Q4, PackedLayout.Q8, PackedLayout.F16)) {
            SlabGrid grid = SlabGrid.of(layout, stripes, columns);
            List<SlabGrid.Slab> slabs = new ArrayList<>();
            int columnsBefore = 0, slabStripes = 0;
            for (int i = 0; i < grid.down(); i++) {
                int height = Math.min(grid.stripesPerSlab(), stripes - i * grid.stripesPerSlab()), width = 0;
                for (int j = 0; j < grid.across(); j++) {
                    SlabGrid.Slab slab = grid.slab(i, j);
                    assertThat(slab.columnsBefore()).isEqualTo(columnsBefore);
                    assertThat(slab.stripesBefore()).isEqualTo(slabStripes);
                    assertThat(slab.firstColumn()).isEqualTo(width).isLessThan(columns);
                    width += slab.columns();
                    columnsBefore += slab.columns() * height;
                    slabStripes += height;
                    slabs.add(slab);
                }
                assertThat(width).isEqualTo(columns);
            }
            assertThat(columnsBefore).isEqualTo(stripes * columns);
            assertThat(slabStripes).isEqualTo(Math.toIntExact(stripes * SlabGrid.across(layout, columns)));
            assertThat(slabs)
                    .allMatch(slab -> slab.columns() <= layout.slabColumnsMax())
                    .allMatch(slab -> slab.firstColumn() % 32 == 0);
            int widest = slabs.stream()
                    .max(Comparator.comparing(SlabGrid.Slab::columns))
                    .orElseThrow()
                    .columns();
            assertThat(grid.across())
                    .as("as few as possible")
                    .isEqualTo(Math.ceilDiv(columns, layout.slabColumnsMax()));
            assertThat(widest).as("nearly equal").isLessThanOrEqualTo(Math.ceilDiv(columns, grid.across()) + 31);
        }
    }
}
