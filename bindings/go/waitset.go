package rustedring

// #include "abi.h"
import "C"

import (
	"cmp"
	"context"
	"runtime"
	"slices"
)

// WaitSet waits for several readers, on rings of any kinds. Goroutines that use it at once take turns.
type WaitSet struct {
	handle *handle
	raw    *C.rusted_ring_wait_set
}

// NewWaitSet makes a wait set. It has no members of its own: each wait is given its readers.
func NewWaitSet() (*WaitSet, error) {
	var raw *C.rusted_ring_wait_set
	err := outcome(func() C.rusted_ring_status { return C.rusted_ring_wait_set_new(&raw) })
	if err != nil {
		return nil, err
	}
	opened := raw
	set := &WaitSet{raw: opened, handle: ofOne(func() C.rusted_ring_status { return C.rusted_ring_wait_set_close(opened) })}
	runtime.AddCleanup(set, func(h *handle) { h.shut() }, set.handle)
	return set, nil
}

// Close closes it. A second time it does nothing.
func (s *WaitSet) Close() error { return s.handle.shut() }

// Wait waits until one of the readers is ready, which is when its next read would return something other than ErrEmpty, and returns its index. That of a closed ring stays ready:
// leave it out. Meanwhile the readers are in use: other goroutines wait for them, some milliseconds at a time.
func (s *WaitSet) Wait(ctx context.Context, readers ...*Reader) (int, error) {
	if len(readers) == 0 {
		return 0, badArgument("there is no reader to wait for: give at least one")
	}
	if slices.Contains(readers, nil) {
		return 0, badArgument("a reader is nil: give readers that were joined")
	}
	// All who lock several readers lock them in the same order, so that none waits for another.
	ordered := slices.SortedFunc(slices.Values(readers), func(one, other *Reader) int { return cmp.Compare(one.order, other.order) })
	for index := range ordered[1:] {
		if ordered[index] == ordered[index+1] {
			return 0, &Error{ErrBusy, "a reader was given twice to one wait: give each once"}
		}
	}
	handles := make([]*C.rusted_ring_reader, len(readers))
	for index, reader := range readers {
		handles[index] = reader.raw
	}
	var ready C.size_t
	err := s.handle.wait(ctx, ErrEmpty, func(timeout C.uint64_t) C.rusted_ring_status {
		for _, reader := range ordered {
			reader.handle.calls.Lock()
			defer reader.handle.calls.Unlock()
		}
		return C.rusted_ring_wait(s.raw, &handles[0], C.size_t(len(handles)), timeout, &ready)
	})
	return int(ready), err
}
