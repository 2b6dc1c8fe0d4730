package dev.foretoken.transport.trace;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * The bytes of one trace record. Everything is little-endian; a record is one queue document, or several in a row where its
 * body is longer than {@link #PART_BODY_MAX}.
 *
 * <pre>
 *    0               4       5       6               8               12      14      16              20
 *   +---------------+-------+-------+---------------+---------------+-------+-------+---------------+----------
 *   | magic "FTRC"  | major | minor | kind          | body bytes    | part  | parts | CRC-32C       | body ...
 *   +---------------+-------+-------+---------------+---------------+-------+-------+---------------+----------
 * </pre>
 *
 * <p>The checksum covers bytes 0 to 15 and the body of this part. A reader refuses another major version, skips a kind it does
 * not know, and ignores what a newer minor version appended to a body. Parts count from 0; a record some of whose parts are
 * missing is absent.
 *
 * <pre>
 *   text      count i32, then count UTF-8 bytes; negative: -count UTF-16 units (only for text that UTF-8 cannot carry)
 *   ids       count i32, then count i32
 *
 *   SessionStarted (1)   session i64 | startedAtEpochMs i64 | continuesRun text | continuesSession i64
 *                        | model path text, bytes i64, hash text | backend text | warmStartFingerprint i64
 *                        | drafters: count i32, texts | engineConfiguration text | prompt ids
 *                        | sampling: temperature f64, topK i32, topP f64, minP f64, repetition f64, presence f64,
 *                                    frequency f64, bias, seed i64
 *                        | request: prompt kind u8 (1 raw: text, parseSpecial u8; 2 chat: count i32, (role text,
 *                                    content text)*; 3 tokens: ids), maxTokens i32, present u16, bias, stop count i32,
 *                                    texts, then the present ones of temperature f64, topK i32, topP f64, minP f64,
 *                                    repetition f64, presence f64, frequency f64, seed i64, logprobs i32, treeSize i32
 *                        bias = count i32, (id i32, value f64)*
 *
 *   StepVerified (2)     session i64 | step i32 | nodes u8 | path length u8 | emitted u8 | top ids per row u8
 *                        | bonus i32 | batchRows i32 | batchTrees i32 | forwardNs i64
 *                        | budgetNodes i32 | budgetDepth i32 | asked i32 | missed i32 | failed i32 | draftNs i64
 *                        | drafters u8, allotted u8 each
 *                        | node: token i32, proposers i32, parent u8 (255 for the root)   x nodes
 *                        | path node u8                                                   x path length
 *                        | row: token i32, chosen f32, best f32, second f32, logSumExp f64, top ids i32 each   x emitted
 *                        | failure text
 *
 *   SessionEnded (3)     session i64 | reason text | steps i32 | emittedTokens i32 | durationNs i64
 * </pre>
 */
final class RecordLayout {
    /** The bytes F, T, R, C in file order. */
    static final int MAGIC = 0x43525446;

    static final int MAJOR_VERSION = 1;
    static final int MINOR_VERSION = 0;

    static final int KIND_SESSION_STARTED = 1;
    static final int KIND_STEP_VERIFIED = 2;
    static final int KIND_SESSION_ENDED = 3;

    static final int MAGIC_AT = 0;
    static final int MAJOR_AT = 4;
    static final int MINOR_AT = 5;
    static final int KIND_AT = 6;
    static final int BODY_BYTES_AT = 8;
    static final int PART_AT = 12;
    static final int PARTS_AT = 14;
    static final int CHECKSUM_AT = 16;
    static final int HEADER_BYTES = 20;

    /** Longest body of one part; a queue document must fit the overlap of two mapped blocks. */
    static final int PART_BODY_MAX = 128 << 10;
    /** Longest body of one record, all parts together. */
    static final int BODY_MAX = 256 << 20;

    static final int PROMPT_RAW = 1;
    static final int PROMPT_CHAT = 2;
    static final int PROMPT_TOKENS = 3;

    /** Parent of the root as a byte. */
    static final int ROOT_PARENT = 0xFF;

    static final VarHandle SHORT = view(short[].class);
    static final VarHandle INT = view(int[].class);
    static final VarHandle LONG = view(long[].class);

    private RecordLayout() {}

    private static VarHandle view(Class<?> arrayType) {
        return MethodHandles.byteArrayViewVarHandle(arrayType, ByteOrder.LITTLE_ENDIAN);
    }

    /** Checksum of the part whose header starts at {@code at}, over everything but the checksum itself. */
    static int checksum(CRC32C crc, byte[] bytes, int at, int bodyBytes) {
        crc.reset();
        crc.update(bytes, at, CHECKSUM_AT);
        crc.update(bytes, at + HEADER_BYTES, bodyBytes);
        return (int) crc.getValue();
    }
}
