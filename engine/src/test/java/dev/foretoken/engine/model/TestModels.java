package dev.foretoken.engine.model;

import dev.foretoken.engine.gguf.GgufBuilder;
import dev.foretoken.engine.gguf.TensorType;

/** The smallest sound models, for tests that break them: 1 layer, width 32, 2 heads over 1, 16 tokens; weights zero. */
final class TestModels {
    private TestModels() {}

    static GgufBuilder llama() {
        return sized("llama");
    }

    static GgufBuilder qwen2() {
        return sized("qwen2")
                .tensor("blk.0.attn_q.bias", TensorType.F32, 32)
                .tensor("blk.0.attn_k.bias", TensorType.F32, 16)
                .tensor("blk.0.attn_v.bias", TensorType.F32, 16);
    }

    private static GgufBuilder sized(String architecture) {
        return new GgufBuilder()
                .string("general.architecture", architecture)
                .string("general.name", "Test")
                .uint32(architecture + ".block_count", 1)
                .uint32(architecture + ".context_length", 64)
                .uint32(architecture + ".embedding_length", 32)
                .uint32(architecture + ".feed_forward_length", 64)
                .uint32(architecture + ".attention.head_count", 2)
                .uint32(architecture + ".attention.head_count_kv", 1)
                .float32(architecture + ".attention.layer_norm_rms_epsilon", 1e-5f)
                .string("tokenizer.ggml.model", "gpt2")
                .string("tokenizer.ggml.pre", "gpt-2")
                .strings("tokenizer.ggml.tokens", "<|end|> a b c d e f g h i j k l m ab cd".split(" "))
                .ints("tokenizer.ggml.token_type", 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1)
                .strings("tokenizer.ggml.merges", "a b", "c d")
                .uint32("tokenizer.ggml.eos_token_id", 0)
                .tensor("token_embd.weight", TensorType.Q8_0, 32, 16)
                .tensor("output_norm.weight", TensorType.F32, 32)
                .tensor("blk.0.attn_norm.weight", TensorType.F32, 32)
                .tensor("blk.0.attn_q.weight", TensorType.Q8_0, 32, 32)
                .tensor("blk.0.attn_k.weight", TensorType.Q4_0, 32, 16)
                .tensor("blk.0.attn_v.weight", TensorType.Q5_1, 32, 16)
                .tensor("blk.0.attn_output.weight", TensorType.F16, 32, 32)
                .tensor("blk.0.ffn_norm.weight", TensorType.F32, 32)
                .tensor("blk.0.ffn_gate.weight", TensorType.Q8_0, 32, 64)
                .tensor("blk.0.ffn_up.weight", TensorType.Q8_0, 32, 64)
                .tensor("blk.0.ffn_down.weight", TensorType.Q8_0, 64, 32);
    }
}
