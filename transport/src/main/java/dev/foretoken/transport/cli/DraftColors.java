package dev.foretoken.transport.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One colour per drafter, fixed for the well-known ones so that pictures compare, handed out in order to others. */
final class DraftColors {
    static final String RESET = "\u001b[0m";

    private static final Map<String, String> FIXED =
            Map.of("ngram", "\u001b[32m", "recycling", "\u001b[36m", "model", "\u001b[35m");
    private static final String[] OTHERS = {"\u001b[33m", "\u001b[34m", "\u001b[31m"};

    private final Map<String, String> used = new LinkedHashMap<>();
    private int othersUsed;

    /** The escape sequence that begins a token of this drafter; empty for a bonus token. */
    String of(@Nullable String drafter) {
        return drafter == null ? "" : used.computeIfAbsent(drafter, this::choose);
    }

    private String choose(String drafter) {
        String fixed = FIXED.get(drafter);
        return fixed != null ? fixed : OTHERS[othersUsed++ % OTHERS.length];
    }

    /** What the colours seen so far mean. */
    String legend() {
        StringBuilder legend = new StringBuilder("colours: ");
        used.forEach((drafter, color) ->
                legend.append(color).append(drafter).append(RESET).append(", "));
        return legend.append("uncoloured = the target's own token, which ends each verified block")
                .toString();
    }
}
