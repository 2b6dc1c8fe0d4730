package dev.foretoken.engine.chat;

/**
 * One message of a conversation.
 *
 * @param role "system", "user", "assistant" or whatever the model's template knows
 */
public record ChatMessage(String role, String content) {}
