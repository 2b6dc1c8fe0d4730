package dev.foretoken.engine.trace;

/**
 * Which model file it was.
 *
 * @param path as it was opened, which traces make absolute; {@code embedded:NAME} for the embedded one
 * @param sizeBytes of the file
 * @param contentHash 64-bit hash of the whole content, in hexadecimal
 */
public record ModelIdentity(String path, long sizeBytes, String contentHash) {}
