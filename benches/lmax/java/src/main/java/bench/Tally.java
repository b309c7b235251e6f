package bench;

import com.lmax.disruptor.EventHandler;
import java.util.concurrent.CountDownLatch;

/** Keeps what changes at each event off the cache line before it. */
abstract class TallyLeft {
    long l1, l2, l3, l4, l5, l6, l7, l8;
}

/** What changes at each event. */
abstract class TallyFields extends TallyLeft {
    /** What the operation made of all events so far. */
    long value;
    /** How many there were. */
    long handled;
}

/** Keeps what changes at each event off the cache line after it. */
abstract class TallyRight extends TallyFields {
    long r1, r2, r3, r4, r5, r6, r7, r8;
}

/** A consumer: does its operation with each event, and says when it has handled all. */
final class Tally extends TallyRight implements EventHandler<LongEvent> {
    private final Operation operation;
    private final long expected;
    private final CountDownLatch ready;
    private final CountDownLatch done;
    /** By the clock, when the last event was handled; written before `done`. */
    long ended;

    Tally(Operation operation, long expected, CountDownLatch ready, CountDownLatch done) {
        this.operation = operation;
        this.expected = expected;
        this.ready = ready;
        this.done = done;
    }

    @Override
    public void onStart() {
        ready.countDown();
    }

    @Override
    public void onEvent(LongEvent event, long sequence, boolean endOfBatch) {
        // A switch on a field that never changes is foreseen by the processor; a method of each operation is a call.
        switch (operation) {
            case ADD:
                value += event.value;
                break;
            case SUBTRACT:
                value -= event.value;
                break;
            default:
                value &= event.value;
        }
        if (++handled == expected) {
            ended = System.nanoTime();
            done.countDown();
        }
    }
}
