package dev.foretoken.transport.pipeline;

import com.lmax.disruptor.Sequence;
import com.lmax.disruptor.SequenceBarrier;
import com.lmax.disruptor.WaitStrategy;

/**
 * Never waits itself: a stage asks its barrier what is there, does other work, and parks by its own {@link Parker}. Every
 * publication signals the parkers of the stages on the ring. Disruptor's blocking strategy would spin on dependent stages,
 * which on two cores is half the machine.
 */
final class StageWaitStrategy implements WaitStrategy {
    private final Parker[] parkers;

    StageWaitStrategy(Parker... parkers) {
        this.parkers = parkers.clone();
    }

    @Override
    public long waitFor(long sequence, Sequence cursor, Sequence dependentSequence, SequenceBarrier barrier) {
        return dependentSequence.get();
    }

    @Override
    public void signalAllWhenBlocking() {
        for (Parker parker : parkers) {
            parker.signal();
        }
    }
}
