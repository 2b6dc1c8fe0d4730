<#--
  What all tiles of the CPU kernels share. A tile multiplies vectors of rows, a to d, by tokens, 0 to 7:

    wa        the weights of vector a at one k            a2        the sum of vector a and token 2
    v2        the activation of token 2 at that k         ra, rc    where the sums of vectors a and c of a token go

  Vectors a and b lie side by side, and so do c and d; those may be of another stripe. Activations lie in tiles of up to four
  tokens, [k][tokens]; the fifth token begins the next tile.

  Written out, because the compiler keeps a tile in registers only if its sums are created in the method, a loop takes a few k a
  turn with an int counter, and no method of ours takes or returns a vector: one that is not inlined costs all of them. It is
  touchy, most of all with 256 bits: a tile whose places are computed after its sums are loaded is slower, and so is one with a
  parameter more.
-->
<#-- Tokens of a tile of activations: Activations.TILE. -->
<#assign TOGETHER = 4>

<#function vectors count>
  <#return ["a", "b", "c", "d"][0..<count]>
</#function>

<#-- The number of vector a in its matrix. -->
<#function number a>
  <#return {"a": "v", "b": "v + 1", "c": "u", "d": "u + 1"}[a]>
</#function>

<#-- Where the sums of vector a go. -->
<#function place a ra="ra" rc="rc">
  <#return {"a": ra, "b": ra + " + LANES", "c": rc, "d": rc + " + LANES"}[a]>
</#function>

<#-- How far vector a lies from the first, where all lie side by side. -->
<#function beside a>
  <#return {"a": "", "b": " + LANES", "c": " + 2 * LANES", "d": " + 3 * LANES"}[a]>
</#function>

<#-- Tokens of the tile of activations that token t is of. -->
<#function together t tokens>
  <#return (t < TOGETHER)?then([tokens, TOGETHER]?min, tokens - TOGETHER)>
</#function>

<#function times factor>
  <#return (factor == 1)?then("", " * " + factor)>
</#function>

<#function several count of>
  <#return (count == 1)?then(of, count + " * " + of)>
</#function>

<#function plus summand>
  <#return (summand == 0)?then("", " + " + summand)>
</#function>

<#-- Begins the method of a tile; the rows of vectors c and d go to yNext. One token needs no stride, and is slower with it. -->
<#macro method name count tokens weights hasNext=false>

    private static void ${name}${count}x${tokens}(${weights} w, float[] x, int xAt<#if hasNext>, int next</#if>, float[] y, int yAt<#if count == 4>, int yNext</#if><#if tokens gt 1>, int yStride</#if>, int v<#if count == 4>, int u</#if>) {
</#macro>

<#-- int qa = first(w, v), qb = first(w, v + 1): where something of each vector begins -->
<#macro first letter of count>
        int <#list vectors(count) as a>${letter}${a} = ${of}(w, ${number(a)})<#sep>, </#list>;
</#macro>

<#-- Sums that begin with zero. -->
<#macro zeros count tokens>
        FloatVector z = FloatVector.zero(F);
  <#list vectors(count) as a>
        FloatVector <#list 0..<tokens as t>${a}${t} = z<#sep>, </#list>;
  </#list>
</#macro>

<#-- Sums that go on with what is there, from ra and rc on. -->
<#macro load count tokens array step>
  <#list 0..<tokens as t>
    <#list vectors(count) as a>
        FloatVector ${a}${t} = FloatVector.fromArray(F, ${array}, ${place(a)});
    </#list>
    <#if t < tokens - 1>
        ra += ${step};
      <#if count == 4>
        rc += ${step};
      </#if>
    </#if>
  </#list>
</#macro>

<#-- Stores all sums, token after token; ra and rc are declared unless the sums were loaded from there. -->
<#macro store count tokens declare="int ">
  <#if tokens == 1>
    <#list vectors(count) as a>
        ${a}0.intoArray(y, ${place(a, "yAt", "yNext")});
    </#list>
    <#return>
  </#if>
        ${declare}ra = yAt;
  <#if count == 4>
        ${declare}rc = yNext;
  </#if>
  <#list 0..<tokens as t>
    <#list vectors(count) as a>
        ${a}${t}.intoArray(y, ${place(a)});
    </#list>
    <#if t < tokens - 1>
        ra += yStride;
      <#if count == 4>
        rc += yStride;
      </#if>
    </#if>
  </#list>
</#macro>

<#-- Stores the sums of a and b, the last token first: where a tile also loads its sums, so many places are too many to keep. -->
<#macro storeBackwards tokens>
        ra = yAt + ${tokens - 1} * yStride;
  <#list tokens - 1..0 as t>
        a${t}.intoArray(y, ra);
        b${t}.intoArray(y, ra + LANES);
    <#if t != 0>
        ra -= yStride;
    </#if>
  </#list>
</#macro>

<#-- Of vectors that all lie side by side: where the sums of each token go, y0 to y3. -->
<#macro rows tokens>
        int y0 = yAt<#list 1..<tokens as t>, y${t} = yAt + ${several(t, "yStride")}</#list>;
</#macro>

<#-- Of the same: sums that go on with what is there. -->
<#macro loadRows count tokens>
  <#list vectors(count) as a>
    <#list 0..<tokens as t>
        FloatVector ${a}${t} = FloatVector.fromArray(F, y, y${t}${beside(a)});
    </#list>
  </#list>
</#macro>

<#macro storeRows count tokens>
  <#list 0..<tokens as t>
    <#list vectors(count) as a>
        ${a}${t}.intoArray(y, y${t}${beside(a)});
    </#list>
  </#list>
</#macro>

<#--
  Multiplies the weights of one k by the activations of all tokens.

  at, next   where the loop's activations begin, of the first tile and of the next
  k          the loop's counter, which counts so many k
  turn       which k of that turn, with other letters for weights and activations
-->
<#macro multiply count tokens at="xk" next="xn" k="k" counts=1 turn=0 weight="w" activation="v">
  <#list 0..<tokens as t>
    <#local here = together(t, tokens)>
                    FloatVector ${activation}${t} = FloatVector.broadcast(F, x[${(t < TOGETHER)?then(at, next)} + ${k}${times(here * counts)}${plus(here * turn + t % TOGETHER)}]);
    <#list vectors(count) as a>
                    ${a}${t} = ${weight}${a}.fma(${activation}${t}, ${a}${t});
    </#list>
  </#list>
</#macro>

<#-- Chooses the tile of so many tokens. -->
<#macro choose vectors from to arguments name="tile">
        switch (tokens) {
  <#list from..to as tokens>
            case ${tokens} -> ${name}${vectors}x${tokens}(${(tokens == 1)?then(arguments?replace("yStride, ", ""), arguments)});
  </#list>
            default -> throw new IllegalArgumentException("no tile of ${vectors} x " + tokens);
        }
</#macro>
