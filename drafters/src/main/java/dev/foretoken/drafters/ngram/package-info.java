/**
 * Prompt lookup: what followed the last time the text ended like this is proposed again.
 * <p>Lives here: the n-gram index over one session's text, the places it finds and the drafter over them. May not: models, threads, other sessions'
 * text.
 */
@NullMarked
package dev.foretoken.drafters.ngram;

import org.jspecify.annotations.NullMarked;
