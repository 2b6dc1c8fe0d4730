package dev.foretoken.engine.tokenizer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PieceTableTest {
    private static final String[] PIECES = {"a", "ab", "", "abc", "b", "ab", "é", "cab", "bca", null, "\u0000", "ba"};

    /** With start 0 and factor 1 nearly everything meets. */
    @ParameterizedTest(name = "{displayName} start={0} factor={1}")
    @CsvSource({"0, 1", "0, 3", "-1, 2", "123456789, 987654321", "-7046029254386353131, 1442695040888963407"})
    void shouldFindTheSameWhateverTheKeys(long start, long factor) {
        PieceTable table = new PieceTable(bytes(), new HashKeys(start, factor));
        byte[] text = "abcab".getBytes(UTF_8);

        assertThat(table.find(text, 0, 1)).isEqualTo(0);
        assertThat(table.find(text, 0, 2)).as("the lower id").isEqualTo(1);
        assertThat(table.find(text, 3, 5)).isEqualTo(1);
        assertThat(table.find(text, 0, 3)).isEqualTo(3);
        assertThat(table.find(text, 1, 4)).isEqualTo(8);
        assertThat(table.find(text, 2, 5)).isEqualTo(7);
        assertThat(table.find(text, 2, 3)).as("c").isEqualTo(-1);
        assertThat(table.find(text, 0, 5)).as("longer than any").isEqualTo(-1);
        assertThat(table.find(new byte[1], 0, 1)).isEqualTo(10);
    }

    private static byte[][] bytes() {
        byte[][] bytes = new byte[PIECES.length][];
        for (int id = 0; id < bytes.length; id++) {
            bytes[id] = PIECES[id] == null ? null : PIECES[id].getBytes(UTF_8);
        }
        return bytes;
    }
}
