// What Go sees of the C ABI that is not in its header.
#ifndef RUSTED_RING_GO_ABI_H
#define RUSTED_RING_GO_ABI_H

#if defined __has_include && !__has_include(<rusted_ring.h>)
#error "the C library is not there: bindings/go/README.md, section \"The library\", says how it is placed"
#endif
#include <rusted_ring.h>

// An event that was copied to Go's memory. C may store no pointer into Go's memory there, so its address is a number to Go, which needs none.
typedef struct copied_event {
    uintptr_t data;
    uint32_t len;
    uint32_t event_type;
    uint64_t sequence;
} copied_event;

_Static_assert(sizeof(copied_event) == sizeof(rusted_ring_event), "an event's size");
_Static_assert(offsetof(copied_event, len) == offsetof(rusted_ring_event, len), "where its length is");
_Static_assert(offsetof(copied_event, event_type) == offsetof(rusted_ring_event, event_type), "where its type is");
_Static_assert(offsetof(copied_event, sequence) == offsetof(rusted_ring_event, sequence), "where its sequence is");

static inline rusted_ring_status read_batch(rusted_ring_reader *reader, void *buffer, size_t stride, size_t most,
                                            uint64_t timeout, copied_event *events, size_t *count) {
    return rusted_ring_read_batch(reader, buffer, stride, most, timeout, (rusted_ring_event *)events, count);
}

#endif
