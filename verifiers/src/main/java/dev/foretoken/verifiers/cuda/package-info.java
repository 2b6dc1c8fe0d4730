/**
 * NVIDIA devices: finding out whether there is one.
 * <p>Lives here: everything that knows CUDA or JCuda. May not: anything that the CPU path needs. Classes that mention JCuda
 * are loaded only after {@link dev.foretoken.verifiers.cuda.CudaProbe} has found a driver and a device without it: JCuda's
 * static initialiser throws where there is no driver, and a function missing in a driver ends the process.
 */
@NullMarked
package dev.foretoken.verifiers.cuda;

import org.jspecify.annotations.NullMarked;
