package bench;

/** What a consumer does with each event. */
enum Operation {
    /** Adds it. */
    ADD,
    /** Takes it away. */
    SUBTRACT,
    /** Ands it. */
    AND
}
