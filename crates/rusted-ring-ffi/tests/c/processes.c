/* Two processes on one ring: the one publishes, the other consumes, and the ledger balances. Called with a directory, and the path of rring. */
#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

enum { EVENTS = 20000 };

static uint64_t payload(uint64_t number) {
    return number * UINT64_C(0x9e3779b97f4a7c15);
}

/* The other process: receives all events, and says so by leaving with 0. */
static int consume(const char *path) {
    rusted_ring *ring;
    rusted_ring_reader *store;
    OK(rusted_ring_open(path, &ring));
    OK(rusted_ring_consume(ring, "store", RUSTED_RING_OLDEST, &store));
    uint64_t numbers[64], received = 0;
    while (received < EVENTS) {
        size_t count;
        OK(rusted_ring_read_batch(store, numbers, sizeof *numbers, COUNT(numbers), 60 * SECOND, NULL, &count));
        for (size_t n = 0; n < count; n++, received++) {
            CHECK(numbers[n] == payload(received));
        }
    }
    rusted_ring_reader_line line;
    OK(rusted_ring_reader_stats(store, &line));
    CHECK(line.joined == 0 && line.received == EVENTS && line.holes == 0 && line.ahead == 0);
    /* Until the other one has looked at the books. */
    rusted_ring_event event;
    OK(rusted_ring_read(store, (void *)numbers, sizeof *numbers, 60 * SECOND, &event));
    OK(rusted_ring_reader_close(store));
    OK(rusted_ring_close(ring));
    CHECK(rusted_ring_open_handles() == 0);
    return 0;
}

/* What `rring stat` prints of the ring. */
static void stat(const char *rring, const char *path, char *text, size_t room) {
    char command[8192];
    snprintf(command, sizeof command, "'%s' stat '%s' --json", rring, path);
    FILE *output = popen(command, "r");
    CHECK(output != NULL);
    size_t len = fread(text, 1, room - 1, output);
    text[len] = 0;
    CHECK(pclose(output) == 0);
}

int main(int argc, char **argv) {
    if (argc == 3 && strcmp(argv[1], "consume") == 0) {
        return consume(argv[2]);
    }
    CHECK(argc == 3);
    char path[4096];
    snprintf(path, sizeof path, "%s/processes", argv[1]);
    rusted_ring *ring, *seen;
    rusted_ring_publisher *pen;
    OK(rusted_ring_create(path, sizeof(uint64_t), 128, 0, &ring));
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        execv(argv[0], (char *[]){argv[0], "consume", path, NULL});
        _exit(errno);
    }
    OK(rusted_ring_observe(path, &seen));
    rusted_ring_ring_stats stats = {0};
    for (int n = 0; stats.readers == 0 && n < 6000; n++) {
        OK(rusted_ring_stats(seen, &stats));
        usleep(10000);
    }
    CHECK(stats.readers == 1);
    OK(rusted_ring_publisher_join(ring, &pen));
    for (uint64_t number = 0; number < EVENTS; number++) {
        uint64_t bytes = payload(number), sequence;
        OK(rusted_ring_publish(pen, &bytes, sizeof bytes, 1, 60 * SECOND, &sequence));
        CHECK(sequence == number);
    }
    rusted_ring_reader_line line = {0};
    for (int n = 0; line.received < EVENTS && n < 6000; n++) {
        size_t count;
        OK(rusted_ring_readers(seen, &line, 1, &count));
        CHECK(count == 1);
        usleep(10000);
    }
    CHECK(strcmp(line.name, "store") == 0 && line.gating == 1 && line.process == (uint32_t)child);
    OK(rusted_ring_stats(ring, &stats));
    CHECK(stats.claimed == EVENTS && stats.held == 0);
    CHECK(stats.claimed - line.joined == line.received + line.repaired + line.lost + line.holes + line.shared + line.ahead);
    static char text[65536];
    stat(argv[2], path, text, sizeof text);
    CHECK(strstr(text, "\"claimed\":20000") != NULL);
    CHECK(strstr(text, "\"store\"") != NULL && strstr(text, "\"received\":20000") != NULL);
    OK(rusted_ring_publish(pen, "the end.", 8, 2, 60 * SECOND, NULL));
    int status;
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
    OK(rusted_ring_publisher_close(pen));
    OK(rusted_ring_close(ring));
    OK(rusted_ring_close(seen));
    OK(rusted_ring_remove(path, 0));
    CHECK(rusted_ring_open_handles() == 0);
    puts("processes: 20000 events from one process to another, and a ledger that balances, as rring reads it");
    return 0;
}
