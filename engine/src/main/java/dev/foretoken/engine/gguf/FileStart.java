package dev.foretoken.engine.gguf;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Says what a file that is no GGUF file probably is, from its first bytes. */
final class FileStart {
    private static final int BYTES_LOOKED_AT = 64;

    private FileStart() {}

    static String describe(MemorySegment data) {
        byte[] bytes =
                data.asSlice(0, Math.min(data.byteSize(), BYTES_LOOKED_AT)).toArray(ValueLayout.JAVA_BYTE);
        String start = new String(bytes, StandardCharsets.ISO_8859_1);
        String lower = start.stripLeading().toLowerCase(Locale.ROOT);
        if (start.startsWith("version https://git-lfs")) {
            return "it is a Git LFS pointer: fetch the file it points to";
        }
        if (lower.startsWith("<!doctype") || lower.startsWith("<html")) {
            return "it is a web page: the download went wrong";
        }
        if (start.startsWith("PK\u0003\u0004")) {
            return "it is a ZIP archive or a PyTorch checkpoint";
        }
        if (start.length() > 8 && start.charAt(8) == '{') {
            return "it looks like a safetensors file";
        }
        if (lower.startsWith("lmgg") || lower.startsWith("fmgg") || lower.startsWith("tjgg")) {
            return "it is an old GGML file";
        }
        return bytes.length < 4
                ? "it has only %d bytes".formatted(bytes.length)
                : "it starts with the bytes " + hex(bytes);
    }

    private static String hex(byte[] bytes) {
        return "%02x %02x %02x %02x".formatted(bytes[0], bytes[1], bytes[2], bytes[3]);
    }
}
