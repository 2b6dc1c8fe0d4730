/**
 * What a caller asks for and how an answer ends. <p>Lives here: requests, stop conditions. May not: rings, streams, models.
 */
@NullMarked
package dev.foretoken.engine.session;

import org.jspecify.annotations.NullMarked;
