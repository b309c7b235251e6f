package bench;

import com.lmax.disruptor.EventHandler;
import com.lmax.disruptor.RingBuffer;
import com.lmax.disruptor.WaitStrategy;
import com.lmax.disruptor.dsl.Disruptor;
import com.lmax.disruptor.dsl.ProducerType;
import com.lmax.disruptor.util.DaemonThreadFactory;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;

/** The numbers from 0 on, each sent through one ring and back through another before the next. */
final class PingPong {
    private static final int CAPACITY = 1024;

    private PingPong() {}

    /** Sends on what it gets, as long as there is more to send. */
    private static final class Player implements EventHandler<LongEvent> {
        private final RingBuffer<LongEvent> other;
        /** What is added to a number before it is sent on: 1 begins the next turn. */
        private final long step;
        private final long events;
        private final CountDownLatch ready;
        private final CountDownLatch done;
        long sum;
        long handled;
        long ended;

        Player(RingBuffer<LongEvent> other, long step, long events, CountDownLatch ready, CountDownLatch done) {
            this.other = other;
            this.step = step;
            this.events = events;
            this.ready = ready;
            this.done = done;
        }

        @Override
        public void onStart() {
            ready.countDown();
        }

        @Override
        public void onEvent(LongEvent event, long sequence, boolean endOfBatch) {
            sum += event.value;
            handled++;
            long next = event.value + step;
            if (next < events) {
                send(other, next);
            }
            if (handled == events) {
                ended = System.nanoTime();
                done.countDown();
            }
        }
    }

    /** One round, on rings of its own; an event is a number that went there and back. */
    static Outcome run(long events, Supplier<WaitStrategy> strategy) throws Exception {
        Disruptor<LongEvent> pings = disruptor(strategy.get());
        Disruptor<LongEvent> pongs = disruptor(strategy.get());
        CountDownLatch ready = new CountDownLatch(2);
        CountDownLatch done = new CountDownLatch(2);
        Player ponger = new Player(pongs.getRingBuffer(), 0, events, ready, done);
        Player pinger = new Player(pings.getRingBuffer(), 1, events, ready, done);
        pings.handleEventsWith(ponger);
        pongs.handleEventsWith(pinger);
        pings.start();
        pongs.start();
        ready.await();
        long begun = System.nanoTime();
        // Only the first ping is sent from here; its pong makes the pinger's thread send the next.
        send(pings.getRingBuffer(), 0);
        done.await();
        pings.shutdown();
        pongs.shutdown();
        long[] checksum = {ponger.sum, pinger.sum};
        long[] handled = {ponger.handled, pinger.handled};
        return new Outcome(CAPACITY, pinger.ended - begun, checksum, handled);
    }

    private static Disruptor<LongEvent> disruptor(WaitStrategy strategy) {
        return new Disruptor<>(LongEvent::new, CAPACITY, DaemonThreadFactory.INSTANCE, ProducerType.SINGLE, strategy);
    }

    private static void send(RingBuffer<LongEvent> ring, long value) {
        long sequence = ring.next();
        ring.get(sequence).value = value;
        ring.publish(sequence);
    }
}
