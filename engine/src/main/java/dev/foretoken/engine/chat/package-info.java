/**
 * The port of chat templates. <p>Lives here: messages and the interface. May not: a template language.
 */
@NullMarked
package dev.foretoken.engine.chat;

import org.jspecify.annotations.NullMarked;
