/* That the kernel's registration of the process, which a first wait asks for, holds nobody up: a child that was forked in the middle of it waits on a
 * ring of its own, and ends. With a OnceLock around the registration it does not.
 *
 * It promises no more: what a program's child may do that was forked while another thread was inside the library, the header says. */
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

enum { CHILDREN = 200 };

/* Waits for an event that does not come. */
static void *wait_for_nothing(void *reader) {
    char bytes[8];
    rusted_ring_event event;
    CHECK(rusted_ring_read(reader, bytes, sizeof bytes, SECOND / 20, &event) == RUSTED_RING_EMPTY);
    return NULL;
}

int main(void) {
    rusted_ring *ring, *own;
    rusted_ring_reader *reader, *other;
    OK(rusted_ring_new(8, 8, RUSTED_RING_NEVER_CLOSES, &ring));
    OK(rusted_ring_subscribe(ring, NULL, RUSTED_RING_NEWEST, &reader));
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, wait_for_nothing, reader) == 0);
    static pid_t children[CHILDREN];
    for (int n = 0; n < CHILDREN; n++) {
        children[n] = fork();
        CHECK(children[n] >= 0);
        if (children[n] == 0) {
            /* A child that hangs is ended by this. */
            alarm(20);
            OK(rusted_ring_new(8, 8, RUSTED_RING_NEVER_CLOSES, &own));
            OK(rusted_ring_subscribe(own, NULL, RUSTED_RING_NEWEST, &other));
            wait_for_nothing(other);
            _exit(0);
        }
    }
    for (int n = 0; n < CHILDREN; n++) {
        int status;
        CHECK(waitpid(children[n], &status, 0) == children[n]);
        CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
    CHECK(pthread_join(thread, NULL) == 0);
    OK(rusted_ring_reader_close(reader));
    OK(rusted_ring_close(ring));
    CHECK(rusted_ring_open_handles() == 0);
    puts("forks: 200 children that were forked in another thread's first wait have waited, too");
    return 0;
}
