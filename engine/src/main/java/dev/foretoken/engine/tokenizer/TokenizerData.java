package dev.foretoken.engine.tokenizer;

import dev.foretoken.engine.error.InvalidInputException;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a model file says about its tokens, checked once: every array has one entry per piece, pieces are distinct, ids
 * point into the table. The arrays are owned by this object and read only.
 */
final class TokenizerData {
    static final String TOKENS_KEY = "tokenizer.ggml.tokens";

    private final String model;
    private final @Nullable String preTokenizer;
    private final String[] pieces;
    private final Map<String, Integer> idByPiece;
    private final TokenKind[] kinds;
    private final float @Nullable [] scores;
    private final String @Nullable [] merges;
    private final Map<TokenRole, Integer> roles;
    private final @Nullable Boolean addsBegin;
    private final @Nullable Boolean addsSpacePrefix;

    private TokenizerData(Builder from) {
        model = from.model;
        preTokenizer = from.preTokenizer;
        pieces = from.pieces;
        idByPiece = idByPiece(pieces);
        scores = from.scores;
        merges = from.merges;
        roles = checked(from.roles, pieces.length);
        kinds = kinds(from.types, pieces, roles);
        addsBegin = from.addsBegin;
        addsSpacePrefix = from.addsSpacePrefix;
        if (scores != null) {
            checkLength("tokenizer.ggml.scores", scores.length, pieces.length);
            checkScores(scores);
        }
    }

    static Builder builder(String model, String... pieces) {
        return new Builder(model, pieces);
    }

    private static Map<String, Integer> idByPiece(String[] pieces) {
        if (pieces.length == 0) {
            throw new InvalidInputException(
                    "%s has no entries, expected the model's vocabulary; convert the model again"
                            .formatted(TOKENS_KEY));
        }
        Map<String, Integer> ids = HashMap.newHashMap(pieces.length);
        for (int id = 0; id < pieces.length; id++) {
            Integer earlier = ids.putIfAbsent(pieces[id], id);
            if (earlier != null) {
                throw new InvalidInputException(
                        "%s has the piece %s twice, as tokens %d and %d, expected distinct pieces; convert the model again"
                                .formatted(TOKENS_KEY, Quoted.of(pieces[id]), earlier, id));
            }
        }
        return ids;
    }

    private static TokenKind[] kinds(int @Nullable [] types, String[] pieces, Map<TokenRole, Integer> roles) {
        TokenKind[] kinds = new TokenKind[pieces.length];
        if (types != null) {
            checkLength("tokenizer.ggml.token_type", types.length, pieces.length);
        }
        for (int id = 0; id < kinds.length; id++) {
            TokenKind kind = TokenKind.of(types == null ? 1 : types[id]);
            if (kind == null) {
                throw new InvalidInputException(
                        "tokenizer.ggml.token_type of token %d is %d, expected 0 to 6; convert the model again"
                                .formatted(id, types == null ? 1 : types[id]));
            }
            kinds[id] = kind;
        }
        // Begin and end structure the input even where a careless converter called them normal.
        roles.forEach((role, id) -> {
            if (role != TokenRole.UNKNOWN) {
                kinds[id] = TokenKind.CONTROL;
            }
        });
        return kinds;
    }

    private static Map<TokenRole, Integer> checked(Map<TokenRole, Integer> roles, int vocabularySize) {
        roles.forEach((role, id) -> {
            if (id < 0 || id >= vocabularySize) {
                throw new InvalidInputException("%s is %d, expected 0 to %d; convert the model again"
                        .formatted(role.key, id, vocabularySize - 1));
            }
        });
        return new EnumMap<>(roles);
    }

    private static void checkLength(String key, int length, int expected) {
        if (length != expected) {
            throw new InvalidInputException(
                    "%s has %d entries, expected %d, one per entry of %s; convert the model again"
                            .formatted(key, length, expected, TOKENS_KEY));
        }
    }

    private static void checkScores(float[] scores) {
        for (int id = 0; id < scores.length; id++) {
            if (Float.isNaN(scores[id])) {
                throw new InvalidInputException(
                        "tokenizer.ggml.scores of token %d is not a number, expected a score; convert the model again"
                                .formatted(id));
            }
        }
    }

    String model() {
        return model;
    }

    @Nullable
    String preTokenizer() {
        return preTokenizer;
    }

    int size() {
        return pieces.length;
    }

    String piece(int id) {
        return pieces[id];
    }

    /** The piece's id, -1 if there is no such piece. */
    int id(String piece) {
        return idByPiece.getOrDefault(piece, -1);
    }

    TokenKind kind(int id) {
        return kinds[id];
    }

    float @Nullable [] scores() {
        return scores;
    }

    String @Nullable [] merges() {
        return merges;
    }

    /** The token in this role, -1 if the file names none. */
    int id(TokenRole role) {
        return roles.getOrDefault(role, -1);
    }

    Map<TokenRole, Integer> roles() {
        return roles;
    }

    boolean addsBegin(boolean otherwise) {
        return addsBegin == null ? otherwise : addsBegin;
    }

    boolean saysWhetherToAddBegin() {
        return addsBegin != null;
    }

    boolean addsSpacePrefix(boolean otherwise) {
        return addsSpacePrefix == null ? otherwise : addsSpacePrefix;
    }

    /** Collects what a file has; {@link #build} checks it. */
    static final class Builder {
        private final String model;
        private final String[] pieces;
        private final Map<TokenRole, Integer> roles = new EnumMap<>(TokenRole.class);
        private @Nullable String preTokenizer;
        private float @Nullable [] scores;
        private int @Nullable [] types;
        private String @Nullable [] merges;
        private @Nullable Boolean addsBegin;
        private @Nullable Boolean addsSpacePrefix;

        private Builder(String model, String[] pieces) {
            this.model = model;
            this.pieces = pieces.clone();
        }

        Builder preTokenizer(@Nullable String name) {
            preTokenizer = name;
            return this;
        }

        Builder scores(float @Nullable ... values) {
            scores = values;
            return this;
        }

        Builder types(int @Nullable ... values) {
            types = values;
            return this;
        }

        Builder merges(String @Nullable ... values) {
            merges = values;
            return this;
        }

        Builder role(TokenRole role, int id) {
            roles.put(role, id);
            return this;
        }

        Builder addsBegin(@Nullable Boolean value) {
            addsBegin = value;
            return this;
        }

        Builder addsSpacePrefix(@Nullable Boolean value) {
            addsSpacePrefix = value;
            return this;
        }

        TokenizerData build() {
            return new TokenizerData(this);
        }
    }
}
