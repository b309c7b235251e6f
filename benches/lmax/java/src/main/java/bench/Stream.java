package bench;

import com.lmax.disruptor.RingBuffer;
import com.lmax.disruptor.WaitStrategy;
import com.lmax.disruptor.dsl.Disruptor;
import com.lmax.disruptor.dsl.ProducerType;
import com.lmax.disruptor.util.DaemonThreadFactory;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;

/** Producers that send the numbers from 0 on through one ring, to consumers of which each handles every one. */
final class Stream {
    private final int capacity;
    private final int producers;
    private final int batch;
    private final Operation[] operations;

    Stream(int capacity, int producers, int batch, Operation... operations) {
        this.capacity = capacity;
        this.producers = producers;
        this.batch = batch;
        this.operations = operations;
    }

    /** One round, on a ring of its own. */
    Outcome run(long events, WaitStrategy strategy) throws Exception {
        ProducerType type = producers == 1 ? ProducerType.SINGLE : ProducerType.MULTI;
        Disruptor<LongEvent> disruptor =
            new Disruptor<>(LongEvent::new, capacity, DaemonThreadFactory.INSTANCE, type, strategy);
        CountDownLatch ready = new CountDownLatch(operations.length);
        CountDownLatch done = new CountDownLatch(operations.length);
        Tally[] tallies = new Tally[operations.length];
        Arrays.setAll(tallies, index -> new Tally(operations[index], events, ready, done));
        disruptor.handleEventsWith(tallies);
        RingBuffer<LongEvent> ring = disruptor.start();
        ready.await();

        long[] begun = new long[producers];
        CyclicBarrier start = new CyclicBarrier(producers);
        Thread[] threads = new Thread[producers];
        for (int index = 0; index < producers; index++) {
            int producer = index;
            long from = events * producer / producers;
            long to = events * (producer + 1) / producers;
            threads[index] = new Thread(() -> {
                await(start);
                begun[producer] = System.nanoTime();
                if (batch == 1) {
                    publish(ring, from, to);
                } else {
                    publishBatches(ring, from, to, batch);
                }
            });
            threads[index].start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        done.await();
        disruptor.shutdown();
        long ended = Arrays.stream(tallies).mapToLong(tally -> tally.ended).max().getAsLong();
        long[] checksum = Arrays.stream(tallies).mapToLong(tally -> tally.value).toArray();
        long[] handled = Arrays.stream(tallies).mapToLong(tally -> tally.handled).toArray();
        return new Outcome(capacity, ended - Arrays.stream(begun).min().getAsLong(), checksum, handled);
    }

    private static void publish(RingBuffer<LongEvent> ring, long from, long to) {
        for (long value = from; value < to; value++) {
            long sequence = ring.next();
            ring.get(sequence).value = value;
            ring.publish(sequence);
        }
    }

    private static void publishBatches(RingBuffer<LongEvent> ring, long from, long to, int batch) {
        long value = from;
        while (value < to) {
            int count = (int) Math.min(batch, to - value);
            long last = ring.next(count);
            long first = last - count + 1;
            for (long sequence = first; sequence <= last; sequence++) {
                ring.get(sequence).value = value++;
            }
            ring.publish(first, last);
        }
    }

    private static void await(CyclicBarrier barrier) {
        try {
            barrier.await();
        } catch (Exception broken) {
            throw new IllegalStateException(broken);
        }
    }
}
