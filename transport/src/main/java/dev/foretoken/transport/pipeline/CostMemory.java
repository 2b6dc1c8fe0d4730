package dev.foretoken.transport.pipeline;

import dev.foretoken.drafters.control.VerifyCostCurve;
import java.util.Optional;

/**
 * Where verify costs outlive the engine that measured them. Neither method throws: a memory that does not work is one that
 * remembers nothing.
 */
public interface CostMemory {
    /** Remembers nothing. */
    CostMemory NONE = new CostMemory() {
        @Override
        public Optional<VerifyCostCurve> recall() {
            return Optional.empty();
        }

        @Override
        public void keep(VerifyCostCurve curve) {}
    };

    /** What an earlier engine kept. Asked once, while the pipeline is made. */
    Optional<VerifyCostCurve> recall();

    /** Keeps a curve instead of what was kept before. Once in idle time and at the end; any thread, may block. */
    void keep(VerifyCostCurve curve);
}
