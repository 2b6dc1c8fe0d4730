package dev.foretoken.engine.session;

import dev.foretoken.engine.verify.StepVerdict;
import org.jspecify.annotations.Nullable;

/**
 * Ends a session inside a step: everything after the first event that ends it is cut off before anyone sees it. One
 * object per session, owned by the lane's verifier thread; allocates nothing.
 */
public interface StepCut {
    /** For sessions that end before their first step. */
    StepCut NEVER = new StepCut() {
        @Override
        public @Nullable FinishReason apply(StepVerdict verdict) {
            return null;
        }

        @Override
        public void releasedBytes(int[] bytesOut) {
            // no step, nothing released
        }
    };

    /**
     * Looks at the emitted tokens in order and truncates the verdict behind the one that ends the session.
     *
     * @return why the session ends with this step, or null if it goes on
     */
    @Nullable
    FinishReason apply(StepVerdict verdict);

    /**
     * Writes, for each token that the last {@link #apply} kept, how many bytes of the session's text (the bytes of all
     * emitted tokens, one after another) may be shown once this token is. Never less than for the token before.
     */
    void releasedBytes(int[] bytesOut);
}
