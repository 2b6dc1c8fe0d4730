/**
 * A small model that drafts for a large one: it grows a tree of what it would say itself, with the same sampling parameters
 * and the same noise.
 * <p>Lives here: the drafter, its sessions with their key-value cache, the frontier of a growing tree. May not: verdicts'
 * logits, rings, the target model.
 */
@NullMarked
package dev.foretoken.drafters.model;

import org.jspecify.annotations.NullMarked;
