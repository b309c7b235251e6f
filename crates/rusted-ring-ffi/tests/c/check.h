/* What the test programs share: a check that says where, what, and the library's own words. */
#ifndef CHECK_H
#define CHECK_H

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rusted_ring.h"

#define CHECK(condition)                                                                                         \
    do {                                                                                                         \
        if (!(condition)) {                                                                                      \
            fprintf(stderr, "%s:%d: %s does not hold; the last error: %s\n", __FILE__, __LINE__, #condition,     \
                    rusted_ring_error_text());                                                                   \
            exit(1);                                                                                             \
        }                                                                                                        \
    } while (0)

/* The call returns this status. */
#define IS(status, call)                                                                                         \
    do {                                                                                                         \
        rusted_ring_status is_ = (call);                                                                         \
        if (is_ != (status)) {                                                                                   \
            fprintf(stderr, "%s:%d: %s is %s and not %s; the last error: %s\n", __FILE__, __LINE__, #call,       \
                    rusted_ring_status_name(is_), #status, rusted_ring_error_text());                            \
            exit(1);                                                                                             \
        }                                                                                                        \
    } while (0)

#define OK(call) IS(RUSTED_RING_OK, call)

#define SECOND UINT64_C(1000000000)
#define COUNT(array) (sizeof(array) / sizeof *(array))

/* The text of the last error has these words. */
static inline int says(const char *words) {
    return strstr(rusted_ring_error_text(), words) != NULL;
}

#endif
