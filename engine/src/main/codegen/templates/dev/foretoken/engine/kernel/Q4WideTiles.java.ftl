<#import "/@includes/tile.ftl" as tile>
package dev.foretoken.engine.kernel;

import static dev.foretoken.engine.kernel.PackedMatrix.PANEL_ROWS;
import static dev.foretoken.engine.kernel.PackedMatrix.STRIPE;
import static dev.foretoken.engine.kernel.PackedQ4.BYTES_OF_EIGHT;
import static dev.foretoken.engine.kernel.PackedQ4.HIGH;
import static dev.foretoken.engine.kernel.PackedQ4.HIGH_UNIT;
import static dev.foretoken.engine.kernel.PackedQ4.LOW;
import static dev.foretoken.engine.kernel.PackedQ4.LOW_UNIT;
import static dev.foretoken.engine.kernel.Q4Tiles.firstByte;
import static dev.foretoken.engine.kernel.Q4Tiles.firstScale;
import static dev.foretoken.engine.kernel.VectorWidth.BYTES;
import static dev.foretoken.engine.kernel.VectorWidth.F;
import static dev.foretoken.engine.kernel.VectorWidth.LANES;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Nibble weights times activations for 512-bit vectors (32 registers), dequantised in registers. A turn takes two k, the nibbles of
 * the low and the high place of {@link PackedQ4}: {@code wa} and {@code v0} are of the first, {@code za} and {@code u0} of the
 * second; {@code sa} is the scale of vector a, {@code ma} its minimum. Three ways make weights of nibbles, with equal bits:
 *
 * <ul>
 *   <li><i>mantissa</i>, without a conversion: the nibble becomes a part of the mantissa of a float, {@code 256 + nibble} in the
 *       low place and {@code 16 + nibble} in the high one, and {@code fma(16 + nibble, scale, minimum - 16 * scale)} is the weight;
 *       {@code la} and {@code ha} are minima less the offsets of the low and the high place. That is an instruction less where
 *       conversions and multiplications share ports. The bits are equal where the differences are exact: see {@link
 *       PackedQ4#isMantissaExact()};
 *   <li><i>places</i>: nibbles are converted where they are, and scales multiplied by the places' units instead, {@code ea} and
 *       {@code oa};
 *   <li><i>shift</i>: the second nibble is shifted to the low place, so that one scale serves both. Five, six and eight tokens
 *       have no register for a second one; seven are faster with it.
 * </ul>
 */
final class Q4WideTiles {
    private static final float HIGH_OFFSET = 16f;
    private static final float LOW_OFFSET = 256f;
    private static final int HIGH_ONE = Float.floatToRawIntBits(HIGH_OFFSET);
    private static final int LOW_ONE = Float.floatToRawIntBits(LOW_OFFSET);

    private Q4WideTiles() {}

    /** Runs the tile of the stripe that begins with vector {@code v}, and 1 to 4 tokens. */
    static void run(int tokens, PackedQ4 w, float[] x, int xAt, float[] y, int yAt, int yStride, int v) {
        if (w.isMantissaExact()) runMantissa(tokens, w, x, xAt, y, yAt, yStride, v);
        else runPlaces(tokens, w, x, xAt, y, yAt, yStride, v);
    }

    /** Runs the tile of the stripe that begins with vector {@code v} and of that with {@code u}, whose rows go to yNext; 1 to 4 tokens. */
    static void runTwo(int tokens, PackedQ4 w, float[] x, int xAt, float[] y, int yAt, int yNext, int yStride, int v, int u) {
        if (w.isMantissaExact()) runTwoMantissa(tokens, w, x, xAt, y, yAt, yNext, yStride, v, u);
        else runTwoPlaces(tokens, w, x, xAt, y, yAt, yNext, yStride, v, u);
    }
<#list ["Mantissa", "Places"] as way>

    private static void run${way}(int tokens, PackedQ4 w, float[] x, int xAt, float[] y, int yAt, int yStride, int v) {
        <@tile.choose 2 1 4 "w, x, xAt, y, yAt, yStride, v" way?uncap_first/>
    }

    private static void runTwo${way}(int tokens, PackedQ4 w, float[] x, int xAt, float[] y, int yAt, int yNext, int yStride, int v, int u) {
        <@tile.choose 4 1 4 "w, x, xAt, y, yAt, yNext, yStride, v, u" way?uncap_first/>
    }
</#list>

    /** Runs the tile of a stripe and 5 to 8 tokens, those of two tiles of activations, of which the second begins at {@code next}. */
    static void runPair(int tokens, PackedQ4 w, float[] x, int xAt, int next, float[] y, int yAt, int yStride, int v) {
        <@tile.choose 2 5 8 "w, x, xAt, next, y, yAt, yStride, v" "pair"/>
    }
<#-- What a block's nibbles are multiplied with and added to. -->
<#macro scales vectors way>
  <#list tile.vectors(vectors) as a>
            FloatVector s${a} = FloatVector.fromArray(F, scale, d${a} + block * STRIPE);
  </#list>
  <#if way == "mantissa">
    <#list ["l", "h"] as place>
      <#list tile.vectors(vectors) as a>
            FloatVector ${place}${a} = FloatVector.fromArray(F, minimum, d${a} + block * STRIPE).fma(factor, s${a}.mul(-${(place == "l")?then("LOW", "HIGH")}_OFFSET));
      </#list>
    </#list>
  <#else>
    <#list tile.vectors(vectors) as a>
            FloatVector m${a} = FloatVector.fromArray(F, minimum, d${a} + block * STRIPE).mul(factor);
    </#list>
    <#list tile.vectors(vectors) as a>
      <#if way == "places">
            FloatVector e${a} = s${a}.mul(LOW_UNIT), o${a} = s${a}.mul(HIGH_UNIT);
      <#else>
            s${a} = s${a}.mul(LOW_UNIT);
      </#if>
    </#list>
  </#if>
</#macro>
<#-- A turn's nibbles, those of both places. -->
<#macro nibbles vectors>
  <#list tile.vectors(vectors) as a>
                    IntVector i${a} = ByteVector.fromArray(BYTES, q, q${a} + at + pair).reinterpretAsInts();
  </#list>
</#macro>
<#-- The weights of the first k of a turn, w, or of the second, z: the nibbles of the low or of the high place. -->
<#macro weights place vectors way>
  <#assign isLow = place == "LOW", letter = isLow?then("w", "z")>
  <#list tile.vectors(vectors) as a>
    <#if way == "mantissa">
                    FloatVector ${letter}${a} = i${a}.and(${place}).or(${place}_ONE).reinterpretAsFloats().fma(s${a}, ${isLow?then("l", "h")}${a});
    <#elseif way == "places">
                    FloatVector ${letter}${a} = ((FloatVector) i${a}.and(${place}).convert(VectorOperators.I2F, 0)).fma(${isLow?then("e", "o")}${a}, m${a});
    <#else>
                    FloatVector ${letter}${a} = ((FloatVector) i${a}<#if !isLow>.lanewise(VectorOperators.LSHR, 4)</#if>.and(LOW).convert(VectorOperators.I2F, 0)).fma(s${a}, m${a});
    </#if>
  </#list>
</#macro>
<#macro method name vectors tokens way=name>
  <#assign isPair = tokens gt tile.TOGETHER>
  <@tile.method name vectors tokens "PackedQ4" isPair/>
        byte[] q = w.q;
        float[] scale = w.scale, minimum = w.minimum;
        int blocks = w.columns() / 32;
  <@tile.first "q" "firstByte" vectors/>
  <@tile.first "d" "firstScale" vectors/>
        FloatVector factor = FloatVector.broadcast(F, w.minimumFactor);
        float[] sums = w.sums(y);
        int ra = w.sumsAt(yAt)<#if vectors == 4>, rc = w.sumsAt(yNext)</#if><#if tokens != 1>, sumsStep = w.sumsStep(yStride)</#if>;
  <@tile.load vectors tokens "sums" "sumsStep"/>
        for (int block = 0; block < blocks; block++) {
  <@scales vectors way/>
            for (int eight = 0; eight < 4; eight++) {
                int at = (block * 4 + eight) * BYTES_OF_EIGHT, xk = xAt + (block * 4 + eight) * ${8 * tile.together(0, tokens)};
  <#if isPair>
                int xn = next + (block * 4 + eight) * ${8 * tile.together(4, tokens)};
  </#if>
                for (int pair = 0; pair < 4; pair++) {
  <@nibbles vectors/>
  <@weights "LOW" vectors way/>
  <@tile.multiply count=vectors tokens=tokens k="pair" counts=2/>
  <@weights "HIGH" vectors way/>
  <@tile.multiply count=vectors tokens=tokens k="pair" counts=2 turn=1 weight="z" activation="u"/>
                }
            }
        }
  <@tile.store count=vectors tokens=tokens declare=""/>
    }
</#macro>
<#list ["mantissa", "places"] as way>
<#list [4, 2] as vectors>
<#list 1..4 as tokens>
<@method way vectors tokens/>
</#list>
</#list>
</#list>
<#list 5..8 as tokens>
<@method name="pair" vectors=2 tokens=tokens way=(tokens == 7)?then("places", "shift")/>
</#list>

    /** As {@link Q8Tiles#fill2x8}. */
    static void fill2x8(PackedQ4 w, int kFrom, int kTo, float[] x, int xAt, int next, float[] panel, int panelStep, float[] y, int yAt, int yStride, int v) {
        byte[] q = w.q;
        float[] scale = w.scale, minimum = w.minimum;
<@tile.first "q" "firstByte" 2/>
<@tile.first "d" "firstScale" 2/>
        FloatVector factor = FloatVector.broadcast(F, w.minimumFactor);
        int ra = yAt;
<@tile.load 2 8 "y" "yStride"/>
        for (int block = kFrom / 32; block < kTo / 32; block++) {
<@scales 2 "shift"/>
            for (int eight = 0; eight < 4; eight++) {
                int at = (block * 4 + eight) * BYTES_OF_EIGHT, xk = xAt + (block * 4 + eight) * 32;
                int xn = next + (block * 4 + eight) * 32;
                int pa = (block * 32 + eight * 8 - kFrom) * PANEL_ROWS, pb = pa + panelStep;
                for (int pair = 0; pair < 4; pair++) {
<@nibbles 2/>
<@weights "LOW" 2 "shift"/>
                    wa.intoArray(panel, pa + 2 * pair * PANEL_ROWS);
                    wb.intoArray(panel, pb + 2 * pair * PANEL_ROWS);
<@tile.multiply count=2 tokens=8 k="pair" counts=2/>
<@weights "HIGH" 2 "shift"/>
                    za.intoArray(panel, pa + (2 * pair + 1) * PANEL_ROWS);
                    zb.intoArray(panel, pb + (2 * pair + 1) * PANEL_ROWS);
<@tile.multiply count=2 tokens=8 k="pair" counts=2 turn=1 weight="z" activation="u"/>
                }
            }
        }
<@tile.storeBackwards 8/>
    }
}
