/**
 * Verify costs on the disk: what one engine measured, the next one of the same model on the same machine starts from.
 * <p>Lives here: the cache directory, the machine's name, the file. May not: models, threads, what costs mean.
 */
@NullMarked
package dev.foretoken.transport.cost;

import org.jspecify.annotations.NullMarked;
