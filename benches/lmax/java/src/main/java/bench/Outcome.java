package bench;

import java.util.Arrays;

/** What a round came to. */
final class Outcome {
    final int ring;
    final double seconds;
    /** One of each consumer; of stages, one of the last. */
    final long[] checksum;
    /** How many events each consumer handled. */
    final long[] handled;

    Outcome(int ring, long nanos, long[] checksum, long[] handled) {
        this.ring = ring;
        this.seconds = nanos / 1e9;
        this.checksum = checksum;
        this.handled = handled;
    }

    /** Of a graph that began at this time, by its stages, the last of which counts. */
    static Outcome of(int ring, long begun, Count... stages) {
        long ended = Arrays.stream(stages).mapToLong(stage -> stage.ended).max().getAsLong();
        long[] checksum = {stages[stages.length - 1].value};
        long[] handled = Arrays.stream(stages).mapToLong(stage -> stage.handled).toArray();
        return new Outcome(ring, ended - begun, checksum, handled);
    }
}
