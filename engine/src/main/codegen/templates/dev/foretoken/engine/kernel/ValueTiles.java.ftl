<#import "/@includes/tile.ftl" as tile>
package dev.foretoken.engine.kernel;

import static dev.foretoken.engine.kernel.VectorWidth.F;
import static dev.foretoken.engine.kernel.VectorWidth.LANES;

import jdk.incubator.vector.FloatVector;

/**
 * Attention weights times values, added to what {@code y} holds: vectors a..d are dimensions side by side, tokens 0..3 are
 * queries, k is the position.
 */
final class ValueTiles {
    private ValueTiles() {}

    /**
     * Runs the tile of so many vectors and queries.
     *
     * @param p values, {@code [positions][pStride]} from {@code pAt}
     * @param x weights, query t from {@code xAt + t * xStride}
     */
    static void run(int vectors, int tokens, float[] p, int pAt, int pStride, int positions, float[] x, int xAt, int xStride, float[] y, int yAt, int yStride) {
        switch (vectors << 3 | tokens) {
<#list [4, 2, 1] as vectors>
<#list 1..4 as tokens>
            case ${vectors} << 3 | ${tokens} -> tile${vectors}x${tokens}(p, pAt, pStride, positions, x, xAt, xStride, y, yAt, yStride);
</#list>
</#list>
            default -> throw new IllegalArgumentException("no tile of " + vectors + " x " + tokens);
        }
    }
<#list [4, 2, 1] as vectors>
<#list 1..4 as tokens>

    private static void tile${vectors}x${tokens}(float[] p, int pAt, int pStride, int positions, float[] x, int xAt, int xStride, float[] y, int yAt, int yStride) {
  <@tile.rows tokens/>
  <#if tokens gt 1>
        int <#list 1..<tokens as t>x${t} = xAt + ${tile.several(t, "xStride")}<#sep>, </#list>;
  </#if>
  <@tile.loadRows vectors tokens/>
        for (int k = 0; k < positions; k++) {
            int at = pAt + k * pStride;
  <#list tile.vectors(vectors) as a>
            FloatVector w${a} = FloatVector.fromArray(F, p, at${tile.beside(a)});
  </#list>
  <#list 0..<tokens as t>
            FloatVector v${t} = FloatVector.broadcast(F, x[${(t == 0)?then("xAt", "x" + t)} + k]);
    <#list tile.vectors(vectors) as a>
            ${a}${t} = w${a}.fma(v${t}, ${a}${t});
    </#list>
  </#list>
        }
  <@tile.storeRows vectors tokens/>
    }
</#list>
</#list>
}
