package dev.foretoken.engine.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.Set;

/**
 * A model's tokens as the file has them.
 * <p>Control, unknown and unused tokens count as control: they have no bytes. Generation ends with every token that the
 * file names as end of sequence, of turn or of message, and with those control tokens whose spelling is a well-known end:
 * chat models are often published with the base model's end of sequence only, or with the end of turn only, and must not
 * run past the other one. So a base model keeps its own end, and ordinary text spelled like an end never stops anything.
 */
final class TokenVocabulary implements Vocabulary {
    private static final Set<String> WELL_KNOWN_ENDS =
            Set.of("<|im_end|>", "<|eot_id|>", "<|end_of_text|>", "<|endoftext|>", "</s>", "<|eom_id|>");
    private static final byte[] NO_BYTES = {};

    private final String[] pieces;
    private final byte[][] bytes;
    private final BitSet control = new BitSet();
    private final BitSet end = new BitSet();
    private final long fingerprint;

    private TokenVocabulary(TokenizerData data, boolean byteLevel) {
        pieces = new String[data.size()];
        bytes = new byte[data.size()][];
        for (int id = 0; id < data.size(); id++) {
            pieces[id] = data.piece(id);
            bytes[id] = bytesOf(data, id, byteLevel);
            control.set(id, !data.kind(id).isText());
            end.set(id, data.kind(id) == TokenKind.CONTROL && WELL_KNOWN_ENDS.contains(pieces[id]));
        }
        data.roles().forEach((role, id) -> {
            if (role.isEnd()) {
                end.set(id);
            }
        });
        fingerprint = fingerprint(pieces);
    }

    static TokenVocabulary byteLevel(TokenizerData data) {
        return new TokenVocabulary(data, true);
    }

    static TokenVocabulary sentencePiece(TokenizerData data) {
        return new TokenVocabulary(data, false);
    }

    private static byte[] bytesOf(TokenizerData data, int id, boolean byteLevel) {
        String piece = data.piece(id);
        return switch (data.kind(id)) {
            case CONTROL, UNKNOWN, UNUSED -> NO_BYTES;
            case BYTE -> new byte[] {(byte) BytePiece.value(piece, id)};
            case USER_DEFINED -> utf8(byteLevel ? piece : spaced(piece));
            case NORMAL -> byteLevel ? ByteAlphabet.bytes(piece) : utf8(spaced(piece));
        };
    }

    static String spaced(String piece) {
        return piece.replace(SentencePieceEncoder.SPACE, ' ');
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** FNV-1a over each piece's length and UTF-16 units, in order of id. */
    private static long fingerprint(String[] pieces) {
        long hash = 0xCBF29CE484222325L;
        for (String piece : pieces) {
            hash = (hash ^ piece.length()) * 0x100000001B3L;
            for (int i = 0; i < piece.length(); i++) {
                hash = (hash ^ piece.charAt(i)) * 0x100000001B3L;
            }
        }
        return hash;
    }

    @Override
    public int size() {
        return pieces.length;
    }

    @Override
    public byte[] bytes(int token) {
        return bytes[token];
    }

    @Override
    public String piece(int token) {
        return pieces[token];
    }

    @Override
    public boolean isControl(int token) {
        return control.get(token);
    }

    @Override
    public boolean isEnd(int token) {
        return end.get(token);
    }

    @Override
    public long fingerprint() {
        return fingerprint;
    }
}
