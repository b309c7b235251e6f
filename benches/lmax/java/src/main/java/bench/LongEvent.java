package bench;

/** What every slot holds: one long. */
final class LongEvent {
    long value;
}
