package dev.foretoken.drafters.model;

import dev.foretoken.engine.gguf.GgufBuilder;
import dev.foretoken.engine.gguf.GgufFile;
import dev.foretoken.engine.gguf.TensorType;
import dev.foretoken.engine.model.LanguageModel;
import dev.foretoken.engine.model.LoadProgress;
import dev.foretoken.engine.model.ModelConfig;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** A model with random weights and as many tokens as a test wants: 1 layer, width 32, 2 heads over 1. */
final class RandomModel {
    private static final int WIDTH = 32;

    private final SplittableRandom random;
    private final GgufBuilder builder = new GgufBuilder();

    private RandomModel(long seed) {
        random = new SplittableRandom(seed);
    }

    static LanguageModel of(int vocabularySize, int contextLength, long seed) {
        RandomModel made = new RandomModel(seed);
        GgufFile file = GgufFile.of(MemorySegment.ofArray(made.build(vocabularySize, contextLength)), "random");
        return LanguageModel.load(file, ModelConfig.read(file), 1, LoadProgress.NONE);
    }

    private byte[] build(int vocabularySize, int contextLength) {
        builder.string("general.architecture", "llama")
                .uint32("llama.block_count", 1)
                .uint32("llama.context_length", contextLength)
                .uint32("llama.embedding_length", WIDTH)
                .uint32("llama.feed_forward_length", WIDTH)
                .uint32("llama.attention.head_count", 2)
                .uint32("llama.attention.head_count_kv", 1)
                .float32("llama.attention.layer_norm_rms_epsilon", 1e-5f)
                .string("tokenizer.ggml.model", "gpt2")
                .string("tokenizer.ggml.pre", "gpt-2")
                .strings(
                        "tokenizer.ggml.tokens",
                        IntStream.range(0, vocabularySize)
                                .mapToObj(i -> "t" + i)
                                .toArray(String[]::new))
                .strings("tokenizer.ggml.merges");
        weights("token_embd.weight", WIDTH, vocabularySize);
        weights("output_norm.weight", WIDTH);
        weights("blk.0.attn_norm.weight", WIDTH);
        weights("blk.0.ffn_norm.weight", WIDTH);
        weights("blk.0.attn_q.weight", WIDTH, WIDTH);
        weights("blk.0.attn_k.weight", WIDTH, WIDTH / 2);
        weights("blk.0.attn_v.weight", WIDTH, WIDTH / 2);
        weights("blk.0.attn_output.weight", WIDTH, WIDTH);
        weights("blk.0.ffn_gate.weight", WIDTH, WIDTH);
        weights("blk.0.ffn_up.weight", WIDTH, WIDTH);
        weights("blk.0.ffn_down.weight", WIDTH, WIDTH);
        return builder.build();
    }

    private void weights(String name, long... shape) {
        int elements = 1;
        for (long size : shape) {
            elements *= (int) size;
        }
        ByteBuffer data = ByteBuffer.allocate(4 * elements).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < elements; i++) {
            data.putFloat((float) random.nextGaussian(0, 0.5));
        }
        builder.tensor(name, TensorType.F32.id(), data.array(), shape);
    }
}
