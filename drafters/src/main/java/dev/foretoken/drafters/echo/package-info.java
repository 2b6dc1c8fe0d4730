/**
 * What the last verdict says about the next token, for any drafter's guess.
 * <p>Lives here: the runners-up of the pending token. May not: drafters, tables, trees.
 */
@NullMarked
package dev.foretoken.drafters.echo;

import org.jspecify.annotations.NullMarked;
