package dev.foretoken.transport.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.foretoken.engine.error.AdmissionRefusedException;
import org.junit.jupiter.api.Test;

class AdmissionTest {
    @Test
    void shouldGiveEachSessionASlotOfItsOwnAndTakeItBack() {
        Admission admission = new Admission(2, 10);
        int first = admission.enter(3);
        int second = admission.enter(4);

        assertThat(first).isNotEqualTo(second);
        assertThat(admission.sessions()).isEqualTo(2);
        assertThat(admission.reservedPages()).isEqualTo(7);

        admission.leave(first, 3);
        assertThat(admission.enter(6)).isEqualTo(first);
        assertThat(admission.reservedPages()).isEqualTo(10);
    }

    @Test
    void shouldTakeNothingFromARequestThatIsRefused() {
        Admission admission = new Admission(1, 10);
        assertThatThrownBy(() -> admission.enter(11)).isInstanceOf(AdmissionRefusedException.class);
        assertThat(admission.reservedPages()).isZero();

        admission.enter(5);
        assertThatThrownBy(() -> admission.enter(5))
                .isInstanceOf(AdmissionRefusedException.class)
                .hasMessageContaining("all 1 sessions");
        assertThat(admission.reservedPages()).isEqualTo(5);
        assertThat(admission.sessions()).isEqualTo(1);
    }

    @Test
    void shouldNotWrapWhenVeryLargeRequestsAddUp() {
        Admission admission = new Admission(4, Integer.MAX_VALUE);
        admission.enter(Integer.MAX_VALUE - 1);

        assertThatThrownBy(() -> admission.enter(Integer.MAX_VALUE)).isInstanceOf(AdmissionRefusedException.class);
        admission.enter(1);
        assertThat(admission.reservedPages()).isEqualTo(Integer.MAX_VALUE);
    }
}
