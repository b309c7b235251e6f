package bench;

/** What a slot of the diamond holds. */
final class FizzBuzzEvent {
    long value;
    boolean fizz;
    boolean buzz;
}
