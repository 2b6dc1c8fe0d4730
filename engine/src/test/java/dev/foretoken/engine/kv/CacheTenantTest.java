package dev.foretoken.engine.kv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.foretoken.engine.error.InvalidInputException;
import dev.foretoken.engine.session.GenerationRequest;
import org.junit.jupiter.api.Test;

class CacheTenantTest {
    @Test
    void shouldNeverPrintItsKey() {
        GenerationRequest request = GenerationRequest.raw("text").cacheTenant("alice@example.org");

        assertThat(request.cacheTenant().key()).isEqualTo("alice@example.org");
        assertThat(request.toString()).doesNotContain("alice").contains("cacheTenant=private");
        assertThat(GenerationRequest.raw("text").toString()).contains("cacheTenant=shared");
    }

    @Test
    void shouldRefuseAKeyThatIsALetter() {
        assertThatThrownBy(() -> GenerationRequest.raw("text").cacheTenant("x".repeat(1025)))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("the cache tenant has 1025 characters, expected at most 1024: give a hash of it");
    }
}
