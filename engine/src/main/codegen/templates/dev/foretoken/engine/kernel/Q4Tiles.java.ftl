<#import "/@includes/tile.ftl" as tile>
package dev.foretoken.engine.kernel;

import static dev.foretoken.engine.kernel.PackedMatrix.STRIPE;
import static dev.foretoken.engine.kernel.PackedQ4.BYTES_OF_EIGHT;
import static dev.foretoken.engine.kernel.PackedQ4.LOW;
import static dev.foretoken.engine.kernel.VectorWidth.BYTES;
import static dev.foretoken.engine.kernel.VectorWidth.F;
import static dev.foretoken.engine.kernel.VectorWidth.LANES;
import static dev.foretoken.engine.kernel.VectorWidth.PER_STRIPE;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Nibble weights times activations with up to 256 bits, dequantised in registers: {@code sa} is the scale of vector a, {@code ma}
 * its minimum.
 *
 * <p>Most tiles load an int of eight k into {@code ia} and shift it right by a nibble for every k. Those of one token, and of two
 * vectors by two or three, take two k per turn ({@code za}, {@code u0}: of the second): a smaller body would be unrolled by the
 * compiler and run out of registers. With one or two tokens each turn loads the bytes from one further on, and its second nibble
 * is shifted to the low place: there is no register for a second scale.
 */
final class Q4Tiles {
    private Q4Tiles() {}

    /** Runs the tile of the stripe that begins with vector {@code v}, and 1 to 4 tokens. */
    static void run(int tokens, PackedQ4 w, float[] x, int xAt, float[] y, int yAt, int yStride, int v) {
        if (PER_STRIPE == 4) {
            runTwo(tokens, w, x, xAt, y, yAt, yAt + 2 * LANES, yStride, v, v + 2);
            return;
        }
        <@tile.choose 2 1 4 "w, x, xAt, y, yAt, yStride, v"/>
    }

    /**
     * Runs the tile of vectors v, v + 1, u and u + 1, whose rows go to yNext, and 1 to 4 tokens: two stripes, or with 128 bits the
     * halves of one.
     */
    static void runTwo(int tokens, PackedQ4 w, float[] x, int xAt, float[] y, int yAt, int yNext, int yStride, int v, int u) {
        <@tile.choose 4 1 4 "w, x, xAt, y, yAt, yNext, yStride, v, u"/>
    }

    static int firstByte(PackedQ4 w, int v) {
        return w.firstByte(v / PER_STRIPE, v % PER_STRIPE * LANES, 0);
    }

    static int firstScale(PackedQ4 w, int v) {
        return w.scalesAt(v / PER_STRIPE) + v % PER_STRIPE * LANES;
    }
<#macro method vectors tokens>
  <#assign loadsBytes = tokens == 1 || vectors == 2 && tokens == 2>
  <@tile.method "tile" vectors tokens "PackedQ4"/>
        byte[] q = w.q;
        float[] scale = w.scale, minimum = w.minimum;
        int blocks = w.columns() / 32;
  <@tile.first "q" "firstByte" vectors/>
  <@tile.first "d" "firstScale" vectors/>
  <@tile.zeros vectors tokens/>
        for (int block = 0; block < blocks; block++) {
  <#list ["s", "m"] as factor>
    <#list tile.vectors(vectors) as a>
            FloatVector ${factor}${a} = FloatVector.fromArray(F, ${(factor == "s")?then("scale", "minimum")}, d${a} + block * STRIPE);
    </#list>
  </#list>
            for (int eight = 0; eight < 4; eight++) {
                int at = (block * 4 + eight) * BYTES_OF_EIGHT, xk = xAt + (block * 4 + eight) * ${8 * tokens};
  <#if loadsBytes>
                for (int pair = 0; pair < 4; pair++) {
    <#list tile.vectors(vectors) as a>
                    IntVector i${a} = ByteVector.fromArray(BYTES, q, q${a} + at + pair).reinterpretAsInts();
    </#list>
    <@weights "w" vectors/>
    <@tile.multiply count=vectors tokens=tokens k="pair" counts=2/>
    <@weights "z" vectors ".lanewise(VectorOperators.LSHR, 4)"/>
    <@tile.multiply count=vectors tokens=tokens k="pair" counts=2 turn=1 weight="z" activation="u"/>
  <#else>
    <#list tile.vectors(vectors) as a>
                IntVector i${a} = ByteVector.fromArray(BYTES, q, q${a} + at).reinterpretAsInts();
    </#list>
    <#if vectors == 2 && tokens == 3>
                for (int k = 0; k < 8; k += 2) {
      <@weights "w" vectors/>
      <@shift vectors/>
      <@tile.multiply vectors tokens/>
      <@weights "z" vectors/>
      <@shift vectors/>
      <@tile.multiply count=vectors tokens=tokens turn=1 weight="z" activation="u"/>
    <#else>
                for (int k = 0; k < 8; k++) {
      <@weights "w" vectors/>
      <@shift vectors/>
      <@tile.multiply vectors tokens/>
    </#if>
  </#if>
                }
            }
        }
  <@tile.store vectors tokens/>
    }
</#macro>
<#-- The weights of the nibbles in the low place, or of those that are shifted there first. -->
<#macro weights letter vectors shift="">
  <#list tile.vectors(vectors) as a>
                    FloatVector ${letter}${a} = ((FloatVector) i${a}${shift}.and(LOW).convert(VectorOperators.I2F, 0)).fma(s${a}, m${a});
  </#list>
</#macro>
<#-- Brings the next nibbles to the low place. -->
<#macro shift vectors>
  <#list tile.vectors(vectors) as a>
                    i${a} = i${a}.lanewise(VectorOperators.LSHR, 4);
  </#list>
</#macro>
<#list [4, 2] as vectors>
<#list 1..4 as tokens>
<@method vectors tokens/>
</#list>
</#list>
}
