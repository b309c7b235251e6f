package rustedring

// #include "abi.h"
import "C"

import (
	"runtime"
	"unsafe"
)

// Latest is latest-value cells in this process: of each key the last value, whatever came before. Its values are of a type as NewOf describes. Any goroutines may use it at once.
type Latest[T any] struct {
	_      of[T]
	handle *handle
	cells  cells
}

// of takes no room, and keeps what has it from being converted to the same of another type, as types are that differ in nothing else.
type of[T any] [0]*T

// The handles of C, which are no type arguments and so lie in types of their own.
type (
	cells  struct{ raw *C.rusted_ring_latest }
	writer struct{ raw *C.rusted_ring_latest_writer }
	reader struct{ raw *C.rusted_ring_latest_reader }
)

// NewLatest makes cells for so many keys, and up to so many readers at a time.
func NewLatest[T any](keys, readers int) (*Latest[T], error) {
	if err := plain[T](); err != nil {
		return nil, err
	}
	var value T
	var opened cells
	err := outcome(func() C.rusted_ring_status {
		return C.rusted_ring_latest_new(C.size_t(unsafe.Sizeof(value)), C.size_t(keys), C.size_t(readers), &opened.raw)
	})
	if err != nil {
		return nil, err
	}
	latest := &Latest[T]{cells: opened, handle: ofMany(opened.close)}
	runtime.AddCleanup(latest, func(h *handle) { h.shut() }, latest.handle)
	return latest, nil
}

func (c cells) close() C.rusted_ring_status  { return C.rusted_ring_latest_close(c.raw) }
func (w writer) close() C.rusted_ring_status { return C.rusted_ring_latest_writer_close(w.raw) }
func (r reader) close() C.rusted_ring_status { return C.rusted_ring_latest_reader_close(r.raw) }

// Close closes it. The writer and the readers keep the cells. A second time it does nothing.
func (l *Latest[T]) Close() error { return l.handle.shut() }

// LatestWriter updates latest-value cells. Goroutines that use it at once take turns.
type LatestWriter[T any] struct {
	_      of[T]
	handle *handle
	writer writer
}

// Writer makes the writer. There is one at a time: another is ErrOccupied.
func (l *Latest[T]) Writer() (*LatestWriter[T], error) {
	var opened writer
	err := l.handle.call(func() C.rusted_ring_status { return C.rusted_ring_latest_writer_join(l.cells.raw, &opened.raw) })
	if err != nil {
		return nil, err
	}
	made := &LatestWriter[T]{writer: opened, handle: ofOne(opened.close)}
	runtime.AddCleanup(made, func(h *handle) { h.shut() }, made.handle)
	return made, nil
}

// Close closes it. A second time it does nothing.
func (w *LatestWriter[T]) Close() error { return w.handle.shut() }

// Update updates the value of a key, and returns the update's number.
func (w *LatestWriter[T]) Update(key int, value T) (uint64, error) {
	var version C.uint64_t
	err := w.handle.call(func() C.rusted_ring_status {
		return C.rusted_ring_latest_update(w.writer.raw, C.size_t(key), unsafe.Pointer(&value), C.size_t(unsafe.Sizeof(value)), &version)
	})
	return uint64(version), err
}

// LatestReader reads latest-value cells. Goroutines that use it at once take turns.
type LatestReader[T any] struct {
	_      of[T]
	handle *handle
	reader reader
}

// Reader makes a reader.
func (l *Latest[T]) Reader() (*LatestReader[T], error) {
	var opened reader
	err := l.handle.call(func() C.rusted_ring_status { return C.rusted_ring_latest_reader_join(l.cells.raw, &opened.raw) })
	if err != nil {
		return nil, err
	}
	made := &LatestReader[T]{reader: opened, handle: ofOne(opened.close)}
	runtime.AddCleanup(made, func(h *handle) { h.shut() }, made.handle)
	return made, nil
}

// Close closes it. A second time it does nothing.
func (r *LatestReader[T]) Close() error { return r.handle.shut() }

// Get returns the value of a key and its version, if that is newer than one that is known: 0 for any. If there is none, the error is ErrEmpty.
func (r *LatestReader[T]) Get(key int, than uint64) (T, uint64, error) {
	var value T
	var version C.uint64_t
	err := r.handle.call(func() C.rusted_ring_status {
		return C.rusted_ring_latest_get(r.reader.raw, C.size_t(key), C.uint64_t(than), unsafe.Pointer(&value), C.size_t(unsafe.Sizeof(value)), &version)
	})
	return value, uint64(version), err
}
