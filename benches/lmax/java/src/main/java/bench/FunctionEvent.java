package bench;

/** What a slot of the pipeline holds. */
final class FunctionEvent {
    long operandOne;
    long operandTwo;
    long stepOneResult;
    long stepTwoResult;
}
