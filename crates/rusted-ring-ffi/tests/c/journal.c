/* Journals: with good arguments and with bad ones, and taken up by a process after another was killed. Called with a directory. */
#include <errno.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

static uint64_t payload(uint64_t number) {
    return number * UINT64_C(0x9e3779b97f4a7c15);
}

static void publish(rusted_ring_publisher *pen, uint64_t from, uint64_t to) {
    for (uint64_t number = from, sequence; number < to; number++) {
        uint64_t bytes = payload(number);
        OK(rusted_ring_publish(pen, &bytes, sizeof bytes, (uint32_t)number, 60 * SECOND, &sequence));
        CHECK(sequence == number);
    }
}

/* The reader has these events next, each whole. */
static void has(rusted_ring_reader *reader, uint64_t from, uint64_t to) {
    uint64_t numbers[7];
    rusted_ring_event events[7];
    while (from < to) {
        size_t count, most = to - from < 7 ? (size_t)(to - from) : 7;
        OK(rusted_ring_read_batch(reader, numbers, sizeof *numbers, most, 60 * SECOND, events, &count));
        for (size_t n = 0; n < count; n++, from++) {
            CHECK(events[n].sequence == from && events[n].event_type == (uint32_t)from && numbers[n] == payload(from));
        }
    }
}

static void until_written(rusted_ring_journal *journal, uint64_t end) {
    rusted_ring_journal_line line = {0};
    for (int n = 0; line.written < end && n < 6000; n++) {
        OK(rusted_ring_journal_stats(journal, &line));
        usleep(10000);
    }
    CHECK(line.written == end && line.flags == RUSTED_RING_RECORDING && line.lost == 0);
}

static void every_function(const char *directory) {
    static char longer[4200];
    char path[4096], file[4200];
    snprintf(path, sizeof path, "%s/journal", directory);
    rusted_ring_journal *journal, *other;
    rusted_ring_journal_options options = {.sync = RUSTED_RING_SYNC_EVERY, .sync_every = SECOND / 100, .segment_bytes = 1024};
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_journal_open(NULL, NULL, &journal));
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_journal_open(path, NULL, NULL));
    options.sync = 7;
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_journal_open(path, &options, &journal));
    CHECK(says("`sync` is 7"));
    options.sync = RUSTED_RING_SYNC_NEVER;
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_journal_open(path, &options, &journal));
    options.sync = RUSTED_RING_SYNC_EVERY, options.full_disk = 2;
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_journal_open(path, &options, &journal));
    CHECK(says("`full_disk` is 2"));
    options.full_disk = RUSTED_RING_FULL_DISK_LOSES;
    OK(rusted_ring_journal_open(path, &options, &journal));
    IS(RUSTED_RING_IN_USE, rusted_ring_journal_open(path, NULL, &other));
    CHECK(says("open already"));
    snprintf(longer, sizeof longer, "%s/lock/below", path);
    IS(RUSTED_RING_NOT_FOUND, rusted_ring_journal_open(longer, NULL, &other));

    size_t count = 7;
    uint64_t sequence = 7;
    rusted_ring_epoch epochs[2];
    rusted_ring_damage damage;
    rusted_ring_journal_line line;
    rusted_ring_reader *reader;
    rusted_ring_position *mail, *again;
    rusted_ring *ring, *lossless;
    OK(rusted_ring_new(8, 16, RUSTED_RING_SOLE, &ring));
    OK(rusted_ring_new(8, 16, RUSTED_RING_SOLE | RUSTED_RING_LOSSLESS, &lossless));
    rusted_ring_journal *bad[] = {NULL, (rusted_ring_journal *)ring, (rusted_ring_journal *)8};
    for (size_t n = 0; n < COUNT(bad); n++) {
        IS(RUSTED_RING_BAD_HANDLE, rusted_ring_journal_found(bad[n], NULL, 0, &count));
        CHECK(says("no handle of a journal"));
        IS(RUSTED_RING_BAD_HANDLE, rusted_ring_journal_epochs(bad[n], NULL, 0, &count));
        IS(RUSTED_RING_BAD_HANDLE, rusted_ring_journal_since(bad[n], 0, 0, &sequence));
        IS(RUSTED_RING_BAD_HANDLE, rusted_ring_journal_record(bad[n], ring, NULL, 0));
        IS(RUSTED_RING_BAD_HANDLE, rusted_ring_journal_resume(bad[n], ring, NULL));
        IS(RUSTED_RING_BAD_HANDLE, rusted_ring_journal_stop(bad[n]));
        IS(RUSTED_RING_BAD_HANDLE, rusted_ring_journal_stats(bad[n], &line));
        IS(RUSTED_RING_BAD_HANDLE, rusted_ring_journal_wait_durable(bad[n], 0, 0));
        IS(RUSTED_RING_BAD_HANDLE, rusted_ring_journal_replay(bad[n], 0, 0, 8, &reader));
        IS(RUSTED_RING_BAD_HANDLE, rusted_ring_subscribe_repaired(ring, NULL, 0, bad[n], 0, &reader));
        IS(RUSTED_RING_BAD_HANDLE, rusted_ring_position_open(bad[n], "mail", &mail));
        IS(n == 0 ? RUSTED_RING_OK : RUSTED_RING_BAD_HANDLE, rusted_ring_journal_close(bad[n]));
    }
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_journal_found(journal, NULL, 1, &count));
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_journal_epochs(journal, epochs, 1, NULL));
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_journal_stats(journal, NULL));
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_journal_wait_durable(journal, UINT64_MAX, 0));
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_journal_record(journal, ring, NULL, UINT64_C(1) << 63));
    IS(RUSTED_RING_BAD_HANDLE, rusted_ring_journal_record(journal, NULL, NULL, 0));
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_journal_resume(journal, ring, "\xff"));
    IS(RUSTED_RING_NOT_FOUND, rusted_ring_journal_replay(journal, 0, RUSTED_RING_OLDEST, 8, &reader));
    IS(RUSTED_RING_NOT_FOUND, rusted_ring_subscribe_repaired(ring, NULL, 0, journal, 1, &reader));
    IS(RUSTED_RING_NOT_FOUND, rusted_ring_journal_since(journal, 0, 0, &sequence));
    IS(RUSTED_RING_CLOSED, rusted_ring_journal_wait_durable(journal, 1, 0));
    OK(rusted_ring_journal_stop(journal));
    OK(rusted_ring_journal_epochs(journal, NULL, 0, &count));
    CHECK(count == 0);

    /* A recording, behind which a reader is two laps late, in a wait set. */
    rusted_ring_publisher *pen;
    OK(rusted_ring_publisher_join(ring, &pen));
    OK(rusted_ring_journal_record(journal, ring, "store", RUSTED_RING_OLDEST));
    IS(RUSTED_RING_OCCUPIED, rusted_ring_journal_record(journal, ring, NULL, RUSTED_RING_OLDEST));
    IS(RUSTED_RING_OCCUPIED, rusted_ring_journal_resume(journal, ring, NULL));
    IS(RUSTED_RING_EMPTY, rusted_ring_journal_since(journal, 0, 0, &sequence));
    IS(RUSTED_RING_UNSUPPORTED, rusted_ring_subscribe_repaired(lossless, NULL, 0, journal, 0, &reader));
    IS(RUSTED_RING_NOT_FOUND, rusted_ring_subscribe_repaired(ring, NULL, 0, journal, 2, &reader));
    OK(rusted_ring_subscribe_repaired(ring, "screen", RUSTED_RING_NEWEST, journal, 0, &reader));
    publish(pen, 0, 100);
    rusted_ring_wait_set *set;
    size_t ready = 7;
    OK(rusted_ring_wait_set_new(&set));
    OK(rusted_ring_wait(set, &reader, 1, 60 * SECOND, &ready));
    has(reader, 0, 100);
    IS(RUSTED_RING_EMPTY, rusted_ring_wait(set, &reader, 1, 1000, &ready));
    rusted_ring_reader_line books;
    OK(rusted_ring_reader_stats(reader, &books));
    CHECK(books.received + books.repaired == 100 && books.repaired >= 84 && books.lost == 0 && books.joined == 0);
    OK(rusted_ring_reader_close(reader));
    until_written(journal, 100);
    OK(rusted_ring_journal_wait_durable(journal, 100, 60 * SECOND));
    IS(RUSTED_RING_EMPTY, rusted_ring_journal_wait_durable(journal, 101, 1000));
    OK(rusted_ring_journal_since(journal, 1, 0, &sequence));
    CHECK(sequence == 0);
    OK(rusted_ring_journal_stop(journal));
    OK(rusted_ring_journal_stats(journal, &line));
    CHECK(line.epoch == 1 && line.flags == 0 && line.durable == 100 && line.oldest == 0 && line.bytes > 800);
    OK(rusted_ring_journal_epochs(journal, epochs, 2, &count));
    CHECK(count == 1 && epochs[0].number == 1 && epochs[0].oldest == 0 && epochs[0].end == 100);

    /* Another epoch of the same ring, and what the first one has. */
    OK(rusted_ring_journal_record(journal, ring, NULL, RUSTED_RING_NEWEST));
    publish(pen, 100, 110);
    until_written(journal, 110);
    OK(rusted_ring_journal_epochs(journal, epochs, 1, &count));
    CHECK(count == 2 && epochs[0].number == 1);
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_journal_replay(journal, 1, 0, 0, &reader));
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_journal_replay(journal, 1, UINT64_C(1) << 63, 8, &reader));
    OK(rusted_ring_journal_replay(journal, 1, 90, 8, &reader));
    OK(rusted_ring_wait(set, &reader, 1, 0, &ready));
    has(reader, 90, 100);
    rusted_ring_event event;
    uint64_t bytes;
    IS(RUSTED_RING_CLOSED, rusted_ring_read(reader, &bytes, sizeof bytes, RUSTED_RING_FOREVER, &event));
    OK(rusted_ring_reader_stats(reader, &books));
    CHECK(books.joined == 90 && books.received == 10 && books.ahead == 0 && books.position == 100);
    OK(rusted_ring_reader_close(reader));
    OK(rusted_ring_journal_replay(journal, 0, 95, 7, &reader));
    IS(RUSTED_RING_LAGGED, rusted_ring_try_read(reader, &bytes, 8, &event));
    rusted_ring_range loss;
    OK(rusted_ring_reader_loss(reader, &loss));
    CHECK(loss.from == 95 && loss.to == 100 && says("the journal has no more"));
    IS(RUSTED_RING_TOO_LARGE, rusted_ring_try_read(reader, &bytes, 8, &event));
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_try_read(reader, &bytes, 6, &event));
    OK(rusted_ring_reader_close(reader));

    /* Positions. */
    rusted_ring_confirmed confirmed;
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_position_open(journal, "no name", &mail));
    CHECK(says("names no position"));
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_position_open(journal, NULL, &mail));
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_position_open(journal, "mail", NULL));
    OK(rusted_ring_position_open(journal, "mail", &mail));
    IS(RUSTED_RING_OCCUPIED, rusted_ring_position_open(journal, "mail", &again));
    IS(RUSTED_RING_EMPTY, rusted_ring_position_confirmed(mail, &confirmed));
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_position_confirmed(mail, NULL));
    IS(RUSTED_RING_BAD_HANDLE, rusted_ring_position_confirmed((rusted_ring_position *)journal, &confirmed));
    IS(RUSTED_RING_BAD_HANDLE, rusted_ring_position_confirm(NULL, 1, 1));
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_position_confirm(mail, 1, UINT64_MAX));
    OK(rusted_ring_position_confirm(mail, 1, 50));
    IS(RUSTED_RING_BAD_ARGUMENT, rusted_ring_position_confirm(mail, 1, 49));
    CHECK(says("never goes back"));
    OK(rusted_ring_position_confirm(mail, 2, 0));
    OK(rusted_ring_position_confirmed(mail, &confirmed));
    CHECK(confirmed.epoch == 2 && confirmed.next == 0 && confirmed.reserved == 0);
    IS(RUSTED_RING_BAD_HANDLE, rusted_ring_position_close((rusted_ring_position *)ring));
    OK(rusted_ring_position_close(NULL));
    /* A journal that is closed stops; its position keeps the directory. */
    OK(rusted_ring_journal_close(journal));
    IS(RUSTED_RING_BAD_HANDLE, rusted_ring_journal_close(journal));
    IS(RUSTED_RING_IN_USE, rusted_ring_journal_open(path, NULL, &other));
    OK(rusted_ring_position_close(mail));
    IS(RUSTED_RING_BAD_HANDLE, rusted_ring_position_close(mail));

    /* A torn tail is cut, a damaged position is left alone, and a ring that is not this journal's closes it. */
    snprintf(file, sizeof file, "%s/%010d-%020d.journal", path, 2, 100);
    FILE *segment = fopen(file, "a");
    CHECK(segment != NULL && fwrite("torn", 1, 4, segment) == 4 && fclose(segment) == 0);
    snprintf(file, sizeof file, "%s/%s.position", path, "ruined");
    FILE *ruined = fopen(file, "w");
    CHECK(ruined != NULL && fclose(ruined) == 0);
    OK(rusted_ring_journal_open(path, NULL, &journal));
    OK(rusted_ring_journal_found(journal, &damage, 1, &count));
    CHECK(count == 1 && damage.epoch == 2 && damage.cut == 1 && damage.bytes == 4 && damage.from == 110 && damage.to == 110);
    IS(RUSTED_RING_MISMATCH, rusted_ring_position_open(journal, "ruined", &mail));
    rusted_ring *shorter;
    OK(rusted_ring_new(8, 16, RUSTED_RING_NEVER_CLOSES, &shorter));
    IS(RUSTED_RING_MISMATCH, rusted_ring_journal_resume(journal, shorter, NULL));
    IS(RUSTED_RING_CLOSED, rusted_ring_journal_stop(journal));
    IS(RUSTED_RING_CLOSED, rusted_ring_journal_resume(journal, ring, NULL));
    IS(RUSTED_RING_CLOSED, rusted_ring_position_open(journal, "mail", &mail));
    IS(RUSTED_RING_CLOSED, rusted_ring_subscribe_repaired(ring, NULL, 0, journal, 0, &reader));
    OK(rusted_ring_journal_close(journal));
    OK(rusted_ring_journal_open(path, NULL, &journal));
    OK(rusted_ring_journal_resume(journal, ring, NULL));
    publish(pen, 110, 120);
    OK(rusted_ring_journal_close(journal));
    OK(rusted_ring_journal_open(path, NULL, &journal));
    OK(rusted_ring_journal_epochs(journal, epochs, 2, &count));
    CHECK(count == 2 && epochs[1].end == 120);
    OK(rusted_ring_journal_close(journal));

    OK(rusted_ring_wait_set_close(set));
    OK(rusted_ring_publisher_close(pen));
    OK(rusted_ring_close(shorter));
    OK(rusted_ring_close(lossless));
    OK(rusted_ring_close(ring));
    CHECK(rusted_ring_open_handles() == 0);
}

enum { SLOTS = 16, CONFIRMED = 30, HANDLED = 37, FIRST = 50, ALL = FIRST + SLOTS / 2 };

/* The mail program: goes on where it confirmed, and records the ring meanwhile. The first one waits to be killed between two confirmations. */
static int mail(const char *directory, int is_first) {
    char path[4096], file[4096];
    snprintf(path, sizeof path, "%s/kept", directory);
    snprintf(file, sizeof file, "%s/ring", directory);
    rusted_ring *ring;
    rusted_ring_journal *journal;
    rusted_ring_position *position;
    rusted_ring_reader *reader;
    rusted_ring_confirmed confirmed = {0};
    OK(rusted_ring_open(file, &ring));
    OK(rusted_ring_journal_open(path, NULL, &journal));
    OK(rusted_ring_journal_resume(journal, ring, NULL));
    OK(rusted_ring_position_open(journal, "mail", &position));
    rusted_ring_status status = rusted_ring_position_confirmed(position, &confirmed);
    if (is_first) {
        CHECK(status == RUSTED_RING_EMPTY);
    } else {
        CHECK(status == RUSTED_RING_OK && confirmed.epoch == 1 && confirmed.next == CONFIRMED);
    }
    OK(rusted_ring_subscribe_repaired(ring, "mail", confirmed.next, journal, 0, &reader));
    if (is_first) {
        has(reader, 0, 20);
        OK(rusted_ring_position_confirm(position, 1, 20));
        has(reader, 20, CONFIRMED);
        OK(rusted_ring_position_confirm(position, 1, CONFIRMED));
        has(reader, CONFIRMED, HANDLED);
        until_written(journal, FIRST);
        CHECK(write(STDOUT_FILENO, "!", 1) == 1);
        for (;;) {
            pause();
        }
    }
    has(reader, CONFIRMED, ALL);
    rusted_ring_reader_line books;
    OK(rusted_ring_reader_stats(reader, &books));
    CHECK(books.joined == CONFIRMED && books.received + books.repaired == ALL - CONFIRMED && books.lost == 0);
    OK(rusted_ring_position_confirm(position, 1, ALL));
    OK(rusted_ring_reader_close(reader));
    OK(rusted_ring_position_close(position));
    OK(rusted_ring_journal_stop(journal));
    OK(rusted_ring_journal_close(journal));
    OK(rusted_ring_close(ring));
    CHECK(rusted_ring_open_handles() == 0);
    return 0;
}

static pid_t started(const char *program, const char *what, const char *directory, int output) {
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        CHECK(output < 0 || dup2(output, STDOUT_FILENO) >= 0);
        execv(program, (char *[]){(char *)program, (char *)what, (char *)directory, NULL});
        _exit(errno);
    }
    return child;
}

/* The ring has one publisher, so that it has no holes, and events are their sequences. */
static void a_successor_goes_on_where_the_killed_one_confirmed(const char *program, const char *directory) {
    char file[4096];
    snprintf(file, sizeof file, "%s/ring", directory);
    rusted_ring *ring;
    rusted_ring_publisher *pen;
    OK(rusted_ring_create(file, sizeof(uint64_t), SLOTS, RUSTED_RING_SOLE, &ring));
    OK(rusted_ring_publisher_join(ring, &pen));
    int pipes[2], status;
    CHECK(pipe(pipes) == 0);
    pid_t first = started(program, "first", directory, pipes[1]);
    CHECK(close(pipes[1]) == 0);
    /* Not before somebody records. */
    rusted_ring_ring_stats stats = {0};
    for (int n = 0; stats.readers < 2 && n < 6000; n++) {
        OK(rusted_ring_stats(ring, &stats));
        usleep(10000);
    }
    publish(pen, 0, FIRST);
    char ready = 0;
    CHECK(read(pipes[0], &ready, 1) == 1 && ready == '!');
    CHECK(kill(first, SIGKILL) == 0);
    CHECK(waitpid(first, &status, 0) == first && WIFSIGNALED(status));
    /* The ring keeps this while nobody records. */
    publish(pen, FIRST, ALL);
    pid_t next = started(program, "next", directory, -1);
    CHECK(waitpid(next, &status, 0) == next && WIFEXITED(status) && WEXITSTATUS(status) == 0);
    CHECK(close(pipes[0]) == 0);
    OK(rusted_ring_publisher_close(pen));
    OK(rusted_ring_close(ring));
    OK(rusted_ring_remove(file, 0));
    CHECK(rusted_ring_open_handles() == 0);
}

int main(int argc, char **argv) {
    if (argc == 3) {
        return mail(argv[2], strcmp(argv[1], "first") == 0);
    }
    CHECK(argc == 2);
    char directory[2048];
    snprintf(directory, sizeof directory, "%s/XXXXXX", argv[1]);
    CHECK(mkdtemp(directory) != NULL);
    every_function(directory);
    a_successor_goes_on_where_the_killed_one_confirmed(argv[0], directory);
    puts("journal: a reader had everything from where its killed forerunner confirmed, and nothing before");
    return 0;
}
