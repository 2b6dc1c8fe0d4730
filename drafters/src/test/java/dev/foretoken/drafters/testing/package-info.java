/**
 * Drafters and helpers for tests of every module. <p>Lives here: what tests draft with. May not: anything a product needs.
 */
@NullMarked
package dev.foretoken.drafters.testing;

import org.jspecify.annotations.NullMarked;
