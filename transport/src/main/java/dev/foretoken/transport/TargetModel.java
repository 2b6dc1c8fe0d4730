package dev.foretoken.transport;

import dev.foretoken.engine.chat.ChatTemplate;
import dev.foretoken.engine.error.InvalidInputException;
import dev.foretoken.engine.gguf.GgufFile;
import dev.foretoken.engine.model.EmbeddedModels;
import dev.foretoken.engine.model.LanguageModel;
import dev.foretoken.engine.model.LoadProgress;
import dev.foretoken.engine.model.ModelConfig;
import dev.foretoken.engine.session.Prompt;
import dev.foretoken.engine.tokenizer.Tokenizer;
import dev.foretoken.engine.tokenizer.Tokenizers;
import dev.foretoken.engine.trace.ModelIdentity;
import dev.foretoken.transport.chat.JinjaChatTemplate;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A target model ready for use: weights, tokenizer and chat template from one file. Immutable, thread-safe.
 *
 * @param chatTemplate fails when it is first used if the file has none
 * @param identity with the absolute path: a trace is replayed from anywhere
 */
record TargetModel(LanguageModel weights, Tokenizer tokenizer, ChatTemplate chatTemplate, ModelIdentity identity) {
    private static final Logger LOG = LoggerFactory.getLogger(TargetModel.class);

    /**
     * @param path a GGUF file; null: the embedded model
     * @param check may refuse the model by what its file says, before its weights are read
     */
    static TargetModel load(@Nullable Path path, int threads, LoadProgress progress, Consumer<ModelConfig> check) {
        try (GgufFile file = open(path)) {
            ModelConfig config = ModelConfig.read(file);
            check.accept(config);
            LOG.info(
                    "event=model_loading model={} weight_bytes={} kv_bytes_per_token={}",
                    file.name(),
                    LanguageModel.weightBytes(file, config),
                    config.shape().kvElementsPerToken() * Float.BYTES);
            progress.loaded(0, "reading the vocabulary");
            Tokenizer tokenizer = Tokenizers.of(file);
            if (tokenizer.vocabulary().size() > config.vocabularySize()) {
                throw GgufFile.refused(
                        file.name(),
                        "its tokenizer has %d tokens, its output matrix %d rows: the file is damaged"
                                .formatted(tokenizer.vocabulary().size(), config.vocabularySize()));
            }
            ChatTemplate template = JinjaChatTemplate.of(file.metadata(), tokenizer);
            LanguageModel weights = LanguageModel.load(file, config, tokenizer, threads, progress);
            return new TargetModel(weights, tokenizer, template, absolute(weights.identity(), path));
        }
    }

    private static ModelIdentity absolute(ModelIdentity opened, @Nullable Path path) {
        return path == null
                ? opened
                : new ModelIdentity(path.toAbsolutePath().toString(), opened.sizeBytes(), opened.contentHash());
    }

    static GgufFile open(@Nullable Path path) {
        if (path != null) {
            return GgufFile.open(path);
        }
        EmbeddedModels.EmbeddedModel embedded = EmbeddedModels.target();
        return GgufFile.of(embedded.data(), embedded.name());
    }

    /** Token ids of a prompt, the begin token included where the file asks for one. */
    int[] promptTokens(Prompt prompt) {
        return switch (prompt) {
            case Prompt.Raw(String text, boolean parseSpecial) -> {
                if (text.isEmpty()) {
                    throw new InvalidInputException(
                            "the prompt is empty, expected a text to continue: give at least one character");
                }
                yield withBegin(tokenizer.encode(text, parseSpecial));
            }
            case Prompt.Chat chat -> {
                if (chat.messages().isEmpty()) {
                    throw new InvalidInputException(
                            "the chat has no messages, expected at least one: add a user message");
                }
                yield tokenizer.encode(chatTemplate.render(chat.messages()));
            }
            case Prompt.Tokens tokens -> {
                if (tokens.ids().isEmpty()) {
                    throw new InvalidInputException("the prompt has no tokens, expected at least one");
                }
                tokens.ids().forEach(this::checkToken);
                yield tokens.ids().stream().mapToInt(Integer::intValue).toArray();
            }
        };
    }

    private int[] withBegin(int[] ids) {
        return tokenizer.beginToken().isEmpty()
                ? ids
                : IntStream.concat(IntStream.of(tokenizer.beginToken().getAsInt()), IntStream.of(ids))
                        .toArray();
    }

    void checkToken(int id) {
        int size = weights.config().vocabularySize();
        if (id < 0 || id >= size) {
            throw new InvalidInputException(
                    "token id %d is not in the model's vocabulary, expected 0 to %d".formatted(id, size - 1));
        }
    }
}
