/* The calls that examples/stroke/stroke.dart makes of the library, in its order, through what the package declares, looked up at run time. */
#include <inttypes.h>
#include <string.h>

#include <rusted_ring.h>

enum { MOVE = 1, STROKE = 2, POINT = 12, MOST = 32 };

static void ok(rusted_ring_status status) {
    if (status != RUSTED_RING_OK) {
        fprintf(stderr, "%s: %s\n", rusted_ring_status_name(status), rusted_ring_error_text());
        exit(1);
    }
}

static size_t points(uint32_t first, uint32_t count, uint8_t *bytes) {
    for (uint32_t n = first; n < first + count; n++) {
        uint32_t parts[] = {n * 3 % 1000, n * 7 % 1000, n};
        memcpy(bytes, parts, POINT);
        bytes += POINT;
    }
    return count * POINT;
}

/* Reads all that is ready by leaf calls into memory of its own, and says what was lost. */
static size_t drain(rusted_ring_reader *reader, size_t slot_bytes, const char *name, uint64_t *sum) {
    uint8_t *bytes = malloc(MOST * slot_bytes);
    rusted_ring_event *events = malloc(MOST * sizeof(rusted_ring_event));
    size_t read = 0;
    *sum = UINT64_C(0xcbf29ce484222325);
    for (;;) {
        size_t count;
        rusted_ring_status status = rusted_ring_read_batch_at_once(reader, bytes, slot_bytes, MOST, 0, events, &count);
        if (status == RUSTED_RING_EMPTY) {
            break;
        }
        if (status == RUSTED_RING_LAGGED) {
            rusted_ring_range lost;
            ok(rusted_ring_reader_loss(reader, &lost));
            printf("%s: lost %" PRIu64 " to %" PRIu64 "\n", name, lost.from, lost.to);
            continue;
        }
        ok(status);
        for (size_t n = 0; n < count; n++) {
            for (uint32_t byte = 0; byte < events[n].len; byte++) {
                *sum = (*sum ^ bytes[n * slot_bytes + byte]) * UINT64_C(0x00000100000001b3);
            }
        }
        read += count;
    }
    free(events);
    free(bytes);
    return read;
}

static void show(const char *pool, rusted_ring *ring) {
    rusted_ring_reader_line lines[16];
    size_t count;
    ok(rusted_ring_readers(ring, lines, 16, &count));
    for (size_t n = 0; n < count; n++) {
        printf("%s: %s received %" PRIu64 ", lost %" PRIu64 ", holes %" PRIu64 ", ahead %" PRIu64 "\n", pool,
               lines[n].name, lines[n].received, lines[n].lost, lines[n].holes, lines[n].ahead);
    }
}

int main(void) {
    uint8_t *bytes = malloc(1500 * POINT);
    rusted_ring_capacities capacities = {.xs = 64, .s = 16, .m = 8, .l = 4, .xl = 2};
    rusted_ring_pools *pools;
    rusted_ring *xs, *s;
    rusted_ring_reader *disk, *screen;
    rusted_ring_ring_stats stats;
    ok(rusted_ring_pools_new(&capacities, &pools));
    ok(rusted_ring_pools_ring(pools, RUSTED_RING_POOL_XS, &xs));
    ok(rusted_ring_pools_ring(pools, RUSTED_RING_POOL_S, &s));
    ok(rusted_ring_consume(s, "disk", RUSTED_RING_NEWEST, &disk));
    ok(rusted_ring_subscribe(xs, "screen", RUSTED_RING_NEWEST, &screen));

    uint32_t pool;
    uint64_t sequence;
    for (uint32_t n = 0; n < 100; n++) {
        ok(rusted_ring_emit(pools, bytes, points(n, 1, bytes), MOVE, &pool, &sequence));
    }
    ok(rusted_ring_emit(pools, bytes, points(0, 15, bytes), STROKE, &pool, &sequence));
    printf("a stroke of 15 points is event %" PRIu64 " of pool %" PRIu32 "\n", sequence, pool);
    size_t len = points(0, 1500, bytes);
    rusted_ring_status status = rusted_ring_emit(pools, bytes, len, STROKE, &pool, &sequence);
    if (strcmp(rusted_ring_status_name(status), "TOO_LARGE") == 0) {
        printf("a stroke of 1500 points has %zu bytes: refused\n", len);
    }
    uint32_t emitted = 1;
    do {
        status = rusted_ring_emit(pools, bytes, points(0, 6 + emitted % 10, bytes), STROKE, &pool, &sequence);
        emitted += status == RUSTED_RING_OK;
    } while (status == RUSTED_RING_OK);
    if (status != RUSTED_RING_FULL) {
        ok(status);
    }
    rusted_ring_blocker blocker;
    ok(rusted_ring_last_blocker(&blocker));
    printf("%" PRIu32 " strokes went out, then %s was %" PRIu64 " behind\n", emitted, blocker.name, blocker.lag);

    uint64_t sum;
    ok(rusted_ring_stats(s, &stats));
    size_t count = drain(disk, stats.slot_bytes, "disk", &sum);
    printf("disk: %zu strokes, checksum %016" PRIx64 "\n", count, sum);
    ok(rusted_ring_stats(xs, &stats));
    count = drain(screen, stats.slot_bytes, "screen", &sum);
    printf("screen: %zu moves, checksum %016" PRIx64 "\n", count, sum);
    show("xs", xs);
    show("s", s);

    /* A finalizer calls as if nothing were returned. */
    ((void (*)(void *))(void *)rusted_ring_reader_close)(disk);
    ((void (*)(void *))(void *)rusted_ring_reader_close)(screen);
    ((void (*)(void *))(void *)rusted_ring_close)(xs);
    ((void (*)(void *))(void *)rusted_ring_close)(s);
    ((void (*)(void *))(void *)rusted_ring_pools_close)(pools);
    free(bytes);
    if (rusted_ring_open_handles() != 0) {
        fprintf(stderr, "%zu handles are open\n", rusted_ring_open_handles());
        return 1;
    }
    return 0;
}
