package dev.foretoken.benchmarks.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

class MemoryFiguresTest {
    @Test
    void shouldReadThePeakFromTheStatusOfAProcess() {
        assertThat(MemoryFigures.peakResidentBytes(
                        List.of("Name:\tjava", "VmPeak:\t 9 kB", "VmHWM:\t  275068 kB", "VmRSS:\t 1 kB")))
                .contains(275_068L * 1024);
        assertThat(MemoryFigures.peakResidentBytes(List.of("VmHWM: much", "VmHWM:\t99999999999999999999 kB")))
                .isEmpty();
    }

    @Test
    void shouldSayWhatWasStatedAndWhatWasTaken() {
        assertThat(new MemoryFigures(300L << 20, (106L << 20) + (1 << 19), 46_080).sentence())
                .isEqualTo(
                        "memory stated: 106.5 MiB of weights for each list of drafters, 45.0 KiB per token of context,"
                                + " at most 300 MiB were resident");
        assertThat(new MemoryFigures(null, 1 << 20, 1024).sentence()).endsWith("per token of context");
    }

    @Test
    @EnabledOnOs(value = OS.LINUX, disabledReason = "only Linux has /proc/self/status")
    void shouldKnowThePeakOfThisProcess() {
        MemoryFigures figures = MemoryFigures.of(null);

        assertThat(figures.peakResidentBytes()).isGreaterThan(figures.weightBytes());
        assertThat(figures.weightBytes()).isBetween(4L << 20, 8L << 20);
        assertThat(figures.kvBytesPerToken()).isPositive();
    }
}
