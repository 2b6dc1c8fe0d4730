package dev.foretoken.engine.verify;

/** The verdicts of one batch, filled in by {@link Verifier#poll}. Reused; owned by the lane's verifier thread. */
public final class VerdictsOut {
    private final StepVerdict[] verdicts;
    private int count;

    public VerdictsOut(int treesMax) {
        verdicts = new StepVerdict[treesMax];
        for (int i = 0; i < treesMax; i++) {
            verdicts[i] = new StepVerdict();
        }
    }

    public void clear() {
        count = 0;
    }

    /** The next verdict to fill. */
    public StepVerdict next() {
        return verdicts[count++];
    }

    public int count() {
        return count;
    }

    public StepVerdict verdict(int index) {
        return verdicts[index];
    }
}
