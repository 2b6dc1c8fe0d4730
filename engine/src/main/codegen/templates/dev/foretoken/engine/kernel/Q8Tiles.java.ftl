<#import "/@includes/tile.ftl" as tile>
package dev.foretoken.engine.kernel;

import static dev.foretoken.engine.kernel.PackedMatrix.PANEL_ROWS;
import static dev.foretoken.engine.kernel.PackedMatrix.STRIPE;
import static dev.foretoken.engine.kernel.VectorWidth.F;
import static dev.foretoken.engine.kernel.VectorWidth.LANES;
import static dev.foretoken.engine.kernel.VectorWidth.PER_STRIPE;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * Byte weights times activations, dequantised in registers: {@code sa} is the scale of vector a, {@code ma} its minimum.
 *
 * <p>Weights without minima are <i>scaled</i> by tiles of their own, because narrow vectors have no register left for minima. Tiles
 * <i>with minima</i> are not for 128 bits. From five tokens on, with 512 bits, tiles serve <i>either</i>.
 */
final class Q8Tiles {
    /** Bytes of one load: the rows of a vector; with 128-bit vectors a whole stripe, of which each vector takes a part. */
    private static final VectorSpecies<Byte> B = LANES == 8 ? ByteVector.SPECIES_64 : ByteVector.SPECIES_128;

    private static final int PART = LANES == 4 ? 1 : 0;

    private Q8Tiles() {}

    /** Runs the tile of the stripe that begins with vector {@code v}, and 1 to 4 tokens, with 512 bits up to 8. */
    static void run(int tokens, PackedQ8 w, float[] x, int xAt, float[] y, int yAt, int yStride, int v) {
        if (PER_STRIPE == 4) runTwo(tokens, w, x, xAt, y, yAt, yAt + 2 * LANES, yStride, v, v + 2);
        else if (tokens > Activations.TILE) runEither(tokens, w, x, xAt, y, yAt, yStride, v);
        else if (w.hasMinima()) runWithMinima(tokens, w, x, xAt, y, yAt, yStride, v);
        else runScaled(tokens, w, x, xAt, y, yAt, yStride, v);
    }

    /**
     * Runs the tile of vectors v, v + 1, u and u + 1, and 1 to 4 tokens: two stripes, or with 128 bits the halves of one. The rows
     * of the last two vectors go to yNext.
     */
    static void runTwo(int tokens, PackedQ8 w, float[] x, int xAt, float[] y, int yAt, int yNext, int yStride, int v, int u) {
        if (w.hasMinima()) runTwoWithMinima(tokens, w, x, xAt, y, yAt, yNext, yStride, v, u);
        else runTwoScaled(tokens, w, x, xAt, y, yAt, yNext, yStride, v, u);
    }
<#list ["Scaled", "WithMinima"] as kind>

    private static void run${kind}(int tokens, PackedQ8 w, float[] x, int xAt, float[] y, int yAt, int yStride, int v) {
        <@tile.choose 2 1 4 "w, x, xAt, y, yAt, yStride, v" kind?uncap_first/>
    }

    private static void runTwo${kind}(int tokens, PackedQ8 w, float[] x, int xAt, float[] y, int yAt, int yNext, int yStride, int v, int u) {
        <@tile.choose 4 1 4 "w, x, xAt, y, yAt, yNext, yStride, v, u" kind?uncap_first/>
    }
</#list>

    private static void runEither(int tokens, PackedQ8 w, float[] x, int xAt, float[] y, int yAt, int yStride, int v) {
        <@tile.choose 2 5 8 "w, x, xAt, y, yAt, yStride, v" "either"/>
    }

    /** Where vector v begins in weights that lie in stripes. */
    static int firstWeight(PackedSlab w, int v) {
        int inStripe = LANES == 4 ? 0 : v % PER_STRIPE * LANES;
        return w.stripeAt(v / PER_STRIPE) + inStripe;
    }

    private static int firstScale(PackedQ8 w, int v) {
        return w.scalesAt(v / PER_STRIPE) + v % PER_STRIPE * LANES;
    }

    private static int firstMinimum(PackedQ8 w, int v) {
        return w.minimaAt(v / PER_STRIPE) + v % PER_STRIPE * LANES;
    }
<#-- The scales of a block, and its minima: where the scales lie, or wherever there are any. -->
<#macro scales vectors kind>
  <#list tile.vectors(vectors) as a>
            FloatVector s${a} = FloatVector.fromArray(F, scale, d${a} + block * STRIPE);
  </#list>
  <#if kind != "scaled">
    <#list tile.vectors(vectors) as a>
            FloatVector m${a} = FloatVector.fromArray(F, minimum, <#if kind == "either">n${a} + block * step<#else>d${a} + block * STRIPE</#if>);
    </#list>
  </#if>
</#macro>
<#macro weights vectors kind>
  <#list tile.vectors(vectors) as a>
                    FloatVector w${a} = ((FloatVector) ByteVector.fromArray(B, q, q${a} + at + k * STRIPE).castShape(F, ${(a == "a")?then("0", "PART" + tile.times(a?index))}))<#if kind == "scaled">.mul(s${a})<#else>.fma(s${a}, m${a})</#if>;
  </#list>
</#macro>
<#-- Two stripes, and one by two tiles of activations, ask for the lines ahead. -->
<#macro method kind vectors tokens>
  <#assign isTwo = vectors == 4, isPair = tokens gt tile.TOGETHER, asks = isTwo?then(["a", "c"], isPair?then(["a"], []))>
  <@tile.method kind vectors tokens "PackedQ8"/>
        byte[] q = w.q;
        float[] scale = w.scale<#if kind != "scaled">, minimum = w.minimum</#if>;
        int length = 1 << w.blockShift, <#if kind == "either">step = w.minimumStep, </#if>blocks = w.columns() >> w.blockShift<#if isPair>, next = xAt + 4 * w.columns()</#if>;
  <@tile.first "q" "firstWeight" vectors/>
  <@tile.first "d" "firstScale" vectors/>
  <#if kind == "either">
  <@tile.first "n" "firstMinimum" vectors/>
  </#if>
  <@tile.zeros vectors tokens/>
  <#if asks?has_content>
        ByteVector nothing = ByteVector.zero(B);
        VectorMask<Byte> noBytes = VectorMask.fromLong(B, Prefetch.noLanes);
  </#if>
        for (int block = 0; block < blocks; block++) {
            int at = block * length * STRIPE, xk = xAt + block * length${tile.times(tile.together(0, tokens))}<#if isPair>, xn = next + block * length${tile.times(tile.together(4, tokens))}</#if>;
  <@scales vectors kind/>
            for (int k = 0; k < length; k++) {
  <#if asks?has_content>
                if (Prefetch.IS_ON) {
    <#list asks as a>
                    nothing.intoArray(q, q${a} + at + k * STRIPE + Prefetch.${isTwo?then("BYTES", "BYTES_OF_ONE")}, noBytes);
    </#list>
                }
  </#if>
  <@weights vectors kind/>
  <@tile.multiply vectors tokens/>
            }
        }
  <@tile.store vectors tokens/>
    }
</#macro>
<#list [4, 2] as vectors>
<#list 1..4 as tokens>
<@method "scaled" vectors tokens/>
<@method "withMinima" vectors tokens/>
</#list>
</#list>
<#list 5..8 as tokens>
<@method "either" 2 tokens/>
</#list>

    /**
     * Eight tokens and columns [kFrom, kTo), whole blocks, added to what {@code y} holds. Leaves the weights in the panel,
     * {@code [k][16]} each, {@code panelStep} apart, for the tokens that follow: stores hide behind arithmetic, and arithmetic
     * behind reading.
     */
    static void fill2x8(PackedQ8 w, int kFrom, int kTo, float[] x, float[] panel, int panelStep, float[] y, int yAt, int yStride, int v) {
        byte[] q = w.q;
        float[] scale = w.scale, minimum = w.minimum;
        int length = 1 << w.blockShift, step = w.minimumStep, next = 4 * w.columns();
<@tile.first "q" "firstWeight" 2/>
<@tile.first "d" "firstScale" 2/>
<@tile.first "n" "firstMinimum" 2/>
        int ra = yAt;
<@tile.load 2 8 "y" "yStride"/>
        for (int block = kFrom >> w.blockShift; block < kTo >> w.blockShift; block++) {
            int at = block * length * STRIPE, xk = block * length * 4, xn = next + block * length * 4;
            int pa = (block * length - kFrom) * PANEL_ROWS, pb = pa + panelStep;
<@scales 2 "either"/>
            for (int k = 0; k < length; k++) {
<@weights 2 "either"/>
                    wa.intoArray(panel, pa + k * PANEL_ROWS);
                    wb.intoArray(panel, pb + k * PANEL_ROWS);
<@tile.multiply 2 8/>
            }
        }
<@tile.storeBackwards 8/>
    }
}
