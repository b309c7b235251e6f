package bench;

import java.util.concurrent.CountDownLatch;

/** Keeps what changes at each event off the cache line before it. */
abstract class CountLeft {
    long l1, l2, l3, l4, l5, l6, l7, l8;
}

/** What changes at each event. */
abstract class CountFields extends CountLeft {
    /** How many events counted. */
    long value;
    /** How many there were. */
    long handled;
}

/** Keeps what changes at each event off the cache line after it. */
abstract class CountRight extends CountFields {
    long r1, r2, r3, r4, r5, r6, r7, r8;
}

/** What each stage does beside its step: counts, and says when it has handled all. */
abstract class Count extends CountRight {
    private final long expected;
    private final CountDownLatch ready;
    private final CountDownLatch done;
    /** By the clock, when the last event was handled; written before `done`. */
    long ended;

    Count(long expected, CountDownLatch ready, CountDownLatch done) {
        this.expected = expected;
        this.ready = ready;
        this.done = done;
    }

    /** The stage's thread is there. */
    final void begin() {
        ready.countDown();
    }

    /** An event was handled. */
    final void note() {
        if (++handled == expected) {
            ended = System.nanoTime();
            done.countDown();
        }
    }
}
