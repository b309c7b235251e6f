package bench;

/** What a round came to. */
final class Outcome {
    final int ring;
    final double seconds;
    /** One of each consumer. */
    final long[] checksum;
    /** How many events each consumer handled. */
    final long[] handled;

    Outcome(int ring, long nanos, long[] checksum, long[] handled) {
        this.ring = ring;
        this.seconds = nanos / 1e9;
        this.checksum = checksum;
        this.handled = handled;
    }
}
