package rustedring

// #include <stdlib.h>
// #include "abi.h"
import "C"

import (
	"fmt"
	"runtime"
	"strings"
	"unsafe"
)

// Mode says what kind of ring is made. Modes are combined by |.
type Mode uint32

const (
	// Many publishers, and a ring that closes when the last of them leaves.
	Many Mode = 0
	// Sole is a ring of one publisher at a time: it is faster, and has no holes.
	Sole Mode = C.RUSTED_RING_SOLE
	// Lossless is a ring without Subscribers; with Sole.
	Lossless Mode = C.RUSTED_RING_LOSSLESS
	// NeverCloses is a ring that does not close when its last publisher leaves.
	NeverCloses Mode = C.RUSTED_RING_NEVER_CLOSES
	// Shared, in Stats, is a ring in a file, between processes.
	Shared Mode = C.RUSTED_RING_SHARED
	// Observed, in Stats, is a ring that is only looked at.
	Observed Mode = C.RUSTED_RING_OBSERVED
)

// Where a reader begins, if not at a sequence.
const (
	// Newest is the next event to be published.
	Newest uint64 = C.RUSTED_RING_NEWEST
	// Oldest is the oldest event that the ring retains.
	Oldest uint64 = C.RUSTED_RING_OLDEST
)

// Ring is a ring, in this process or between processes. Any goroutines may use it at once. It lives as long as it or an endpoint is open.
type Ring struct {
	handle *handle
	raw    *C.rusted_ring
	// What it is, which does not change.
	slotBytes int
	mode      Mode
}

// New makes a ring in this process, of slots for events of up to slotBytes bytes.
func New(slotBytes, slots int, mode Mode) (*Ring, error) {
	var raw *C.rusted_ring
	return newRing(outcome(func() C.rusted_ring_status {
		return C.rusted_ring_new(C.size_t(slotBytes), C.size_t(slots), C.uint32_t(mode), &raw)
	}), &raw)
}

// Create creates a ring between processes, in a file: name is that of a ring in /dev/shm, or a path, if there is a / in it. The file stays until Remove.
func Create(name string, slotBytes, slots int, mode Mode) (*Ring, error) {
	named, free, err := cString(name)
	if err != nil {
		return nil, err
	}
	defer free()
	var raw *C.rusted_ring
	return newRing(outcome(func() C.rusted_ring_status {
		return C.rusted_ring_create(named, C.size_t(slotBytes), C.size_t(slots), C.uint32_t(mode), &raw)
	}), &raw)
}

// Open opens a ring of bytes that a process of any language has created.
func Open(name string) (*Ring, error) {
	named, free, err := cString(name)
	if err != nil {
		return nil, err
	}
	defer free()
	var raw *C.rusted_ring
	return newRing(outcome(func() C.rusted_ring_status { return C.rusted_ring_open(named, &raw) }), &raw)
}

// Observe looks at a ring between processes, of any kind: it has Stats and Readers, and no endpoints. Nobody notices.
func Observe(name string) (*Ring, error) {
	named, free, err := cString(name)
	if err != nil {
		return nil, err
	}
	defer free()
	var raw *C.rusted_ring
	return newRing(outcome(func() C.rusted_ring_status { return C.rusted_ring_observe(named, &raw) }), &raw)
}

// Remove removes the file of a ring between processes; not while a process has it open, unless evenInUse.
func Remove(name string, evenInUse bool) error {
	named, free, err := cString(name)
	if err != nil {
		return err
	}
	defer free()
	return outcome(func() C.rusted_ring_status { return C.rusted_ring_remove(named, flag(evenInUse)) })
}

func newRing(err error, raw **C.rusted_ring) (*Ring, error) {
	if err != nil {
		return nil, err
	}
	opened := *raw
	ring := &Ring{raw: opened, handle: ofMany(func() C.rusted_ring_status { return C.rusted_ring_close(opened) })}
	runtime.AddCleanup(ring, func(h *handle) { h.shut() }, ring.handle)
	stats, err := ring.Stats()
	if err != nil {
		ring.Close()
		return nil, err
	}
	ring.slotBytes, ring.mode = int(stats.SlotBytes), stats.Mode
	return ring, nil
}

// Close closes it. Endpoints keep the ring. A second time it does nothing.
func (r *Ring) Close() error { return r.handle.shut() }

// SlotBytes is how many bytes an event has at most.
func (r *Ring) SlotBytes() int { return r.slotBytes }

// Stats is what a ring is, and how it is.
type Stats struct {
	// SlotBytes is how many bytes an event has at most.
	SlotBytes uint64
	// Slots is how many slots there are.
	Slots uint64
	// Claimed is the next sequence to be claimed: how many were claimed since the ring was made.
	Claimed uint64
	// Held is how many slots publishers hold in the middle of a publish.
	Held uint64
	// Readers is how many are in the table.
	Readers uint32
	// Unlisted is how many Subscribers found the table full.
	Unlisted uint32
	// Mode is Sole, Lossless, Shared and Observed, as they apply.
	Mode Mode
	// Pressure is the largest lag of the listed readers as a part of the slots, from 0 to 1.
	Pressure float32
}

// Stats returns what the ring is, and how it is. It looks at every slot.
func (r *Ring) Stats() (Stats, error) {
	var stats C.rusted_ring_ring_stats
	err := r.handle.call(func() C.rusted_ring_status { return C.rusted_ring_stats(r.raw, &stats) })
	return Stats{
		SlotBytes: uint64(stats.slot_bytes), Slots: uint64(stats.slots), Claimed: uint64(stats.claimed), Held: uint64(stats.held),
		Readers: uint32(stats.readers), Unlisted: uint32(stats.unlisted), Mode: Mode(stats.flags), Pressure: float32(stats.pressure),
	}, err
}

// ReaderLine is a line of the ledger: what one reader received and lost. It balances: Claimed of the ring - Joined = Received + Repaired + Lost +
// Holes + Shared + Ahead.
type ReaderLine struct {
	// Name is its name, empty if it has none.
	Name string
	// Entry is its entry in the ring's table of readers.
	Entry uint32
	// Gating is whether it is a Consumer, which publishers wait for.
	Gating bool
	// Joined is the sequence at which it joined.
	Joined uint64
	// Position is the next sequence that it wants.
	Position uint64
	// Received is how many events it received.
	Received uint64
	// Lost is how many sequences were overwritten before it came to them.
	Lost uint64
	// Repaired is how many events were overwritten before it came to them, and given back by a journal.
	Repaired uint64
	// Holes is how many sequences carried no event.
	Holes uint64
	// Laps is how often it was overtaken.
	Laps uint64
	// Shared is how many events fellow workers of a stage took.
	Shared uint64
	// Ahead is how many sequences were claimed that it has not come to: its lag.
	Ahead uint64
	// Process is the process that it belongs to; 0 if that is this one, or not known.
	Process uint32
}

// Readers returns the lines of the ring's ledger. Each balances by itself.
func (r *Ring) Readers() ([]ReaderLine, error) {
	lines := make([]C.rusted_ring_reader_line, 64) // as many as a ring lists
	var count C.size_t
	err := r.handle.call(func() C.rusted_ring_status {
		return C.rusted_ring_readers(r.raw, &lines[0], C.size_t(len(lines)), &count)
	})
	if err != nil {
		return nil, err
	}
	readers := make([]ReaderLine, 0, count)
	for _, line := range lines[:min(int(count), len(lines))] {
		readers = append(readers, readerLine(&line))
	}
	return readers, nil
}

func readerLine(line *C.rusted_ring_reader_line) ReaderLine {
	return ReaderLine{
		Name: text(&line.name), Entry: uint32(line.entry), Gating: line.gating != 0, Joined: uint64(line.joined),
		Position: uint64(line.position), Received: uint64(line.received), Lost: uint64(line.lost), Repaired: uint64(line.repaired), Holes: uint64(line.holes),
		Laps: uint64(line.laps), Shared: uint64(line.shared), Ahead: uint64(line.ahead), Process: uint32(line.process),
	}
}

// cString is a name as C has it, which is to be freed. One with a zero in it is refused: C would see the part before.
func cString(name string) (*C.char, func(), error) {
	if strings.IndexByte(name, 0) >= 0 {
		return nil, nil, &Error{ErrBadArgument, fmt.Sprintf("the name %q has a zero byte in it: names are text without one", name)}
	}
	made := C.CString(name)
	return made, func() { C.free(unsafe.Pointer(made)) }, nil
}

func flag(is bool) C.uint32_t {
	if is {
		return 1
	}
	return 0
}
