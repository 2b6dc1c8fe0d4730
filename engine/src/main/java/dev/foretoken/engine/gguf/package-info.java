/**
 * GGUF model files, versions 2 and 3, read through memory-mapped segments; every length is checked before it is used.
 * <p>Lives here: the reader, its metadata, tensor descriptions and weight types. May not: what the tensors mean.
 * <p>Source: the GGUF specification of the ggml project.
 */
@NullMarked
package dev.foretoken.engine.gguf;

import org.jspecify.annotations.NullMarked;
