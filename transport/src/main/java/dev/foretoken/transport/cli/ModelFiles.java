package dev.foretoken.transport.cli;

import dev.foretoken.engine.gguf.GgufFile;
import dev.foretoken.engine.model.EmbeddedModels;
import dev.foretoken.engine.model.EmbeddedModels.EmbeddedModel;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Model files as commands name them that look at a file without running it. */
final class ModelFiles {
    private ModelFiles() {}

    /** Opens a file; the embedded target if there is no path. The caller closes it. */
    static GgufFile open(@Nullable Path path) {
        if (path != null) {
            return GgufFile.open(path);
        }
        EmbeddedModel embedded = EmbeddedModels.target();
        return GgufFile.of(embedded.data(), embedded.name());
    }
}
