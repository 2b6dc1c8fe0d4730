/**
 * Chat templates: the Jinja template of a model file, rendered without ever letting a message's text become a special token.
 * <p>Lives here: the template language and everything that knows it. May not: sessions, streams, HTTP.
 */
@NullMarked
package dev.foretoken.transport.chat;

import org.jspecify.annotations.NullMarked;
