package dev.foretoken.transport.trace;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RecordBufferTest {
    private final RecordBuffer buffer = new RecordBuffer();

    @Test
    void shouldGiveBackWhatAVeryLongRecordTook() {
        buffer.restart(1);
        buffer.putText("x".repeat(5 << 20));
        assertThat(buffer.array()).hasSizeGreaterThan(5 << 20);

        buffer.restart(1);

        assertThat(buffer.array()).hasSizeLessThanOrEqualTo(1 << 20);
    }

    @Test
    void shouldKeepTheArrayOfOrdinaryRecords() {
        buffer.restart(1);
        buffer.putText("x".repeat(100_000));
        byte[] array = buffer.array();

        buffer.restart(1);

        assertThat(buffer.array()).isSameAs(array);
    }
}
