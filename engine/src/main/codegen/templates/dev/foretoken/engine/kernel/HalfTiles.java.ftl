<#import "/@includes/tile.ftl" as tile>
package dev.foretoken.engine.kernel;

import static dev.foretoken.engine.kernel.PackedHalf.SHORTS_AHEAD;
import static dev.foretoken.engine.kernel.PackedHalf.SHORTS_AHEAD_OF_ONE;
import static dev.foretoken.engine.kernel.PackedMatrix.STRIPE;
import static dev.foretoken.engine.kernel.Q8Tiles.firstWeight;
import static dev.foretoken.engine.kernel.VectorWidth.F;
import static dev.foretoken.engine.kernel.VectorWidth.I;
import static dev.foretoken.engine.kernel.VectorWidth.LANES;
import static jdk.incubator.vector.VectorOperators.LSHL;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * Weights of 16 bits times activations, widened in registers as {@link PackedHalf} says. Not for 128 bits, where a stripe is four
 * vectors.
 */
final class HalfTiles {
    /** As many shorts as a vector has floats. */
    static final VectorSpecies<Short> S = switch (LANES) {
        case 16 -> ShortVector.SPECIES_256;
        case 8 -> ShortVector.SPECIES_128;
        default -> ShortVector.SPECIES_64;
    };

    private HalfTiles() {}

    /** Runs the tile of the stripe that begins with vector {@code v}, and 1 to 8 tokens, with 256 bits up to 4. */
    static void run(int tokens, PackedHalf w, float[] x, int xAt, float[] y, int yAt, int yStride, int v) {
        <@tile.choose 2 1 8 "w, x, xAt, y, yAt, yStride, v"/>
    }

    /**
     * Runs the tile of the stripe that begins with vector {@code v} and of that with {@code u}, whose rows go to yNext: up to six
     * tokens with 512 bits, up to two with 256.
     */
    static void runTwo(int tokens, PackedHalf w, float[] x, int xAt, float[] y, int yAt, int yNext, int yStride, int v, int u) {
        <@tile.choose 4 1 6 "w, x, xAt, y, yAt, yNext, yStride, v, u"/>
    }
<#-- Two stripes, and one by two tiles of activations, ask for the lines ahead. -->
<#macro method vectors tokens>
  <#assign isTwo = vectors == 4, isPair = tokens gt tile.TOGETHER, asks = isTwo?then(["a", "c"], isPair?then(["a"], []))>
  <@tile.method "tile" vectors tokens "PackedHalf"/>
        short[] q = w.w;
        int columns = w.columns()<#if isPair>, next = xAt + 4 * columns</#if>;
  <@tile.first "q" "firstWeight" vectors/>
        IntVector shift = IntVector.broadcast(I, w.shift), mask = IntVector.broadcast(I, w.mask);
        FloatVector factor = FloatVector.broadcast(F, w.factor());
  <@tile.zeros vectors tokens/>
  <#if asks?has_content>
        ShortVector nothing = ShortVector.zero(S);
        VectorMask<Short> noShorts = VectorMask.fromLong(S, Prefetch.noLanes);
  </#if>
        for (int k = 0; k < columns; k++) {
  <#if asks?has_content>
            if (Prefetch.IS_ON) {
    <#list asks as a>
                nothing.intoArray(q, q${a} + k * STRIPE + ${isTwo?then("SHORTS_AHEAD", "SHORTS_AHEAD_OF_ONE")}, noShorts);
    </#list>
            }
  </#if>
  <#list tile.vectors(vectors) as a>
            IntVector i${a} = (IntVector) ShortVector.fromArray(S, q, q${a} + k * STRIPE).castShape(I, 0);
            FloatVector w${a} = i${a}.lanewise(LSHL, shift).and(mask).reinterpretAsFloats().mul(factor);
  </#list>
  <@tile.multiply count=vectors tokens=tokens at="xAt" next="next"/>
        }
  <@tile.store vectors tokens/>
    }
</#macro>
<#list 1..6 as tokens>
<@method 4 tokens/>
</#list>
<#list 1..8 as tokens>
<@method 2 tokens/>
</#list>
}
