<#import "/@includes/tile.ftl" as tile>
package dev.foretoken.engine.kernel;

import static dev.foretoken.engine.kernel.VectorWidth.F;
import static dev.foretoken.engine.kernel.VectorWidth.LANES;

import jdk.incubator.vector.FloatVector;

/**
 * Float panels times activations, added to what {@code y} holds.
 *
 * <p>A panel is {@code [k][16]}; vector j of a tile starts {@code j * pStep} after the first: the next vector of the same
 * panel, or with 512-bit vectors the next panel. Keys of an attention block are such panels, with k = dimension.
 */
final class FloatTiles {
    private FloatTiles() {}

    /** Runs the tile of so many vectors and tokens over {@code kCount} columns. */
    static void run(int vectors, int tokens, float[] p, int pAt, int pStep, int kCount, float[] x, int xAt, float[] y, int yAt, int yStride) {
        switch (vectors << 3 | tokens) {
<#list [4, 2, 1] as vectors>
<#list 1..4 as tokens>
            case ${vectors} << 3 | ${tokens} -> tile${vectors}x${tokens}(p, pAt, pStep, kCount, x, xAt, y, yAt, yStride);
</#list>
</#list>
            default -> throw new IllegalArgumentException("no tile of " + vectors + " x " + tokens);
        }
    }

    /** Two vectors and eight tokens: a tile of activations at {@code xAt} and the next one at {@code nextAt}. */
    static void tile2x8(float[] p, int pAt, int pStep, int kCount, float[] x, int xAt, int nextAt, float[] y, int yAt, int yStride) {
        int pb = pAt + pStep;
        int ra = yAt;
<@tile.load 2 8 "y" "yStride"/>
        for (int k = 0; k < kCount; k++) {
            FloatVector wa = FloatVector.fromArray(F, p, pAt + k * 16);
            FloatVector wb = FloatVector.fromArray(F, p, pb + k * 16);
<@tile.multiply count=2 tokens=8 at="xAt" next="nextAt"/>
        }
<@tile.storeBackwards 8/>
    }
<#list [4, 2, 1] as vectors>
<#list 1..4 as tokens>

    private static void tile${vectors}x${tokens}(float[] p, int pAt, int pStep, int kCount, float[] x, int xAt, float[] y, int yAt, int yStride) {
  <@tile.rows tokens/>
  <#if vectors gt 1>
        int <#list tile.vectors(vectors)[1..] as a>p${a} = pAt + ${tile.several(a?counter, "pStep")}<#sep>, </#list>;
  </#if>
  <@tile.loadRows vectors tokens/>
        for (int k = 0; k < kCount; k++) {
  <#list tile.vectors(vectors) as a>
            FloatVector w${a} = FloatVector.fromArray(F, p, ${(a == "a")?then("pAt", "p" + a)} + k * 16);
  </#list>
  <@tile.multiply count=vectors tokens=tokens at="xAt"/>
        }
  <@tile.storeRows vectors tokens/>
    }
</#list>
</#list>
}
