/** Programs as users write them; the README shows them, and tests run them. */
@NullMarked
package dev.foretoken.transport.example;

import org.jspecify.annotations.NullMarked;
