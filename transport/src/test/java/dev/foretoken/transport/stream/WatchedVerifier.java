package dev.foretoken.transport.stream;

import dev.foretoken.engine.verify.TreeBatch;
import dev.foretoken.engine.verify.VerdictsOut;
import dev.foretoken.engine.verify.Verifier;
import dev.foretoken.engine.verify.VerifierShape;
import dev.foretoken.engine.verify.VerifierStart;
import java.util.function.Consumer;

/** A verifier whose batches a test looks at (or breaks) before they are run. */
record WatchedVerifier(Verifier verifier, Consumer<TreeBatch> onSubmit) implements Verifier {
    @Override
    public VerifierShape shape() {
        return verifier.shape();
    }

    @Override
    public void open(int slot, VerifierStart start) {
        verifier.open(slot, start);
    }

    @Override
    public void submit(TreeBatch batch) {
        onSubmit.accept(batch);
        verifier.submit(batch);
    }

    @Override
    public boolean poll(VerdictsOut verdictsOut) {
        return verifier.poll(verdictsOut);
    }

    @Override
    public int committedLength(int slot) {
        return verifier.committedLength(slot);
    }

    @Override
    public void release(int slot) {
        verifier.release(slot);
    }

    @Override
    public int pagesInUse() {
        return verifier.pagesInUse();
    }

    @Override
    public void close() {
        verifier.close();
    }
}
