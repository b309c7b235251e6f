package rustedring

// #include "abi.h"
import "C"

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"sync"
	"unsafe"
)

// Publisher publishes to a ring. Any goroutines may use it at once; on a sole ring they take turns.
type Publisher struct {
	handle *handle
	raw    *C.rusted_ring_publisher
}

// Join joins the ring as a publisher.
func (r *Ring) Join() (*Publisher, error) {
	var raw *C.rusted_ring_publisher
	err := r.handle.call(func() C.rusted_ring_status { return C.rusted_ring_publisher_join(r.raw, &raw) })
	if err != nil {
		return nil, err
	}
	opened := raw
	guard := ofMany
	if r.mode&Sole != 0 {
		guard = ofOne
	}
	publisher := &Publisher{raw: opened, handle: guard(func() C.rusted_ring_status { return C.rusted_ring_publisher_close(opened) })}
	runtime.AddCleanup(publisher, func(h *handle) { h.shut() }, publisher.handle)
	return publisher, nil
}

// Close closes it. A second time it does nothing.
func (p *Publisher) Close() error { return p.handle.shut() }

// TryPublish publishes a copy of data, if there is room now, and returns its sequence. It never waits.
func (p *Publisher) TryPublish(data []byte, eventType uint32) (uint64, error) {
	bytes := some(data)
	var sequence C.uint64_t
	err := p.handle.call(func() C.rusted_ring_status {
		return C.rusted_ring_try_publish(p.raw, unsafe.Pointer(&bytes[0]), C.size_t(len(data)), C.uint32_t(eventType), &sequence)
	})
	return uint64(sequence), err
}

// Publish publishes a copy of data, once there is room, and returns its sequence. If the context ends before, the error is both ErrFull and the context's.
func (p *Publisher) Publish(ctx context.Context, data []byte, eventType uint32) (uint64, error) {
	bytes := some(data)
	var sequence C.uint64_t
	err := p.handle.wait(ctx, ErrFull, func(timeout C.uint64_t) C.rusted_ring_status {
		return C.rusted_ring_publish(p.raw, unsafe.Pointer(&bytes[0]), C.size_t(len(data)), C.uint32_t(eventType), timeout, &sequence)
	})
	return uint64(sequence), err
}

// Message is an event to be published.
type Message struct {
	// Type is what it means, to its users.
	Type uint32
	// Data is its bytes.
	Data []byte
}

// PublishBatch publishes copies of the messages, in order, each once there is room, and returns how many went out, which is all of them unless there is an error. Other
// publishers' events may come in between. If a message is too large, nothing goes out.
func (p *Publisher) PublishBatch(ctx context.Context, messages []Message) (int, error) {
	if len(messages) == 0 {
		return 0, nil
	}
	lent := outgoings.Get().(*outgoing)
	defer outgoings.Put(lent)
	defer lent.clear()
	slices, err := lent.lay(messages)
	if err != nil {
		return 0, err
	}
	sent := 0
	err = p.handle.wait(ctx, ErrFull, func(timeout C.uint64_t) C.rusted_ring_status {
		var published C.size_t
		rest := slices[sent:]
		status := C.rusted_ring_publish_batch(p.raw, &rest[0], C.size_t(len(rest)), timeout, &published)
		sent += int(published)
		return status
	})
	return sent, err
}

// outgoing is a batch as C wants it: the bytes one event behind the other, and where each is.
type outgoing struct {
	flat   []byte
	slices []C.rusted_ring_slice
	pinner runtime.Pinner
}

var outgoings = sync.Pool{New: func() any { return new(outgoing) }}

// lay copies the messages. The bytes are pinned until clear, because C is handed memory that points to them.
func (o *outgoing) lay(messages []Message) ([]C.rusted_ring_slice, error) {
	for index, message := range messages {
		if len(message.Data) > math.MaxUint32 {
			return nil, &Error{ErrTooLarge, fmt.Sprintf("message %d has %d bytes, and no ring has slots for more than 65,536: split it", index, len(message.Data))}
		}
		o.flat = append(o.flat, message.Data...)
	}
	bytes := some(o.flat)
	o.pinner.Pin(&bytes[0])
	at := 0
	for _, message := range messages {
		slice := C.rusted_ring_slice{len: C.uint32_t(len(message.Data)), event_type: C.uint32_t(message.Type)}
		if len(message.Data) > 0 {
			slice.data = unsafe.Pointer(&bytes[at])
		}
		at += len(message.Data)
		o.slices = append(o.slices, slice)
	}
	return o.slices, nil
}

func (o *outgoing) clear() {
	clear(o.slices)
	o.flat, o.slices = o.flat[:0], o.slices[:0]
	o.pinner.Unpin()
}

// some is the bytes, or others if there are none: memory whose address can be taken.
func some(data []byte) []byte {
	if len(data) == 0 {
		return nothing[:]
	}
	return data
}

var nothing [1]byte
