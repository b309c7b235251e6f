package bench;

import com.lmax.disruptor.EventHandler;
import com.lmax.disruptor.RingBuffer;
import com.lmax.disruptor.WaitStrategy;
import com.lmax.disruptor.dsl.Disruptor;
import com.lmax.disruptor.dsl.ProducerType;
import com.lmax.disruptor.util.DaemonThreadFactory;
import java.util.concurrent.CountDownLatch;

/** One producer, and three steps one after the other. */
final class Pipeline {
    private static final long OPERAND_TWO_INITIAL_VALUE = 777;

    private Pipeline() {}

    private enum Step {
        ONE,
        TWO,
        THREE
    }

    /** A stage: one class, so that the compiler can inline it. */
    private static final class Stage extends Count implements EventHandler<FunctionEvent> {
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
        public void onEvent(FunctionEvent event, long sequence, boolean endOfBatch) {
            switch (step) {
                case ONE:
                    event.stepOneResult = event.operandOne + event.operandTwo;
                    break;
                case TWO:
                    event.stepTwoResult = event.stepOneResult + 3;
                    break;
                default:
                    if ((event.stepTwoResult & 4) == 4) {
                        value++;
                    }
            }
            note();
        }
    }

    /** One round, on a ring of its own. */
    static Outcome run(int capacity, long events, WaitStrategy strategy) throws Exception {
        Disruptor<FunctionEvent> disruptor = new Disruptor<>(
            FunctionEvent::new, capacity, DaemonThreadFactory.INSTANCE, ProducerType.SINGLE, strategy);
        CountDownLatch ready = new CountDownLatch(3);
        CountDownLatch done = new CountDownLatch(3);
        Stage one = new Stage(Step.ONE, events, ready, done);
        Stage two = new Stage(Step.TWO, events, ready, done);
        Stage three = new Stage(Step.THREE, events, ready, done);
        disruptor.handleEventsWith(one).then(two).then(three);
        RingBuffer<FunctionEvent> ring = disruptor.start();
        ready.await();

        long begun = System.nanoTime();
        publish(ring, events);
        done.await();
        disruptor.shutdown();
        return Outcome.of(capacity, begun, one, two, three);
    }

    private static void publish(RingBuffer<FunctionEvent> ring, long events) {
        long operandTwo = OPERAND_TWO_INITIAL_VALUE;
        for (long number = 0; number < events; number++) {
            long sequence = ring.next();
            FunctionEvent event = ring.get(sequence);
            event.operandOne = number;
            event.operandTwo = operandTwo--;
            ring.publish(sequence);
        }
    }
}
