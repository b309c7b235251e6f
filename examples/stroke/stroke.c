/* A pen emits moves and strokes, the disk loses none, and the screen is told what it lost. In Rust: src/main.rs; in C++: stroke.cpp. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rusted_ring.h>

enum { MOVE = 1, STROKE = 2, POINT = 12 };

/* Ends the program, if a call failed that should not. */
static void ok(rusted_ring_status status) {
    if (status != RUSTED_RING_OK) {
        fprintf(stderr, "%s: %s\n", rusted_ring_status_name(status), rusted_ring_error_text());
        exit(1);
    }
}

/* A point of a stroke: 12 bytes. */
static void point(uint32_t n, uint8_t *bytes) {
    uint32_t parts[] = {n * 3 % 1000, n * 7 % 1000, n};
    for (int part = 0; part < 3; part++) {
        for (int byte = 0; byte < 4; byte++) {
            *bytes++ = (uint8_t)(parts[part] >> (8 * byte));
        }
    }
}

static size_t stroke(uint32_t points, uint8_t *bytes) {
    for (uint32_t n = 0; n < points; n++) {
        point(n, bytes + n * POINT);
    }
    return points * POINT;
}

/* FNV-1a, so that programs in several languages can say what they read. */
static uint64_t checksum(uint64_t sum, const uint8_t *bytes, size_t len) {
    for (size_t n = 0; n < len; n++) {
        sum = (sum ^ bytes[n]) * UINT64_C(0x00000100000001b3);
    }
    return sum;
}

static const uint64_t begun = UINT64_C(0xcbf29ce484222325);

static void show(const char *pool, const rusted_ring *ring) {
    rusted_ring_reader_line lines[8];
    size_t count;
    ok(rusted_ring_readers(ring, lines, 8, &count));
    for (size_t n = 0; n < count && n < 8; n++) {
        printf("%s: %s received %" PRIu64 ", lost %" PRIu64 ", holes %" PRIu64 ", ahead %" PRIu64 "\n", pool,
               lines[n].name, lines[n].received, lines[n].lost, lines[n].holes, lines[n].ahead);
    }
}

int main(void) {
    static uint8_t bytes[1500 * POINT];
    rusted_ring_pools *pools;
    rusted_ring *xs, *s;
    rusted_ring_reader *disk, *screen;
    ok(rusted_ring_pools_new(&(rusted_ring_capacities){64, 16, 8, 4, 2}, &pools));
    ok(rusted_ring_pools_ring(pools, RUSTED_RING_POOL_XS, &xs));
    ok(rusted_ring_pools_ring(pools, RUSTED_RING_POOL_S, &s));
    ok(rusted_ring_consume(s, "disk", RUSTED_RING_NEWEST, &disk));
    ok(rusted_ring_subscribe(xs, "screen", RUSTED_RING_NEWEST, &screen));

    for (uint32_t n = 0; n < 100; n++) {
        point(n, bytes);
        ok(rusted_ring_emit(pools, bytes, POINT, MOVE, NULL, NULL));
    }
    uint32_t pool;
    uint64_t sequence;
    ok(rusted_ring_emit(pools, bytes, stroke(15, bytes), STROKE, &pool, &sequence));
    printf("a stroke of 15 points is event %" PRIu64 " of pool %" PRIu32 "\n", sequence, pool);
    size_t len = stroke(1500, bytes);
    if (rusted_ring_emit(pools, bytes, len, STROKE, NULL, NULL) == RUSTED_RING_TOO_LARGE) {
        printf("a stroke of 1500 points has %zu bytes: refused\n", len);
    }
    uint32_t emitted = 1;
    rusted_ring_status status;
    while ((status = rusted_ring_emit(pools, bytes, stroke(6 + emitted % 10, bytes), STROKE, NULL, NULL)) == RUSTED_RING_OK) {
        emitted++;
    }
    rusted_ring_blocker blocker;
    if (status != RUSTED_RING_FULL) {
        ok(status);
    }
    ok(rusted_ring_last_blocker(&blocker));
    printf("%" PRIu32 " strokes went out, then %s was %" PRIu64 " behind\n", emitted, blocker.name, blocker.lag);

    uint64_t count = 0, sum = begun;
    rusted_ring_event events[32];
    size_t ready;
    while ((status = rusted_ring_borrow(disk, events, 32, 0, &ready)) == RUSTED_RING_OK) {
        for (size_t n = 0; n < ready; n++) {
            count++;
            sum = checksum(sum, events[n].data, events[n].len);
        }
        ok(rusted_ring_release(disk));
    }
    if (status != RUSTED_RING_EMPTY) {
        ok(status);
    }
    printf("disk: %" PRIu64 " strokes, checksum %016" PRIx64 "\n", count, sum);

    count = 0, sum = begun;
    uint8_t buffer[64];
    while ((status = rusted_ring_try_read(screen, buffer, sizeof buffer, events)) != RUSTED_RING_EMPTY) {
        if (status == RUSTED_RING_LAGGED) {
            rusted_ring_range lost;
            ok(rusted_ring_reader_loss(screen, &lost));
            printf("screen: lost %" PRIu64 " to %" PRIu64 "\n", lost.from, lost.to);
            continue;
        }
        ok(status);
        count++;
        sum = checksum(sum, buffer, events[0].len);
    }
    printf("screen: %" PRIu64 " moves, checksum %016" PRIx64 "\n", count, sum);
    show("xs", xs);
    show("s", s);

    ok(rusted_ring_reader_close(disk));
    ok(rusted_ring_reader_close(screen));
    ok(rusted_ring_close(xs));
    ok(rusted_ring_close(s));
    ok(rusted_ring_pools_close(pools));
    return 0;
}
