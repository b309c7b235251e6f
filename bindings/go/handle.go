package rustedring

// #include "abi.h"
import "C"

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"time"
)

// handle guards a handle of the C ABI: calls that one thread at a time may make do not meet, and none meets the close.
//
// A handle is a number, which Go's collector must not take for an address: cgo makes the header's incomplete types such as are not in Go's heap, and the collector does not follow
// pointers to those.
//
// The closures that it is given use the object that owns it, not a copy of the object's handle: so the object lives until its last call has begun, and the
// cleanup, which closes the handle once the object is gone, waits for that call by the lock.
type handle struct {
	calls, closes sync.Locker
	closed        bool
	close         func() C.rusted_ring_status
}

// ofMany is of a handle that any threads may use at once.
func ofMany(close func() C.rusted_ring_status) *handle {
	lock := new(sync.RWMutex)
	return &handle{calls: lock.RLocker(), closes: lock, close: close}
}

// ofOne is of a handle that one thread at a time may use.
func ofOne(close func() C.rusted_ring_status) *handle {
	lock := new(sync.Mutex)
	return &handle{calls: lock, closes: lock, close: close}
}

// shut closes the handle, once. The later calls find it closed.
func (h *handle) shut() error {
	h.closes.Lock()
	defer h.closes.Unlock()
	if h.closed {
		return nil
	}
	h.closed = true
	return outcome(h.close)
}

// call makes a call.
func (h *handle) call(call func() C.rusted_ring_status) error {
	h.calls.Lock()
	defer h.calls.Unlock()
	return outcome(call)
}

// outcome makes a call, and asks the same thread for the error, whose text and blocker are the thread's.
func outcome(call func() C.rusted_ring_status) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	return failure(call())
}

// A wait is made of calls of at most this long, because nothing else ends one: a context and Close are looked at between them.
const longest = 20 * time.Millisecond

// wait makes calls that wait for up to the nanoseconds given, until one returns something other than `over`, or the context ends. With a context that had ended it makes none, and
// returns the context's error alone.
func (h *handle) wait(ctx context.Context, over Status, call func(timeout C.uint64_t) C.rusted_ring_status) error {
	if ended := ctx.Err(); ended != nil {
		return ended
	}
	for {
		timeout := longest
		if deadline, ok := ctx.Deadline(); ok {
			timeout = min(timeout, max(time.Until(deadline), time.Millisecond))
		}
		err := h.call(func() C.rusted_ring_status { return call(C.uint64_t(timeout)) })
		if !errors.Is(err, over) {
			return err
		}
		if ended := ctx.Err(); ended != nil {
			return &waitError{err, ended}
		}
	}
}
