/* Every function with good arguments and with bad ones. */
#include <unistd.h>

#include "check.h"

/* An address that is aligned to nothing. */
static void *odd(void *place) {
    return (char *)place + 1;
}

static uint64_t no_handle[4];

/* What is no handle of a kind: null, some memory, a small number, a closed one, one of another kind. */
#define BAD_HANDLES(type, closed, other, call)                                                                   \
    do {                                                                                                         \
        void *bad_[] = {NULL, no_handle, (void *)8, (void *)UINTPTR_MAX, closed, other};                         \
        for (size_t i_ = 0; i_ < COUNT(bad_); i_++) {                                                            \
            type *handle = bad_[i_];                                                                             \
            IS(RUSTED_RING_BAD_HANDLE, call);                                                                    \
            CHECK(says("no handle of"));                                                                         \
        }                                                                                                        \
    } while (0)

static void the_library(void) {
    CHECK(rusted_ring_abi_version() == RUSTED_RING_ABI_VERSION);
    CHECK(strcmp(rusted_ring_version(), VERSION) == 0);
    CHECK(strcmp(rusted_ring_error_text(), "") == 0);
    CHECK(strcmp(rusted_ring_status_name(RUSTED_RING_FULL), "FULL") == 0);
    CHECK(strcmp(rusted_ring_status_name(RUSTED_RING_PANIC), "PANIC") == 0);
    CHECK(strcmp(rusted_ring_status_name(77), "no status of rusted-ring") == 0);
    CHECK(RUSTED_RING_OK == 0 && RUSTED_RING_FULL == -1 && RUSTED_RING_TOO_LARGE == -2);
    rusted_ring_blocker blocker;
    IS(RUSTED_RING_EMPTY, rusted_ring_last_blocker(&blocker));
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_last_blocker(NULL));
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_last_blocker(odd(&no_handle)));
    CHECK(says("`blocker`") && says("multiple of 8"));
    CHECK(rusted_ring_open_handles() == 0);
}

static void rings_and_their_books(void) {
    rusted_ring *ring, *closed;
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_new(64, 8, 0, NULL));
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_new(64, 8, 0, odd(&no_handle)));
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_new(0, 8, 0, &ring));
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_new(65537, 8, 0, &ring));
    CHECK(says("`slot_bytes` is 65537"));
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_new(64, 0, 0, &ring));
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_new(64, SIZE_MAX, 0, &ring));
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_new(64, 8, RUSTED_RING_LOSSLESS, &ring));
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_new(64, 8, 64, &ring));
    OK(rusted_ring_new(100, 10, 0, &ring));
    OK(rusted_ring_new(64, 8, RUSTED_RING_SOLE | RUSTED_RING_NEVER_CLOSES, &closed));
    rusted_ring_ring_stats stats;
    OK(rusted_ring_stats(closed, &stats));
    CHECK(stats.flags == (RUSTED_RING_SOLE | RUSTED_RING_NEVER_CLOSES));
    OK(rusted_ring_close(closed));
    IS(RUSTED_RING_BAD_HANDLE, rusted_ring_close(closed));
    OK(rusted_ring_close(NULL));

    OK(rusted_ring_stats(ring, &stats));
    CHECK(stats.slot_bytes == 128 && stats.slots == 10 && stats.claimed == 0 && stats.readers == 0 && stats.flags == 0);
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_stats(ring, NULL));
    rusted_ring_wait_set *set;
    OK(rusted_ring_wait_set_new(&set));
    size_t count = 7;
    BAD_HANDLES(rusted_ring, closed, set, rusted_ring_stats(handle, &stats));
    BAD_HANDLES(rusted_ring, closed, set, rusted_ring_readers(handle, NULL, 0, &count));
    IS(RUSTED_RING_BAD_HANDLE, rusted_ring_close((rusted_ring *)set));
    OK(rusted_ring_wait_set_close(set));

    rusted_ring_reader *a, *b;
    OK(rusted_ring_subscribe(ring, "screen", RUSTED_RING_NEWEST, &a));
    OK(rusted_ring_consume(ring, NULL, RUSTED_RING_OLDEST, &b));
    rusted_ring_reader_line lines[2];
    OK(rusted_ring_readers(ring, NULL, 0, &count));
    CHECK(count == 2);
    OK(rusted_ring_readers(ring, lines, 1, &count));
    CHECK(count == 2 && strcmp(lines[0].name, "screen") == 0 && lines[0].gating == 0);
    OK(rusted_ring_readers(ring, lines, 2, &count));
    CHECK(strcmp(lines[1].name, "") == 0 && lines[1].gating == 1 && lines[1].entry == 1 && lines[1].process == 0);
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_readers(ring, NULL, 2, &count));
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_readers(ring, lines, 2, NULL));
    OK(rusted_ring_reader_close(a));
    OK(rusted_ring_reader_close(b));
    OK(rusted_ring_close(ring));
}

static void publishing_and_reading(void) {
    rusted_ring *ring;
    rusted_ring_publisher *pen, *closed;
    rusted_ring_reader *disk, *screen;
    OK(rusted_ring_new(16, 4, 0, &ring));
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_publisher_join(ring, NULL));
    IS(RUSTED_RING_BAD_HANDLE, rusted_ring_publisher_join(NULL, &pen));
    OK(rusted_ring_publisher_join(ring, &pen));
    OK(rusted_ring_publisher_join(ring, &closed));
    OK(rusted_ring_publisher_close(closed));
    IS(RUSTED_RING_BAD_HANDLE, rusted_ring_publisher_close(closed));
    OK(rusted_ring_publisher_close(NULL));
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_subscribe(ring, "\xff", 0, &screen));
    CHECK(says("UTF-8"));
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_subscribe(ring, NULL, UINT64_C(1) << 63, &screen));
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_consume(ring, NULL, 0, NULL));
    IS(RUSTED_RING_BAD_HANDLE, rusted_ring_subscribe(NULL, NULL, 0, &screen));
    IS(RUSTED_RING_BAD_HANDLE, rusted_ring_consume((rusted_ring *)pen, NULL, 0, &screen));
    OK(rusted_ring_subscribe(ring, "screen", RUSTED_RING_NEWEST, &screen));
    OK(rusted_ring_consume(ring, "disk", RUSTED_RING_NEWEST, &disk));

    uint64_t sequence = 99;
    BAD_HANDLES(rusted_ring_publisher, closed, ring, rusted_ring_try_publish(handle, "a", 1, 1, NULL));
    BAD_HANDLES(rusted_ring_publisher, closed, ring, rusted_ring_publish(handle, "a", 1, 1, 0, NULL));
    BAD_HANDLES(rusted_ring_publisher, closed, ring, rusted_ring_publish_batch(handle, NULL, 0, 0, NULL));
    BAD_HANDLES(rusted_ring_publisher, closed, ring, rusted_ring_publish_records(handle, NULL, 0, 0, 0, 0, NULL));
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_try_publish(pen, NULL, 1, 1, NULL));
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_try_publish(pen, "a", SIZE_MAX, 1, NULL));
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_try_publish(pen, "a", 1, 1, odd(&no_handle)));
    IS(RUSTED_RING_TOO_LARGE, rusted_ring_try_publish(pen, "seventeen bytes..", 17, 1, &sequence));
    CHECK(sequence == 99 && says("17 bytes were given, and there is room for 16"));
    OK(rusted_ring_try_publish(pen, "a stroke", 8, 7, &sequence));
    CHECK(sequence == 0);
    OK(rusted_ring_publish(pen, NULL, 0, 8, RUSTED_RING_FOREVER, &sequence));
    CHECK(sequence == 1);

    /* A batch that has too large an event, or none, publishes nothing. */
    rusted_ring_slice batch[] = {{"one", 3, 1}, {"two", 3, 2}, {"three", 5, 3}};
    size_t published = 99;
    batch[1].len = 17;
    IS(RUSTED_RING_TOO_LARGE, rusted_ring_publish_batch(pen, batch, 3, 0, &published));
    batch[1].len = 3, batch[1].data = NULL;
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_publish_batch(pen, batch, 3, 0, &published));
    batch[1].data = "two";
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_publish_batch(pen, NULL, 3, 0, &published));
    CHECK(published == 99);
    /* Two find room, and the third does not. */
    IS(RUSTED_RING_FULL, rusted_ring_publish_batch(pen, batch, 3, 0, &published));
    CHECK(published == 2);
    rusted_ring_blocker blocker;
    OK(rusted_ring_last_blocker(&blocker));
    CHECK(strcmp(blocker.name, "disk") == 0 && blocker.position == 0 && blocker.lag == 4 && blocker.waited == 0);
    CHECK(says("disk") && says("4 behind"));
    IS(RUSTED_RING_FULL, rusted_ring_publish(pen, "no", 2, 1, 2000000, NULL));
    OK(rusted_ring_last_blocker(&blocker));
    CHECK(blocker.waited >= 2000000);
    /* The text of a blocker that was kept is the library's own. */
    char text[512], start[8];
    size_t len = 99;
    OK(rusted_ring_full_text(&blocker, text, sizeof text, &len));
    CHECK(strcmp(text, rusted_ring_error_text()) == 0 && len == strlen(text));
    OK(rusted_ring_full_text(&blocker, start, sizeof start, &len));
    CHECK(strcmp(start, "the rin") == 0 && len == strlen(text));
    OK(rusted_ring_full_text(NULL, NULL, 0, &len));
    OK(rusted_ring_full_text(NULL, text, sizeof text, &len));
    CHECK(strstr(text, "the ring is full: ") == text && len == strlen(text));
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_full_text(&blocker, NULL, 1, &len));
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_full_text(&blocker, text, sizeof text, NULL));
    IS(RUSTED_RING_FULL, rusted_ring_publish_records(pen, "abcd", 2, 2, 1, 0, &published));
    CHECK(published == 0);

    uint8_t buffer[64];
    rusted_ring_event event, events[4];
    size_t count;
    BAD_HANDLES(rusted_ring_reader, NULL, pen, rusted_ring_try_read(handle, buffer, 16, &event));
    BAD_HANDLES(rusted_ring_reader, NULL, pen, rusted_ring_read(handle, buffer, 16, 0, &event));
    BAD_HANDLES(rusted_ring_reader, NULL, pen, rusted_ring_read_batch(handle, buffer, 16, 1, 0, events, &count));
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_try_read(screen, buffer, 15, &event));
    CHECK(says("`capacity` is 15"));
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_try_read(screen, NULL, 16, &event));
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_try_read(screen, buffer, 16, NULL));
    OK(rusted_ring_try_read(screen, buffer, 16, &event));
    CHECK(event.data == buffer && event.len == 8 && event.event_type == 7 && event.sequence == 0);
    CHECK(memcmp(buffer, "a stroke", 8) == 0);
    OK(rusted_ring_read(screen, buffer, 16, SECOND, &event));
    CHECK(event.len == 0 && event.event_type == 8 && event.sequence == 1);

    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_read_batch(disk, buffer, 15, 4, 0, events, &count));
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_read_batch(disk, buffer, 16, 0, 0, events, &count));
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_read_batch(disk, buffer, SIZE_MAX, 2, 0, events, &count));
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_read_batch(disk, buffer, 16, 4, 0, events, NULL));
    OK(rusted_ring_read_batch(disk, buffer, 16, 3, 0, events, &count));
    CHECK(count == 3 && events[2].data == buffer + 32 && memcmp(buffer + 32, "one", 3) == 0 && events[2].sequence == 2);
    OK(rusted_ring_read_batch(disk, buffer, 16, 3, 0, NULL, &count));
    CHECK(count == 1 && memcmp(buffer, "two", 3) == 0);
    IS(RUSTED_RING_EMPTY, rusted_ring_read_batch(disk, buffer, 16, 3, 1000, events, &count));
    CHECK(count == 0);
    IS(RUSTED_RING_EMPTY, rusted_ring_read(disk, buffer, 16, 1000, &event));

    /* The Subscriber is at 2, and is overtaken: two are read before the loss is told, or it is told first. */
    for (uint32_t n = 0; n < 6; n++) {
        OK(rusted_ring_publish_records(pen, &n, sizeof n, 1, n, SECOND, &published));
        CHECK(published == 1);
        OK(rusted_ring_try_read(disk, buffer, 16, &event));
    }
    IS(RUSTED_RING_LAGGED, rusted_ring_read_batch(screen, buffer, 16, 4, 0, events, &count));
    CHECK(count == 0);
    rusted_ring_range loss = {9, 9};
    OK(rusted_ring_reader_loss(screen, &loss));
    CHECK(loss.from == 2 && loss.to > 2);
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_reader_loss(screen, NULL));
    IS(RUSTED_RING_BAD_HANDLE, rusted_ring_reader_loss(NULL, &loss));
    OK(rusted_ring_read_batch(screen, buffer, 16, 4, 0, events, &count));
    CHECK(events[0].sequence == loss.to && events[count - 1].sequence == 9);
    rusted_ring_reader_line line;
    OK(rusted_ring_reader_stats(screen, &line));
    CHECK(line.joined == 0 && line.position == 10 && line.ahead == 0 && line.lost == loss.to - loss.from);
    CHECK(line.received + line.lost == 10 && line.gating == 0 && line.entry == UINT32_MAX);
    OK(rusted_ring_reader_stats(disk, &line));
    CHECK(line.received == 10 && line.lost == 0 && line.gating == 1);
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_reader_stats(disk, NULL));
    IS(RUSTED_RING_BAD_HANDLE, rusted_ring_reader_stats(NULL, &line));

    /* The last publisher closes the ring. */
    OK(rusted_ring_publisher_close(pen));
    IS(RUSTED_RING_CLOSED, rusted_ring_try_read(disk, buffer, 16, &event));
    IS(RUSTED_RING_CLOSED, rusted_ring_read(screen, buffer, 16, RUSTED_RING_FOREVER, &event));
    IS(RUSTED_RING_CLOSED, rusted_ring_publisher_join(ring, &pen));
    IS(RUSTED_RING_BAD_HANDLE, rusted_ring_reader_close((rusted_ring_reader *)ring));
    OK(rusted_ring_reader_close(disk));
    IS(RUSTED_RING_BAD_HANDLE, rusted_ring_reader_close(disk));
    OK(rusted_ring_reader_close(screen));
    OK(rusted_ring_reader_close(NULL));
    OK(rusted_ring_close(ring));
}

static void in_place(void) {
    rusted_ring *ring, *many;
    rusted_ring_publisher *pen, *other;
    rusted_ring_reader *disk, *screen;
    OK(rusted_ring_new(1024, 4, RUSTED_RING_SOLE | RUSTED_RING_LOSSLESS, &ring));
    OK(rusted_ring_new(1024, 4, 0, &many));
    IS(RUSTED_RING_UNSUPPORTED, rusted_ring_subscribe(ring, NULL, 0, &screen));
    OK(rusted_ring_publisher_join(ring, &pen));
    IS(RUSTED_RING_OCCUPIED, rusted_ring_publisher_join(ring, &other));
    OK(rusted_ring_publisher_join(many, &other));
    OK(rusted_ring_consume(ring, "disk", RUSTED_RING_NEWEST, &disk));
    OK(rusted_ring_subscribe(many, NULL, RUSTED_RING_NEWEST, &screen));

    void *slot;
    size_t room;
    uint64_t sequence;
    IS(RUSTED_RING_UNSUPPORTED, rusted_ring_claim(other, 0, &slot, &room));
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_claim(pen, 0, NULL, &room));
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_claim(pen, 0, &slot, NULL));
    BAD_HANDLES(rusted_ring_publisher, NULL, ring, rusted_ring_claim(handle, 0, &slot, &room));
    BAD_HANDLES(rusted_ring_publisher, NULL, ring, rusted_ring_commit(handle, 0, 0, NULL));
    BAD_HANDLES(rusted_ring_publisher, NULL, ring, rusted_ring_abandon(handle));
    IS(RUSTED_RING_NOT_LENT, rusted_ring_commit(pen, 3, 1, NULL));
    IS(RUSTED_RING_NOT_LENT, rusted_ring_commit(other, 3, 1, NULL));
    IS(RUSTED_RING_NOT_LENT, rusted_ring_abandon(pen));
    OK(rusted_ring_claim(pen, 0, &slot, &room));
    CHECK(room == 1024);
    memset(slot, 'x', room);
    IS(RUSTED_RING_LENT, rusted_ring_claim(pen, 0, &slot, &room));
    IS(RUSTED_RING_LENT, rusted_ring_try_publish(pen, "a", 1, 1, NULL));
    IS(RUSTED_RING_LENT, rusted_ring_publish(pen, "a", 1, 1, 5, NULL));
    IS(RUSTED_RING_LENT, rusted_ring_publish_records(pen, "a", 1, 1, 1, 5, NULL));
    IS(RUSTED_RING_TOO_LARGE, rusted_ring_commit(pen, 1025, 1, &sequence));
    OK(rusted_ring_commit(pen, 1000, 5, &sequence));
    CHECK(sequence == 0);
    OK(rusted_ring_claim(pen, SECOND, &slot, &room));
    OK(rusted_ring_abandon(pen));
    OK(rusted_ring_try_publish(pen, "copied", 6, 6, &sequence));
    CHECK(sequence == 1);
    OK(rusted_ring_publish_records(pen, "ab", 1, 2, 1, 0, NULL));
    IS(RUSTED_RING_FULL, rusted_ring_claim(pen, 0, &slot, &room));
    IS(RUSTED_RING_FULL, rusted_ring_claim(pen, 1000000, &slot, &room));

    rusted_ring_event events[8];
    uint8_t buffer[1024];
    size_t count;
    BAD_HANDLES(rusted_ring_reader, NULL, ring, rusted_ring_borrow(handle, events, 8, 0, &count));
    BAD_HANDLES(rusted_ring_reader, NULL, ring, rusted_ring_release(handle));
    IS(RUSTED_RING_UNSUPPORTED, rusted_ring_borrow(screen, events, 8, 0, &count));
    CHECK(count == 0);
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_borrow(disk, NULL, 8, 0, &count));
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_borrow(disk, events, 0, 0, &count));
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_borrow(disk, events, 8, 0, NULL));
    IS(RUSTED_RING_NOT_LENT, rusted_ring_release(disk));
    OK(rusted_ring_borrow(disk, events, 2, 0, &count));
    CHECK(count == 2 && events[0].len == 1000 && events[0].event_type == 5 && events[1].sequence == 1);
    CHECK(((const char *)events[0].data)[999] == 'x' && memcmp(events[1].data, "copied", 6) == 0);
    IS(RUSTED_RING_LENT, rusted_ring_borrow(disk, events, 2, 0, &count));
    IS(RUSTED_RING_LENT, rusted_ring_try_read(disk, buffer, sizeof buffer, events));
    IS(RUSTED_RING_LENT, rusted_ring_read_batch(disk, buffer, sizeof buffer, 1, 0, events, &count));
    /* What is lent holds the publisher until it is released. */
    IS(RUSTED_RING_FULL, rusted_ring_try_publish(pen, "a", 1, 1, NULL));
    OK(rusted_ring_release(disk));
    IS(RUSTED_RING_NOT_LENT, rusted_ring_release(disk));
    OK(rusted_ring_try_publish(pen, "a", 1, 1, NULL));
    OK(rusted_ring_borrow(disk, events, 8, SECOND, &count));
    CHECK(count == 3 && events[2].sequence == 4);
    /* A reader that is closed ends what it lent. */
    OK(rusted_ring_reader_close(disk));
    OK(rusted_ring_publish_records(pen, "abcdefgh", 1, 8, 1, 0, NULL));
    OK(rusted_ring_consume(ring, NULL, RUSTED_RING_NEWEST, &disk));
    IS(RUSTED_RING_EMPTY, rusted_ring_borrow(disk, events, 8, 1000, &count));
    OK(rusted_ring_reader_close(disk));
    OK(rusted_ring_reader_close(screen));
    OK(rusted_ring_publisher_close(pen));
    OK(rusted_ring_publisher_close(other));
    OK(rusted_ring_close(many));
    OK(rusted_ring_close(ring));
}

static void pools_of_events(const char *path) {
    rusted_ring_capacities few = {2, 2, 2, 2, 2}, none = {2, 2, 0, 2, 2}, huge = {SIZE_MAX, 1, 1, 1, 1};
    rusted_ring_pools *pools, *shared, *again;
    rusted_ring *ring;
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_pools_new(NULL, &pools));
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_pools_new(&few, NULL));
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_pools_new(&none, &pools));
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_pools_new(&huge, &pools));
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_pools_static(3, &pools));
    OK(rusted_ring_pools_new(&few, &pools));

    static uint8_t bytes[16385];
    uint32_t pool = 9;
    uint64_t sequence = 9;
    BAD_HANDLES(rusted_ring_pools, NULL, NULL, rusted_ring_emit(handle, bytes, 1, 1, NULL, NULL));
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_emit(pools, NULL, 1, 1, NULL, NULL));
    CHECK(rusted_ring_emit(pools, bytes, 16385, 1, &pool, &sequence) == -2);
    CHECK(pool == 9 && sequence == 9);
    CHECK(rusted_ring_emit(pools, bytes, 16384, 1, &pool, &sequence) == 0);
    CHECK(pool == RUSTED_RING_POOL_XL && sequence == 0);
    OK(rusted_ring_emit(pools, NULL, 0, 1, &pool, NULL));
    CHECK(pool == RUSTED_RING_POOL_XS);
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_pools_ring(pools, 5, &ring));
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_pools_ring(pools, 0, NULL));
    IS(RUSTED_RING_BAD_HANDLE, rusted_ring_pools_ring(NULL, 0, &ring));
    OK(rusted_ring_pools_ring(pools, RUSTED_RING_POOL_S, &ring));
    rusted_ring_reader *disk;
    OK(rusted_ring_consume(ring, "disk", RUSTED_RING_NEWEST, &disk));
    rusted_ring_slice batch[] = {{bytes, 65, 1}, {bytes, 256, 2}, {bytes, 100, 3}};
    size_t emitted;
    IS(RUSTED_RING_FULL, rusted_ring_emit_batch(pools, batch, 3, &emitted));
    CHECK(emitted == 2 && RUSTED_RING_FULL == -1);
    rusted_ring_blocker blocker;
    OK(rusted_ring_last_blocker(&blocker));
    CHECK(strcmp(blocker.name, "disk") == 0);
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_emit_batch(pools, NULL, 3, &emitted));
    IS(RUSTED_RING_BAD_HANDLE, rusted_ring_emit_batch(NULL, batch, 3, &emitted));
    rusted_ring_pool_stats stats[5];
    OK(rusted_ring_pools_stats(pools, stats));
    CHECK(stats[0].slot_bytes == 64 && stats[1].slots == 2 && stats[1].claimed == 2 && stats[1].pressure == 1.0F);
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_pools_stats(pools, NULL));
    IS(RUSTED_RING_BAD_HANDLE, rusted_ring_pools_stats(NULL, stats));
    OK(rusted_ring_reader_close(disk));
    OK(rusted_ring_close(ring));
    IS(RUSTED_RING_BAD_HANDLE, rusted_ring_pools_close((rusted_ring_pools *)ring));
    OK(rusted_ring_pools_close(pools));
    OK(rusted_ring_pools_close(NULL));

    /* Every handle on a set of statics is on the same pools. */
    uint32_t sets[] = {RUSTED_RING_MOBILE, RUSTED_RING_PRODUCTION, RUSTED_RING_SERVER};
    uint64_t slots[] = {500, 2000, 4000};
    for (size_t n = 0; n < COUNT(sets); n++) {
        OK(rusted_ring_pools_static(sets[n], &pools));
        OK(rusted_ring_pools_static(sets[n], &again));
        OK(rusted_ring_emit(pools, "a", 1, 1, NULL, &sequence));
        OK(rusted_ring_pools_stats(again, stats));
        CHECK(stats[0].slots == slots[n] && stats[0].claimed == sequence + 1);
        OK(rusted_ring_pools_close(pools));
        OK(rusted_ring_pools_close(again));
    }

    IS(RUSTED_RING_NOT_FOUND, rusted_ring_pools_open(path, &shared));
    IS(RUSTED_RING_NOT_FOUND, rusted_ring_pools_remove(path, 0));
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_pools_create(NULL, &few, &shared));
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_pools_create(path, NULL, &shared));
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_pools_open(path, NULL));
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_pools_remove(NULL, 0));
    OK(rusted_ring_pools_create(path, &few, &shared));
    IS(RUSTED_RING_EXISTS, rusted_ring_pools_create(path, &few, &again));
    OK(rusted_ring_pools_open(path, &again));
    OK(rusted_ring_emit(again, "abc", 3, 4, NULL, NULL));
    OK(rusted_ring_pools_ring(shared, RUSTED_RING_POOL_XS, &ring));
    OK(rusted_ring_subscribe(ring, NULL, RUSTED_RING_OLDEST, &disk));
    rusted_ring_event event;
    OK(rusted_ring_try_read(disk, bytes, 64, &event));
    CHECK(event.len == 3 && event.event_type == 4 && memcmp(bytes, "abc", 3) == 0);
    IS(RUSTED_RING_IN_USE, rusted_ring_pools_remove(path, 0));
    OK(rusted_ring_pools_remove(path, 1));
    OK(rusted_ring_reader_close(disk));
    OK(rusted_ring_close(ring));
    OK(rusted_ring_pools_close(shared));
    OK(rusted_ring_pools_close(again));
}

static void wait_sets(void) {
    rusted_ring *rings[2];
    rusted_ring_publisher *pens[2];
    rusted_ring_reader *readers[2];
    for (int n = 0; n < 2; n++) {
        OK(rusted_ring_new(n ? 64 : 4096, 4, n ? RUSTED_RING_SOLE : 0, &rings[n]));
        OK(rusted_ring_publisher_join(rings[n], &pens[n]));
        OK(n ? rusted_ring_subscribe(rings[n], NULL, RUSTED_RING_NEWEST, &readers[n])
             : rusted_ring_consume(rings[n], NULL, RUSTED_RING_NEWEST, &readers[n]));
    }
    rusted_ring_wait_set *set, *closed;
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_wait_set_new(NULL));
    OK(rusted_ring_wait_set_new(&closed));
    OK(rusted_ring_wait_set_close(closed));
    IS(RUSTED_RING_BAD_HANDLE, rusted_ring_wait_set_close(closed));
    OK(rusted_ring_wait_set_close(NULL));
    OK(rusted_ring_wait_set_new(&set));
    size_t ready;
    BAD_HANDLES(rusted_ring_wait_set, closed, rings[0], rusted_ring_wait(handle, readers, 2, 0, &ready));
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_wait(set, readers, 0, 0, &ready));
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_wait(set, NULL, 2, 0, &ready));
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_wait(set, readers, 2, 0, NULL));
    rusted_ring_reader *twice[] = {readers[0], readers[0]}, *wrong[] = {readers[0], (rusted_ring_reader *)pens[0]};
    IS(RUSTED_RING_BUSY, rusted_ring_wait(set, twice, 2, 0, &ready));
    IS(RUSTED_RING_BAD_HANDLE, rusted_ring_wait(set, wrong, 2, 0, &ready));
    IS(RUSTED_RING_EMPTY, rusted_ring_wait(set, readers, 2, 0, &ready));
    IS(RUSTED_RING_EMPTY, rusted_ring_wait(set, readers, 2, 1000000, &ready));
    OK(rusted_ring_try_publish(pens[1], "a", 1, 1, NULL));
    OK(rusted_ring_wait(set, readers, 2, RUSTED_RING_FOREVER, &ready));
    CHECK(ready == 1);
    /* Both are ready, and take turns. */
    OK(rusted_ring_try_publish(pens[0], "a", 1, 1, NULL));
    OK(rusted_ring_wait(set, readers, 2, 0, &ready));
    CHECK(ready == 0);
    OK(rusted_ring_wait(set, readers, 2, 0, &ready));
    CHECK(ready == 1);
    rusted_ring_event event;
    size_t count;
    OK(rusted_ring_borrow(readers[0], &event, 1, 0, &count));
    IS(RUSTED_RING_LENT, rusted_ring_wait(set, readers, 2, 0, &ready));
    OK(rusted_ring_release(readers[0]));
    for (int n = 0; n < 2; n++) {
        OK(rusted_ring_reader_close(readers[n]));
        OK(rusted_ring_publisher_close(pens[n]));
        OK(rusted_ring_close(rings[n]));
    }
    OK(rusted_ring_wait_set_close(set));
}

static void latest_values(void) {
    rusted_ring_latest *cells;
    rusted_ring_latest_writer *writer, *other;
    rusted_ring_latest_reader *reader, *more;
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_latest_new(12, 3, 1, NULL));
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_latest_new(0, 3, 1, &cells));
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_latest_new(4097, 3, 1, &cells));
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_latest_new(12, 0, 1, &cells));
    OK(rusted_ring_latest_new(12, 3, 1, &cells));
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_latest_writer_join(cells, NULL));
    IS(RUSTED_RING_BAD_HANDLE, rusted_ring_latest_writer_join(NULL, &writer));
    OK(rusted_ring_latest_writer_join(cells, &writer));
    IS(RUSTED_RING_OCCUPIED, rusted_ring_latest_writer_join(cells, &other));
    IS(RUSTED_RING_BAD_HANDLE, rusted_ring_latest_reader_join(NULL, &reader));
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_latest_reader_join(cells, NULL));
    OK(rusted_ring_latest_reader_join(cells, &reader));
    IS(RUSTED_RING_TOO_MANY_READERS, rusted_ring_latest_reader_join(cells, &more));
    uint8_t value[12];
    uint64_t version = 9, first;
    IS(RUSTED_RING_EMPTY, rusted_ring_latest_get(reader, 2, 0, value, 12, &version));
    CHECK(version == 9);
    BAD_HANDLES(rusted_ring_latest_writer, NULL, cells, rusted_ring_latest_update(handle, 2, value, 12, NULL));
    BAD_HANDLES(rusted_ring_latest_reader, NULL, writer, rusted_ring_latest_get(handle, 2, 0, value, 12, NULL));
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_latest_update(writer, 3, "twelve bytes", 12, NULL));
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_latest_update(writer, 2, "twelve bytes", 11, NULL));
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_latest_update(writer, 2, NULL, 12, NULL));
    OK(rusted_ring_latest_update(writer, 2, "twelve bytes", 12, &first));
    OK(rusted_ring_latest_update(writer, 1, "twelve bits.", 12, &version));
    CHECK(version > first);
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_latest_get(reader, 3, 0, value, 12, NULL));
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_latest_get(reader, 2, 0, value, 13, NULL));
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_latest_get(reader, 2, 0, NULL, 12, NULL));
    OK(rusted_ring_latest_get(reader, 2, 0, value, 12, &version));
    CHECK(version == first && memcmp(value, "twelve bytes", 12) == 0);
    IS(RUSTED_RING_EMPTY, rusted_ring_latest_get(reader, 2, version, value, 12, NULL));
    IS(RUSTED_RING_BAD_HANDLE, rusted_ring_latest_close((rusted_ring_latest *)reader));
    OK(rusted_ring_latest_close(cells));
    OK(rusted_ring_latest_close(NULL));
    OK(rusted_ring_latest_get(reader, 1, 0, value, 12, NULL));
    OK(rusted_ring_latest_writer_close(writer));
    IS(RUSTED_RING_BAD_HANDLE, rusted_ring_latest_writer_close(writer));
    OK(rusted_ring_latest_reader_close(reader));
    IS(RUSTED_RING_BAD_HANDLE, rusted_ring_latest_reader_close(reader));
}

static void rings_in_files(const char *path) {
    rusted_ring *ring, *again, *seen;
    rusted_ring_publisher *pen;
    rusted_ring_reader *disk;
    IS(RUSTED_RING_NOT_FOUND, rusted_ring_open(path, &ring));
    IS(RUSTED_RING_NOT_FOUND, rusted_ring_observe(path, &ring));
    IS(RUSTED_RING_NOT_FOUND, rusted_ring_remove(path, 1));
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_create(NULL, 64, 8, 0, &ring));
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_create("no name!", 64, 8, 0, &ring));
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_create(path, 64, 8, 0, NULL));
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_create(path, 0, 8, 0, &ring));
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_create(path, 64, 0, 0, &ring));
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_create(path, 64, 8, RUSTED_RING_SOLE | RUSTED_RING_LOSSLESS, &ring));
    IS(RUSTED_RING_NOT_FOUND, rusted_ring_create("/no/such/directory/ring", 64, 8, 0, &ring));
    OK(rusted_ring_create(path, 64, 8, RUSTED_RING_SOLE, &ring));
    IS(RUSTED_RING_EXISTS, rusted_ring_create(path, 64, 8, 0, &again));
    CHECK(says(path));
    OK(rusted_ring_open(path, &again));
    OK(rusted_ring_observe(path, &seen));
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_open(path, NULL));
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_observe(NULL, &seen));
    IS(RUSTED_RING_MISMATCH, rusted_ring_open("/dev/null", &again));
    IS(RUSTED_RING_UNSUPPORTED, rusted_ring_publisher_join(seen, &pen));
    IS(RUSTED_RING_UNSUPPORTED, rusted_ring_subscribe(seen, NULL, 0, &disk));
    IS(RUSTED_RING_UNSUPPORTED, rusted_ring_consume(seen, NULL, 0, &disk));
    OK(rusted_ring_publisher_join(ring, &pen));
    OK(rusted_ring_consume(again, "disk", RUSTED_RING_NEWEST, &disk));
    OK(rusted_ring_publish(pen, "a stroke", 8, 7, SECOND, NULL));
    rusted_ring_ring_stats stats;
    OK(rusted_ring_stats(seen, &stats));
    CHECK(stats.claimed == 1 && stats.readers == 1 && stats.slot_bytes == 64 && stats.slots == 8);
    CHECK(stats.flags == (RUSTED_RING_SOLE | RUSTED_RING_SHARED | RUSTED_RING_OBSERVED | RUSTED_RING_NEVER_CLOSES));
    rusted_ring_reader_line line;
    size_t count;
    OK(rusted_ring_readers(seen, &line, 1, &count));
    CHECK(count == 1 && strcmp(line.name, "disk") == 0 && line.ahead == 1 && line.process == (uint32_t)getpid());
    rusted_ring_event event;
    uint8_t buffer[64];
    IS(RUSTED_RING_UNSUPPORTED, rusted_ring_borrow(disk, &event, 1, 0, &count));
    OK(rusted_ring_read(disk, buffer, sizeof buffer, SECOND, &event));
    CHECK(event.len == 8 && event.event_type == 7 && memcmp(buffer, "a stroke", 8) == 0);
    OK(rusted_ring_reader_close(disk));
    OK(rusted_ring_publisher_close(pen));
    IS(RUSTED_RING_IN_USE, rusted_ring_remove(path, 0));
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_remove(NULL, 0));
    OK(rusted_ring_close(ring));
    OK(rusted_ring_close(again));
    OK(rusted_ring_close(seen));
    OK(rusted_ring_remove(path, 0));
}

static void no_more_handles_than_there_are(void) {
    static rusted_ring_wait_set *sets[65536];
    for (size_t n = 0; n < COUNT(sets); n++) {
        OK(rusted_ring_wait_set_new(&sets[n]));
    }
    rusted_ring_wait_set *more;
    IS(RUSTED_RING_TOO_MANY_HANDLES, rusted_ring_wait_set_new(&more));
    for (size_t n = 0; n < COUNT(sets); n++) {
        OK(rusted_ring_wait_set_close(sets[n]));
    }
    OK(rusted_ring_wait_set_new(&more));
    OK(rusted_ring_wait_set_close(more));
}

static void packed_events(void) {
    unsigned char event[4000], packed[4000], again[4000];
    size_t len = 0, again_len = 0;
    uint32_t type = 0, again_type = 0;
    for (size_t n = 0; n < sizeof event; n++) {
        event[n] = (unsigned char)(n / 100);
    }
    OK(rusted_ring_pack(event, sizeof event, 7, packed, sizeof packed, &len, &type));
    CHECK(len < 1000 && type == (7 | RUSTED_RING_PACKED));
    OK(rusted_ring_unpack(packed, len, type, again, sizeof again, &again_len, &again_type));
    CHECK(again_len == sizeof event && again_type == 7 && memcmp(event, again, sizeof event) == 0);

    /* What is short is not packed, and what is not packed is copied. */
    OK(rusted_ring_pack(event, 1024, 7, packed, 1024, &len, &type));
    CHECK(len == 1024 && type == 7 && memcmp(event, packed, 1024) == 0);
    OK(rusted_ring_unpack(packed, 1024, 7, again, 1024, &again_len, &again_type));
    CHECK(again_len == 1024 && again_type == 7 && memcmp(event, again, 1024) == 0);
    OK(rusted_ring_pack(NULL, 0, 7, NULL, 0, &len, &type));
    OK(rusted_ring_unpack(NULL, 0, 7, NULL, 0, &again_len, &again_type));
    CHECK(len == 0 && again_len == 0);

    IS(RUSTED_RING_TOO_LARGE, rusted_ring_pack(event, sizeof event, 7, packed, sizeof event - 1, &len, &type));
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_pack(event, 10, 7 | RUSTED_RING_PACKED, packed, 10, &len, &type));
    CHECK(says("2^31"));
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_pack(NULL, 1, 7, packed, 10, &len, &type));
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_pack(event, 10, 7, NULL, 10, &len, &type));
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_pack(event, 10, 7, packed, 10, NULL, &type));
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_pack(event, 10, 7, packed, 10, &len, NULL));

    OK(rusted_ring_pack(event, sizeof event, 7, packed, sizeof packed, &len, &type));
    IS(RUSTED_RING_TOO_LARGE, rusted_ring_unpack(packed, len, type, again, sizeof event - 1, &again_len, &again_type));
    CHECK(says("4000 bytes") && says("3999"));
    IS(RUSTED_RING_TOO_LARGE, rusted_ring_unpack(event, 10, 7, again, 9, &again_len, &again_type));
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_unpack(packed, len - 1, type, again, sizeof again, &again_len, &again_type));
    CHECK(says("not what was packed"));
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_unpack(packed, 11, type, again, sizeof again, &again_len, &again_type));
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_unpack(NULL, 1, type, again, sizeof again, &again_len, &again_type));
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_unpack(packed, len, type, again, sizeof again, NULL, &again_type));
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_unpack(packed, len, type, again, sizeof again, &again_len, NULL));
    packed[4] = 77;
    IS(RUSTED_RING_UNSUPPORTED, rusted_ring_unpack(packed, len, type, again, sizeof again, &again_len, &again_type));
    CHECK(says("method 77"));
}

/* Called with a directory for files. */
int main(int argc, char **argv) {
    CHECK(argc == 2);
    char path[4096];
    snprintf(path, sizeof path, "%s/calls", argv[1]);
    the_library();
    rings_and_their_books();
    publishing_and_reading();
    in_place();
    pools_of_events(path);
    wait_sets();
    latest_values();
    rings_in_files(path);
    packed_events();
    CHECK(rusted_ring_open_handles() == 0);
    no_more_handles_than_there_are();
    CHECK(rusted_ring_open_handles() == 0);
    puts("calls: every function, with good arguments and bad ones");
    return 0;
}
