package dev.foretoken.benchmarks.bench;

import dev.foretoken.engine.error.InvalidInputException;
import dev.foretoken.engine.model.EmbeddedModels;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/** The model's file as another program can open it; the embedded model becomes a temporary file. */
record PeerModel(Path path, boolean isTemporary) implements AutoCloseable {
    static PeerModel of(@Nullable Path model) {
        return model == null ? copyOfEmbedded() : new PeerModel(model.toAbsolutePath(), false);
    }

    private static PeerModel copyOfEmbedded() {
        try {
            Path file = Files.createTempFile("foretoken-", ".gguf");
            ByteBuffer data = EmbeddedModels.target().data().asByteBuffer();
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                while (data.hasRemaining()) {
                    channel.write(data);
                }
            }
            return new PeerModel(file, true);
        } catch (IOException e) {
            throw new InvalidInputException(
                    "the embedded model cannot be written for the peer: %s; name a file with --model"
                            .formatted(e.getMessage()),
                    e);
        }
    }

    @Override
    public void close() throws IOException {
        if (isTemporary) {
            Files.deleteIfExists(path);
        }
    }
}
