package dev.foretoken.benchmarks.bench;

import dev.foretoken.engine.error.InvalidInputException;
import dev.foretoken.engine.tree.TokenTree;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One way to decode that is measured: {@code NAME=DRAFTERS[:TREE]}.
 *
 * @param drafters names as {@code generate --drafters} takes them
 * @param treeSize nodes of every step, root included; null: the controller decides
 */
record Configuration(String name, String drafters, @Nullable Integer treeSize) {
    /** What everything is compared with; always there. */
    static final Configuration PLAIN = new Configuration("plain", "none", 1);

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._+-]{0,31}");
    private static final Pattern NODES = Pattern.compile("\\d{1,4}");
    private static final String EXPECTED = "expected NAME=DRAFTERS[:TREE], for example fast=ngram,recycling:8";

    /**
     * Reads all {@code --config} options.
     *
     * @return plain first; without any option one configuration with all drafters that apply; the option {@code plain} alone
     *     asks for nothing more
     */
    static List<Configuration> parseAll(List<String> options) {
        List<Configuration> configurations = new ArrayList<>();
        configurations.add(PLAIN);
        Set<String> names = new HashSet<>(Set.of(PLAIN.name()));
        for (String option : options.isEmpty() ? List.of("auto=auto") : options) {
            if (option.strip().equals(PLAIN.name())) {
                continue;
            }
            Configuration configuration = parse(option);
            if (configuration.name().equals(PLAIN.name())) {
                throw refused(option, "is always measured as plain decoding: choose another name");
            }
            if (!names.add(configuration.name())) {
                throw refused(option, "has a name that is taken: give each configuration its own");
            }
            configurations.add(configuration);
        }
        return List.copyOf(configurations);
    }

    static Configuration parse(String option) {
        int equal = option.indexOf('=');
        if (equal < 0) {
            throw refused(option, EXPECTED);
        }
        String name = option.substring(0, equal).strip();
        if (!NAME.matcher(name).matches()) {
            throw refused(option, "has the name \"%s\", expected up to 32 letters, digits or ._+-".formatted(name));
        }
        String rest = option.substring(equal + 1);
        int colon = rest.lastIndexOf(':');
        String drafters = (colon < 0 ? rest : rest.substring(0, colon)).strip();
        if (drafters.isEmpty()) {
            throw refused(option, EXPECTED);
        }
        return new Configuration(
                name,
                drafters,
                colon < 0 ? null : treeSize(option, rest.substring(colon + 1).strip()));
    }

    private static @Nullable Integer treeSize(String option, String text) {
        if (text.equals("auto")) {
            return null;
        }
        int nodes = NODES.matcher(text).matches() ? Integer.parseInt(text) : 0;
        if (nodes < 1 || nodes > TokenTree.NODES_MAX) {
            throw refused(
                    option,
                    "has the tree size \"%s\", expected auto or 1 to %d nodes".formatted(text, TokenTree.NODES_MAX));
        }
        return nodes;
    }

    private static InvalidInputException refused(String option, String problem) {
        return new InvalidInputException("--config \"%s\" %s".formatted(option, problem));
    }

    /** For tables: {@code ngram,recycling, 8 nodes}. */
    String description() {
        return drafters.equals("none")
                ? "no drafts"
                : drafters + (treeSize == null ? "" : ", %d nodes".formatted(treeSize));
    }
}
