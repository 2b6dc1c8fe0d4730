/**
 * The paged key-value cache of the CPU runtime. Letters: L committed positions of a session.
 * <p>Lives here: shapes, pages, page tables, compaction of an accepted path, prefixes that sessions share. May not: models,
 * kernels, token trees, threads.
 */
@NullMarked
package dev.foretoken.engine.kv;

import org.jspecify.annotations.NullMarked;
