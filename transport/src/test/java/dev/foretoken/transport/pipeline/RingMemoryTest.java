package dev.foretoken.transport.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.foretoken.engine.error.InvalidInputException;
import java.lang.management.ManagementFactory;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** What the rings take, told before they are made. */
class RingMemoryTest {
    private static final int EVENTS = 1000;

    @Test
    void shouldKnowWhatASlotTakes() {
        assertThat(bytesOf(DraftEvent::new) / DraftInbox.EVENT_BYTES).isBetween(0.9, 1.1);
        assertThat(bytesOf(VerdictEvent::new) / VerdictRing.EVENT_BYTES).isBetween(0.9, 1.1);
    }

    private static double bytesOf(Supplier<Object> event) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        Object[] events = new Object[EVENTS]; // kept: nothing is allocated that nobody can see
        events[0] = event.get();
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < EVENTS; i++) {
            events[i] = event.get();
        }
        return (double) (threads.getCurrentThreadAllocatedBytes() - before) / EVENTS;
    }

    @Test
    void shouldRefuseSessionsWhoseRingsFindNoRoom() {
        // 32 sessions: 512 slots of 3 KiB and 256 of 9 KiB
        long needed = 512 * (3L << 10) + 256 * (9L << 10);

        assertThatCode(() -> Pipeline.checkHeap(32, needed)).doesNotThrowAnyException();
        assertThatThrownBy(() -> Pipeline.checkHeap(32, needed - 1))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("32 sessions need 4 MiB of Java heap for their rings, 3 MiB are left: lower the sessions or"
                        + " raise -Xmx");
    }
}
