package dev.foretoken.engine.model;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * The two small models that travel with the engine, so that it runs without a download: a target of 4.7 million parameters
 * and a draft model of 2.4 million, both trained on Java sources. They complete Java code and do not chat.
 * <p>Stateless, thread-safe.
 */
public final class EmbeddedModels {
    /** How embedded models are named where others have a path. */
    public static final String PREFIX = "embedded:";

    private static final String TARGET = "tiny-java-target";
    private static final String DRAFT = "tiny-java-draft";
    private static final long ALIGNMENT_BYTES = 64;

    /**
     * One model in memory.
     *
     * @param name {@code embedded:NAME}
     * @param data the whole GGUF file, off-heap, aligned to 64 bytes, read only; its memory lives as long as the segment
     */
    public record EmbeddedModel(String name, MemorySegment data) {}

    private EmbeddedModels() {}

    /** The model that decides. */
    public static EmbeddedModel target() {
        return load(TARGET);
    }

    /** The model that drafts for {@link #target}; same vocabulary. */
    public static EmbeddedModel draft() {
        return load(DRAFT);
    }

    /** The model with a name like {@code embedded:tiny-java-target}, as traces record it; empty if there is none. */
    public static Optional<EmbeddedModel> named(String name) {
        return switch (name) {
            case PREFIX + TARGET -> Optional.of(target());
            case PREFIX + DRAFT -> Optional.of(draft());
            default -> Optional.empty();
        };
    }

    private static EmbeddedModel load(String name) {
        String resource = "embedded/" + name + "-q8_0.gguf";
        try (InputStream in = EmbeddedModels.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException(
                        "resource %s is missing beside %s: was the engine's jar repackaged without its .gguf files?"
                                .formatted(resource, EmbeddedModels.class.getName()));
            }
            byte[] bytes = in.readAllBytes();
            MemorySegment data = Arena.ofAuto().allocate(bytes.length, ALIGNMENT_BYTES);
            MemorySegment.copy(MemorySegment.ofArray(bytes), 0, data, 0, bytes.length);
            return new EmbeddedModel(PREFIX + name, data.asReadOnly());
        } catch (IOException e) {
            throw new UncheckedIOException("resource %s cannot be read".formatted(resource), e);
        }
    }
}
