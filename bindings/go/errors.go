package rustedring

// #include "abi.h"
import "C"

import (
	"fmt"
	"time"
)

// Status says why a call did nothing. It is what the errors of this package wrap: errors.Is(err, ErrFull).
type Status int32

// What errors of this package are, to errors.Is.
const (
	// ErrFull: the ring has no room, because a Consumer has not left the slot that is needed. The error is a *FullError.
	ErrFull Status = C.RUSTED_RING_FULL
	// ErrTooLarge: the event has more bytes than the ring has room for.
	ErrTooLarge Status = C.RUSTED_RING_TOO_LARGE
	// ErrEmpty: no event is ready, or none came in the time given.
	ErrEmpty Status = C.RUSTED_RING_EMPTY
	// ErrLagged: publishers overtook this Subscriber. The error is a *LaggedError, and the next call goes on behind what was lost.
	ErrLagged Status = C.RUSTED_RING_LAGGED
	// ErrRingClosed: the ring is closed. To a reader, no event will come any more; a publisher cannot join. Of a journal: it records no more, or was closed by an error.
	ErrRingClosed Status = C.RUSTED_RING_CLOSED
	// ErrClosed: Close was called before on what was used.
	ErrClosed Status = C.RUSTED_RING_BAD_HANDLE
	// ErrBadArgument: an argument cannot be.
	ErrBadArgument Status = C.RUSTED_RING_BAD_ARGUMENT
	// ErrUnsupported: this kind of ring or reader cannot do that.
	ErrUnsupported Status = C.RUSTED_RING_UNSUPPORTED
	// ErrOccupied: there is one already, where there is one at a time.
	ErrOccupied Status = C.RUSTED_RING_OCCUPIED
	// ErrTooManyReaders: the table of readers is full.
	ErrTooManyReaders Status = C.RUSTED_RING_TOO_MANY_READERS
	// ErrBusy: a reader was given twice to one wait.
	ErrBusy Status = C.RUSTED_RING_BUSY
	// ErrNoMemory: there is no memory, or no space in the file system.
	ErrNoMemory Status = C.RUSTED_RING_NO_MEMORY
	// ErrTooManyHandles: more than 65,536 objects of this package would be open.
	ErrTooManyHandles Status = C.RUSTED_RING_TOO_MANY_HANDLES
	// ErrExists: there is a file of that name already.
	ErrExists Status = C.RUSTED_RING_EXISTS
	// ErrNotFound: there is no file of that name, or no epoch of that number.
	ErrNotFound Status = C.RUSTED_RING_NOT_FOUND
	// ErrMismatch: the file is no ring, or nothing of a journal, that can be used, or an event is no value of the type that was wanted.
	ErrMismatch Status = C.RUSTED_RING_MISMATCH
	// ErrInUse: a process has the ring open, or the journal.
	ErrInUse Status = C.RUSTED_RING_IN_USE
	// ErrSystem: the operating system refused.
	ErrSystem Status = C.RUSTED_RING_SYSTEM
	// ErrCorrupt: a process has written over the ring. Nothing in this process was harmed.
	ErrCorrupt Status = C.RUSTED_RING_CORRUPT
	// ErrPanic: a panic of the library was stopped, which is a fault to be reported.
	ErrPanic Status = C.RUSTED_RING_PANIC
)

// Error returns the status's name.
func (s Status) Error() string {
	return "rusted-ring: " + C.GoString(C.rusted_ring_status_name(C.rusted_ring_status(s)))
}

// Error is a call that failed.
type Error struct {
	// Status is what it wraps.
	Status Status
	// Text says what happened, what was expected, and what to do.
	Text string
}

// Error returns the status's name and the text.
func (e *Error) Error() string { return e.Status.Error() + ": " + e.Text }

// Unwrap returns the status.
func (e *Error) Unwrap() error { return e.Status }

// FullError is ErrFull, and the Consumer that was in the way.
type FullError struct {
	// Text says what happened, what was expected, and what to do.
	Text string
	// Blocker is the Consumer in the way; nil, if it had gone on by the time that it was looked for.
	Blocker *Blocker
}

// Blocker is a Consumer that a publisher found in its way.
type Blocker struct {
	// Name is its name, empty if it has none.
	Name string
	// Entry is its entry in the ring's table of readers.
	Entry uint32
	// Process is the process that it belongs to; 0 if that is this one, or not known.
	Process uint32
	// Position is the first sequence that it has not released.
	Position uint64
	// Lag is how far that is behind the sequence to be claimed.
	Lag uint64
	// Waited is for how long the publisher waited, of late: a wait is made of several.
	Waited time.Duration
}

// Error returns the status's name and the text.
func (e *FullError) Error() string { return ErrFull.Error() + ": " + e.Text }

// Unwrap returns ErrFull.
func (e *FullError) Unwrap() error { return ErrFull }

// LaggedError is ErrLagged, and what was lost: the sequences from From up to, not including, To.
type LaggedError struct{ From, To uint64 }

// Error says what was lost.
func (e *LaggedError) Error() string {
	return fmt.Sprintf("%v: the events %d to %d are lost to this Subscriber: they were overwritten, or its journal has them no more; the next call goes on at %d",
		ErrLagged.Error(), e.From, e.To-1, e.To)
}

// Unwrap returns ErrLagged.
func (e *LaggedError) Unwrap() error { return ErrLagged }

// waitError is that a context ended a wait: it is both what was waited out, such as ErrFull, and the context's error.
type waitError struct{ waited, ended error }

func (e *waitError) Error() string   { return e.ended.Error() + ": " + e.waited.Error() }
func (e *waitError) Unwrap() []error { return []error{e.ended, e.waited} }

func badArgument(format string, arguments ...any) error {
	return &Error{Status: ErrBadArgument, Text: fmt.Sprintf(format, arguments...)}
}

// failure is the error of a status, nil for OK. It must be called by the thread that made the call, because the text is that thread's.
func failure(status C.rusted_ring_status) error {
	switch Status(status) {
	case C.RUSTED_RING_OK:
		return nil
	case ErrEmpty:
		return ErrEmpty
	case ErrFull:
		return full()
	default:
		return &Error{Status: Status(status), Text: C.GoString(C.rusted_ring_error_text())}
	}
}

func full() error {
	err := &FullError{Text: C.GoString(C.rusted_ring_error_text())}
	var blocker C.rusted_ring_blocker
	if C.rusted_ring_last_blocker(&blocker) == C.RUSTED_RING_OK {
		err.Blocker = &Blocker{
			Name: text(&blocker.name), Entry: uint32(blocker.entry), Process: uint32(blocker.process),
			Position: uint64(blocker.position), Lag: uint64(blocker.lag), Waited: time.Duration(blocker.waited),
		}
	}
	return err
}

// text is a name that C wrote, up to its zero.
func text(name *[C.RUSTED_RING_NAME_BYTES]C.char) string {
	bytes := make([]byte, 0, len(name))
	for _, char := range name {
		if char == 0 {
			break
		}
		bytes = append(bytes, byte(char))
	}
	return string(bytes)
}
