/**
 * CPU kernels: packed weights, matrix products, attention, norms, and the thread team that runs them.
 *
 * <p>Letters: M tokens (tree nodes or prompt rows) of a batch, n inner length, k index along n, r output row, T tokens of
 * a register tile (1 to 8), stripe = 16 or 32 rows.
 *
 * <p><b>Numeric contract.</b> Every result is one fixed sequence of IEEE operations on float32 that depends on nothing but
 * the operands: not on M, tile, thread count, vector width, nor on whether the code is interpreted or compiled.
 * <pre>
 *   y[m][r] = acc after k = n-1,   acc starts at +0,   acc = fma(w[r][k], x[m][k], acc)   for k = 0, 1, 2, ...
 *   w[r][k] = the value the weight format defines: q*d (exact), or fma(q, d, minimum), which rounds once
 * </pre>
 * Attention is computed in blocks of 128 logical positions, which are then merged in order: see {@link PartialAttention}.
 * Sums that have no such chain (norms, weights of attention) use eight partial sums by {@code i mod 8} and the tree
 * {@code ((s0+s4)+(s2+s6))+((s1+s5)+(s3+s7))}. Horizontal vector reductions and the vector library's transcendental
 * functions are not used, since their bits differ between interpreter and compiler.
 *
 * <p><b>Tiles.</b> The inner loops are classes named {@code *Tiles}, one for each kind of weights, two for nibbles, and
 * one for the values of attention. The build writes them out, token by token, from templates in {@code src/main/codegen}: what differs between kinds
 * of weights stands there once, and what all tiles share in {@code tile.ftl}, which also says what the letters in them mean.
 * {@link dev.foretoken.engine.kernel.VectorKernels} chooses among them; the scalar loops of
 * {@link dev.foretoken.engine.kernel.ScalarKernels} say what they compute.
 *
 * <p>Lives here: everything that touches {@code jdk.incubator.vector}. May not: models, sessions, files.
 */
@NullMarked
package dev.foretoken.engine.kernel;

import org.jspecify.annotations.NullMarked;
