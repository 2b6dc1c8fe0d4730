/**
 * Token trees: what drafters propose and a verifier judges. Letters: n nodes, V vocabulary, L committed tokens.
 * <p>Lives here: {@link TokenTree} with its ancestor masks. May not: models, caches, devices, threads.
 */
@NullMarked
package dev.foretoken.engine.tree;

import org.jspecify.annotations.NullMarked;
