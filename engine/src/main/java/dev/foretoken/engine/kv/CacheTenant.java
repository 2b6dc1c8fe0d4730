package dev.foretoken.engine.kv;

import dev.foretoken.engine.error.InvalidInputException;

/**
 * Who may share cached prompt prefixes: sessions of one tenant find each other's keys and values, sessions of different
 * tenants never do, so how long a prompt takes tells nothing about another tenant's prompts. The key is never printed.
 * Immutable; equal by key.
 *
 * @param key chosen by the caller, e.g. a hash of the user's name; empty = the pool that all requests without a key share
 */
public record CacheTenant(String key) {
    /** Characters of the longest key. */
    public static final int KEY_CHARS_MAX = 1024;

    /** Requests that name no tenant. */
    public static final CacheTenant SHARED = new CacheTenant("");

    public CacheTenant {
        if (key.length() > KEY_CHARS_MAX) {
            throw new InvalidInputException("the cache tenant has %d characters, expected at most %d: give a hash of it"
                    .formatted(key.length(), KEY_CHARS_MAX));
        }
    }

    /** Whether there is a key, not what it is: this ends up in messages and logs. */
    @Override
    public String toString() {
        return key.isEmpty() ? "shared" : "private";
    }
}
