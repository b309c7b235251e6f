/* What an event of 64 bytes costs from C, one by one and in batches, beside an empty call; `emit.rs` has the same of Rust:
 *
 *   cargo bench --package rusted-ring-ffi --bench emit
 *   cargo build --release --package rusted-ring-ffi
 *   cc -O2 -I crates/rusted-ring-ffi/include crates/rusted-ring-ffi/benches/emit.c target/release/librusted_ring_ffi.so \
 *      -Wl,-rpath,$PWD/target/release -o target/emit && target/emit
 */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <rusted_ring.h>

enum { BYTES = 64, SLOTS = 1024, EVENTS = 1 << 21, BATCH = 64, ROUNDS = 9 };

static rusted_ring_publisher *pen;
static rusted_ring_pools *pools;
static unsigned char bytes[BATCH * BYTES];

static void ok(rusted_ring_status status) {
    if (status != RUSTED_RING_OK) {
        fprintf(stderr, "%s\n", rusted_ring_error_text());
        exit(1);
    }
}

static void empty(void) {
    for (int n = 0; n < EVENTS; n++) {
        rusted_ring_abi_version();
    }
}

static void one_by_one(void) {
    for (int n = 0; n < EVENTS; n++) {
        bytes[0] = (unsigned char)n;
        ok(rusted_ring_try_publish(pen, bytes, BYTES, 1, NULL));
    }
}

static void in_batches(void) {
    for (int n = 0; n < EVENTS; n += BATCH) {
        bytes[0] = (unsigned char)n;
        ok(rusted_ring_publish_records(pen, bytes, BYTES, BATCH, 1, 0, NULL));
    }
}

static void emitting(void) {
    for (int n = 0; n < EVENTS; n++) {
        bytes[0] = (unsigned char)n;
        ok(rusted_ring_emit(pools, bytes, BYTES, 1, NULL, NULL));
    }
}

static int by_size(const void *one, const void *other) {
    double a = *(const double *)one, b = *(const double *)other;
    return (a > b) - (a < b);
}

/* Prints the median of some rounds, in nanoseconds an event. */
static void measure(const char *what, void (*run)(void)) {
    double rounds[ROUNDS];
    run();
    for (int round = 0; round < ROUNDS; round++) {
        struct timespec begun, ended;
        clock_gettime(CLOCK_MONOTONIC, &begun);
        run();
        clock_gettime(CLOCK_MONOTONIC, &ended);
        rounds[round] = ((double)(ended.tv_sec - begun.tv_sec) * 1e9 + (double)(ended.tv_nsec - begun.tv_nsec)) / EVENTS;
    }
    qsort(rounds, ROUNDS, sizeof *rounds, by_size);
    printf("%-28s %6.2f ns, from %.2f to %.2f\n", what, rounds[ROUNDS / 2], rounds[0], rounds[ROUNDS - 1]);
}

int main(void) {
    measure("C, an empty call", empty);
    unsigned kinds[] = {RUSTED_RING_SOLE, 0};
    for (int kind = 0; kind < 2; kind++) {
        rusted_ring *ring;
        ok(rusted_ring_new(BYTES, SLOTS, kinds[kind], &ring));
        ok(rusted_ring_publisher_join(ring, &pen));
        measure(kind == 0 ? "C, sole, one by one" : "C, one of many, one by one", one_by_one);
        measure(kind == 0 ? "C, sole, batches of 64" : "C, one of many, of 64", in_batches);
        ok(rusted_ring_publisher_close(pen));
        ok(rusted_ring_close(ring));
    }
    ok(rusted_ring_pools_new(&(rusted_ring_capacities){SLOTS, 2, 2, 2, 2}, &pools));
    measure("C, emit", emitting);
    ok(rusted_ring_pools_close(pools));
    return 0;
}
