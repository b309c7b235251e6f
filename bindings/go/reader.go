package rustedring

// #include "abi.h"
import "C"

import (
	"context"
	"errors"
	"iter"
	"runtime"
	"sync/atomic"
	"unsafe"
)

// Reader reads a ring: as a Subscriber, which is never waited for and is told what it lost, or as a Consumer, which loses nothing. Goroutines that use it at once take turns.
type Reader struct {
	handle *handle
	raw    *C.rusted_ring_reader
	// In which order readers are locked, by who locks several.
	order uint64
	// The ring's, which every event fits.
	slotBytes int
	// Of use only within a call of the handle: what values are copied from.
	values Batch
}

// Subscribe joins the ring as a Subscriber. The name is shown in the ledger, cut to 24 bytes; from is a sequence, Newest or Oldest.
func (r *Ring) Subscribe(name string, from uint64) (*Reader, error) {
	named, free, err := cString(name)
	if err != nil {
		return nil, err
	}
	defer free()
	var raw *C.rusted_ring_reader
	return r.newReader(r.handle.call(func() C.rusted_ring_status {
		return C.rusted_ring_subscribe(r.raw, named, C.uint64_t(from), &raw)
	}), &raw)
}

// Consume joins the ring as a Consumer. Publishers wait for it until it is closed, or its process ends. Otherwise as Subscribe.
func (r *Ring) Consume(name string, from uint64) (*Reader, error) {
	named, free, err := cString(name)
	if err != nil {
		return nil, err
	}
	defer free()
	var raw *C.rusted_ring_reader
	return r.newReader(r.handle.call(func() C.rusted_ring_status {
		return C.rusted_ring_consume(r.raw, named, C.uint64_t(from), &raw)
	}), &raw)
}

func (r *Ring) newReader(err error, raw **C.rusted_ring_reader) (*Reader, error) {
	if err != nil {
		return nil, err
	}
	opened := *raw
	reader := &Reader{
		raw: opened, order: readers.Add(1), slotBytes: r.slotBytes,
		handle: ofOne(func() C.rusted_ring_status { return C.rusted_ring_reader_close(opened) }),
	}
	runtime.AddCleanup(reader, func(h *handle) { h.shut() }, reader.handle)
	return reader, nil
}

// How many readers were ever made.
var readers atomic.Uint64

// Close closes it. A second time it does nothing.
func (r *Reader) Close() error { return r.handle.shut() }

// TryRead copies the events that are ready into the batch, in place of what it had, up to as many as it has room for. It never waits: if none is ready, the error is ErrEmpty. A
// loss is told by a call of its own, when it comes first.
func (r *Reader) TryRead(batch *Batch) error {
	batch.count = 0
	return r.told(func(loss *C.rusted_ring_range) error {
		return r.handle.call(func() C.rusted_ring_status { return r.fill(batch, batch.most(), 0, loss) })
	})
}

// Read is as TryRead, and waits for the first event. If the context ends before, the error is both ErrEmpty and the context's.
func (r *Reader) Read(ctx context.Context, batch *Batch) error {
	batch.count = 0
	return r.told(func(loss *C.rusted_ring_range) error {
		return r.handle.wait(ctx, ErrEmpty, func(timeout C.uint64_t) C.rusted_ring_status { return r.fill(batch, batch.most(), timeout, loss) })
	})
}

// Batches goes over the batches that Read returns, all in the memory of one batch of so many events, which is that of the next one from the next turn on. A *LaggedError is told
// and the next turn goes on; any other error ends it, that of the context too. It ends without one when the ring is closed.
func (r *Reader) Batches(ctx context.Context, most int) iter.Seq2[*Batch, error] {
	return func(yield func(*Batch, error) bool) {
		batch := NewBatch(most)
		for {
			err := r.Read(ctx, batch)
			if errors.Is(err, ErrRingClosed) || !yield(batch, err) {
				return
			}
			if err != nil && !errors.Is(err, ErrLagged) {
				return
			}
		}
	}
}

// fill reads up to `most` events, within a call of the handle; of a Subscriber that lagged, it stores which sequences it lost. C is handed what is measured here, whatever
// others do to the batch meanwhile.
func (r *Reader) fill(batch *Batch, most int, timeout C.uint64_t, loss *C.rusted_ring_range) C.rusted_ring_status {
	heads, bytes := batch.heads, batch.bytes
	if len(heads) < most {
		heads = make([]C.copied_event, most)
	}
	if len(bytes) < most*r.slotBytes {
		bytes = make([]byte, most*r.slotBytes)
	}
	var count C.size_t
	status := C.read_batch(r.raw, unsafe.Pointer(&bytes[0]), C.size_t(r.slotBytes), C.size_t(most), timeout, &heads[0], &count)
	batch.heads, batch.bytes, batch.stride, batch.count = heads, bytes, r.slotBytes, int(count)
	if Status(status) == ErrLagged {
		C.rusted_ring_reader_loss(r.raw, loss)
	}
	return status
}

// told makes a *LaggedError of the error of a Subscriber that lagged.
func (r *Reader) told(read func(loss *C.rusted_ring_range) error) error {
	var loss C.rusted_ring_range
	err := read(&loss)
	if errors.Is(err, ErrLagged) {
		return &LaggedError{uint64(loss.from), uint64(loss.to)}
	}
	return err
}

// Stats returns what this reader has received and lost, as it knows it itself: without its name.
func (r *Reader) Stats() (ReaderLine, error) {
	var line C.rusted_ring_reader_line
	err := r.handle.call(func() C.rusted_ring_status { return C.rusted_ring_reader_stats(r.raw, &line) })
	return readerLine(&line), err
}

// Batch is memory for events that are read: they are copied to it, and stay until the next read.
type Batch struct {
	bytes  []byte
	heads  []C.copied_event
	stride int
	count  int
}

// NewBatch makes room for as many events as most, at least one. Its bytes are made by the first read, for events as long as the ring's.
func NewBatch(most int) *Batch {
	return &Batch{heads: make([]C.copied_event, max(most, 1))}
}

// Event is an event that was received.
type Event struct {
	// Sequence is its number on the ring, counted from 0 and never reused.
	Sequence uint64
	// Type is what it means, to its users.
	Type uint32
	// Data is its bytes, in the batch: the next read into it writes over them.
	Data []byte
}

// most is how many events it has room for, one if NewBatch did not make it.
func (b *Batch) most() int { return max(len(b.heads), 1) }

// Len returns how many events the last read brought.
func (b *Batch) Len() int { return b.count }

// At returns an event by its index. It panics if that is not below Len.
func (b *Batch) At(index int) Event {
	head := &b.heads[:b.count][index]
	bytes := b.bytes[index*b.stride:][:head.len:b.stride]
	return Event{Sequence: uint64(head.sequence), Type: uint32(head.event_type), Data: bytes}
}

// All goes over the events.
func (b *Batch) All() iter.Seq[Event] {
	return func(yield func(Event) bool) {
		for index := range b.count {
			if !yield(b.At(index)) {
				return
			}
		}
	}
}
