package bench;

import com.lmax.disruptor.EventHandler;
import com.lmax.disruptor.RingBuffer;
import com.lmax.disruptor.WaitStrategy;
import com.lmax.disruptor.dsl.Disruptor;
import com.lmax.disruptor.dsl.ProducerType;
import com.lmax.disruptor.util.DaemonThreadFactory;
import java.util.concurrent.CountDownLatch;

/** One producer, two stages side by side, and one after both: FizzBuzz. */
final class Diamond {
    private Diamond() {}

    private enum Step {
        FIZZ,
        BUZZ,
        FIZZ_BUZZ
    }

    /** A stage: one class, so that the compiler can inline it. */
    private static final class Stage extends Count implements EventHandler<FizzBuzzEvent> {
        private final Step step;

        Stage(Step step, long expected, CountDownLatch ready, CountDownLatch done) {
            super(expected, ready, done);
            this.step = step;
        }

        @Override
        public void onStart() {
            begin();
        }

        @Override
        public void onEvent(FizzBuzzEvent event, long sequence, boolean endOfBatch) {
            switch (step) {
                case FIZZ:
                    event.fizz = event.value % 3 == 0;
                    break;
                case BUZZ:
                    event.buzz = event.value % 5 == 0;
                    break;
                default:
                    if (event.fizz && event.buzz) {
                        value++;
                    }
            }
            note();
        }
    }

    /** One round, on a ring of its own. */
    static Outcome run(int capacity, long events, WaitStrategy strategy) throws Exception {
        Disruptor<FizzBuzzEvent> disruptor = new Disruptor<>(
            FizzBuzzEvent::new, capacity, DaemonThreadFactory.INSTANCE, ProducerType.SINGLE, strategy);
        CountDownLatch ready = new CountDownLatch(3);
        CountDownLatch done = new CountDownLatch(3);
        Stage fizz = new Stage(Step.FIZZ, events, ready, done);
        Stage buzz = new Stage(Step.BUZZ, events, ready, done);
        Stage fizzBuzz = new Stage(Step.FIZZ_BUZZ, events, ready, done);
        disruptor.handleEventsWith(fizz, buzz).then(fizzBuzz);
        RingBuffer<FizzBuzzEvent> ring = disruptor.start();
        ready.await();

        long begun = System.nanoTime();
        publish(ring, events);
        done.await();
        disruptor.shutdown();
        return Outcome.of(capacity, begun, fizz, buzz, fizzBuzz);
    }

    private static void publish(RingBuffer<FizzBuzzEvent> ring, long events) {
        for (long number = 0; number < events; number++) {
            long sequence = ring.next();
            ring.get(sequence).value = number;
            ring.publish(sequence);
        }
    }
}
