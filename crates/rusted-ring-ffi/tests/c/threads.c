/* Threads: several publishers, readers of both kinds, errors that are each thread's own, and what sleeps. */
#include <pthread.h>
#include <time.h>

#include "check.h"

enum { PUBLISHERS = 3, EACH = 20000 };

static rusted_ring *ring;

typedef struct {
    uint32_t publisher;
    uint32_t number;
    uint64_t check;
} stroke;

static uint64_t check_of(uint32_t publisher, uint32_t number) {
    return (((uint64_t)publisher << 32) | number) * UINT64_C(0x9e3779b97f4a7c15);
}

/* One handle for all of them: publishers of a ring of many are shared. */
static rusted_ring_publisher *pen;

static void *publish(void *argument) {
    uint32_t self = (uint32_t)(uintptr_t)argument;
    stroke batch[16];
    for (uint32_t number = 0; number < EACH; number += COUNT(batch)) {
        for (uint32_t n = 0; n < COUNT(batch); n++) {
            batch[n] = (stroke){self, number + n, check_of(self, number + n)};
        }
        size_t published;
        OK(rusted_ring_publish_records(pen, batch, sizeof *batch, COUNT(batch), self, 60 * SECOND, &published));
        CHECK(published == COUNT(batch));
    }
    return NULL;
}

/* Reads until the ring is closed. Every event is whole, and each publisher's are in order. */
static void *read_all(void *argument) {
    rusted_ring_reader *reader = argument;
    rusted_ring_reader_line self;
    OK(rusted_ring_reader_stats(reader, &self));
    int is_slow = !self.gating;
    static _Thread_local stroke strokes[32];
    rusted_ring_event events[32];
    uint64_t next[PUBLISHERS] = {0}, received = 0, told = 0;
    for (;;) {
        size_t count;
        rusted_ring_status status =
            rusted_ring_read_batch(reader, strokes, sizeof *strokes, COUNT(strokes), 60 * SECOND, events, &count);
        if (status == RUSTED_RING_LAGGED) {
            rusted_ring_range loss;
            OK(rusted_ring_reader_loss(reader, &loss));
            told += loss.to - loss.from;
            continue;
        }
        if (status == RUSTED_RING_CLOSED) {
            break;
        }
        OK(status);
        for (size_t n = 0; n < count; n++) {
            stroke *seen = &strokes[n];
            CHECK(events[n].len == sizeof *seen && seen->publisher < PUBLISHERS && events[n].event_type == seen->publisher);
            CHECK(seen->check == check_of(seen->publisher, seen->number));
            CHECK(seen->number >= next[seen->publisher]);
            next[seen->publisher] = seen->number + 1;
        }
        received += count;
        if (is_slow) {
            for (volatile int n = 0; n < 20000; n++) {
            }
        }
    }
    rusted_ring_reader_line line;
    OK(rusted_ring_reader_stats(reader, &line));
    CHECK(line.received == received && line.ahead == 0);
    /* Every loss was told, also one that was met behind events of a batch. */
    CHECK(line.lost == told);
    CHECK(line.joined + line.received + line.lost + line.holes == line.position);
    if (line.gating) {
        CHECK(line.received == (uint64_t)PUBLISHERS * EACH && line.lost == 0);
    } else {
        CHECK(line.received + line.lost >= (uint64_t)PUBLISHERS * EACH);
    }
    return NULL;
}

static void *borrow_all(void *argument) {
    rusted_ring_reader *reader = argument;
    uint64_t received = 0;
    for (;;) {
        rusted_ring_event events[32];
        size_t count;
        rusted_ring_status status = rusted_ring_borrow(reader, events, COUNT(events), 60 * SECOND, &count);
        if (status == RUSTED_RING_CLOSED) {
            break;
        }
        OK(status);
        for (size_t n = 0; n < count; n++) {
            stroke seen;
            CHECK(events[n].len == sizeof seen);
            memcpy(&seen, events[n].data, sizeof seen);
            CHECK(seen.check == check_of(seen.publisher, seen.number));
        }
        OK(rusted_ring_release(reader));
        received += count;
    }
    CHECK(received == (uint64_t)PUBLISHERS * EACH);
    return NULL;
}

static void a_stream_with_all_kinds_of_readers(void) {
    OK(rusted_ring_new(sizeof(stroke), 256, 0, &ring));
    rusted_ring_reader *lossy, *lossless, *lending;
    OK(rusted_ring_subscribe(ring, "lossy", RUSTED_RING_NEWEST, &lossy));
    OK(rusted_ring_consume(ring, "lossless", RUSTED_RING_NEWEST, &lossless));
    OK(rusted_ring_consume(ring, "lending", RUSTED_RING_NEWEST, &lending));
    OK(rusted_ring_publisher_join(ring, &pen));
    pthread_t readers[3], publishers[PUBLISHERS];
    CHECK(pthread_create(&readers[0], NULL, read_all, lossy) == 0);
    CHECK(pthread_create(&readers[1], NULL, read_all, lossless) == 0);
    CHECK(pthread_create(&readers[2], NULL, borrow_all, lending) == 0);
    for (uintptr_t n = 0; n < PUBLISHERS; n++) {
        CHECK(pthread_create(&publishers[n], NULL, publish, (void *)n) == 0);
    }
    for (size_t n = 0; n < PUBLISHERS; n++) {
        CHECK(pthread_join(publishers[n], NULL) == 0);
    }
    OK(rusted_ring_publisher_close(pen));
    for (size_t n = 0; n < COUNT(readers); n++) {
        CHECK(pthread_join(readers[n], NULL) == 0);
    }
    OK(rusted_ring_reader_close(lossy));
    OK(rusted_ring_reader_close(lossless));
    OK(rusted_ring_reader_close(lending));
    OK(rusted_ring_close(ring));
}

static void *fail_otherwise(void *argument) {
    (void)argument;
    CHECK(strcmp(rusted_ring_error_text(), "") == 0);
    IS(RUSTED_RING_BAD_HANDLE, rusted_ring_close((rusted_ring *)8));
    CHECK(says("a ring"));
    return NULL;
}

static void an_error_is_its_threads_own(void) {
    IS(RUSTED_RING_BAD_HANDLE, rusted_ring_reader_close((rusted_ring_reader *)8));
    pthread_t other;
    CHECK(pthread_create(&other, NULL, fail_otherwise, NULL) == 0);
    CHECK(pthread_join(other, NULL) == 0);
    CHECK(says("a reader"));
}

static void *read_one(void *argument) {
    uint8_t buffer[64];
    rusted_ring_event event;
    OK(rusted_ring_read(argument, buffer, sizeof buffer, 60 * SECOND, &event));
    return NULL;
}

/* A thread that waits inside a handle is noticed, and its handle neither used nor closed. */
static void a_second_thread_is_told(void) {
    rusted_ring_reader *reader;
    OK(rusted_ring_new(64, 8, 0, &ring));
    OK(rusted_ring_publisher_join(ring, &pen));
    OK(rusted_ring_subscribe(ring, NULL, RUSTED_RING_NEWEST, &reader));
    pthread_t other;
    CHECK(pthread_create(&other, NULL, read_one, reader) == 0);
    rusted_ring_range loss;
    rusted_ring_status status = RUSTED_RING_OK;
    for (int n = 0; n < 10000 && status == RUSTED_RING_OK; n++) {
        status = rusted_ring_reader_loss(reader, &loss);
        nanosleep(&(struct timespec){0, 1000000}, NULL);
    }
    IS(RUSTED_RING_BUSY, status);
    IS(RUSTED_RING_BUSY, rusted_ring_reader_close(reader));
    OK(rusted_ring_try_publish(pen, "a", 1, 1, NULL));
    CHECK(pthread_join(other, NULL) == 0);
    OK(rusted_ring_reader_close(reader));
    OK(rusted_ring_publisher_close(pen));
    OK(rusted_ring_close(ring));
}

static void *close_soon(void *argument) {
    nanosleep(&(struct timespec){0, 20000000}, NULL);
    OK(rusted_ring_publisher_close(argument));
    return NULL;
}

/* Who sleeps on a ring is woken by its end, alone and in a set. */
static void the_end_wakes_who_waits(void) {
    rusted_ring_reader *reader;
    rusted_ring_wait_set *set;
    OK(rusted_ring_wait_set_new(&set));
    for (int in_a_set = 0; in_a_set < 2; in_a_set++) {
        OK(rusted_ring_new(64, 8, 0, &ring));
        OK(rusted_ring_publisher_join(ring, &pen));
        OK(rusted_ring_consume(ring, NULL, RUSTED_RING_NEWEST, &reader));
        pthread_t other;
        CHECK(pthread_create(&other, NULL, close_soon, pen) == 0);
        uint8_t buffer[64];
        rusted_ring_event event;
        size_t ready;
        if (in_a_set) {
            OK(rusted_ring_wait(set, &reader, 1, 60 * SECOND, &ready));
        }
        IS(RUSTED_RING_CLOSED, rusted_ring_read(reader, buffer, sizeof buffer, 60 * SECOND, &event));
        CHECK(pthread_join(other, NULL) == 0);
        OK(rusted_ring_reader_close(reader));
        OK(rusted_ring_close(ring));
    }
    OK(rusted_ring_wait_set_close(set));
}

int main(void) {
    an_error_is_its_threads_own();
    a_second_thread_is_told();
    the_end_wakes_who_waits();
    a_stream_with_all_kinds_of_readers();
    CHECK(rusted_ring_open_handles() == 0);
    puts("threads: streams are whole, errors are each thread's own, who waits is woken");
    return 0;
}
