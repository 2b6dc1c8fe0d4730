package dev.foretoken.engine.model;

import java.util.Optional;

/** Model architectures that can be run, and where they differ. */
public enum Architecture {
    /** Llama 2 and 3, Mistral, TinyLlama, SmolLM2: rotary pairs (2i, 2i + 1), as GGUF files of this family are permuted. */
    LLAMA("llama", RopePairing.NEIGHBOURS),
    /** Qwen 2 and 2.5: query, key and value biases, rotary pairs (i, i + headDim / 2). */
    QWEN2("qwen2", RopePairing.HALVES);

    /** The supported architectures, spelled for messages. */
    static final String SUPPORTED = "llama or qwen2";

    private final String key;
    private final RopePairing ropePairing;

    Architecture(String key, RopePairing ropePairing) {
        this.key = key;
        this.ropePairing = ropePairing;
    }

    /** The name in {@code general.architecture}, which also begins the keys of its sizes. */
    public String key() {
        return key;
    }

    public RopePairing ropePairing() {
        return ropePairing;
    }

    static Optional<Architecture> byKey(String key) {
        for (Architecture architecture : values()) {
            if (architecture.key.equals(key)) {
                return Optional.of(architecture);
            }
        }
        return Optional.empty();
    }
}
