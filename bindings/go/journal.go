package rustedring

// #include "abi.h"
import "C"

import (
	"context"
	"errors"
	"runtime"
	"time"
)

// Journal is a directory of kept events, which one process has open at a time, until it and its positions are closed. Any goroutines may use it at once.
type Journal struct {
	handle *handle
	raw    *C.rusted_ring_journal
}

// Sync says when a journal makes what was written outlast the machine. What was written outlasts the process in any case.
type Sync uint32

const (
	// SyncEvery syncs when SyncTime went by since the last time.
	SyncEvery Sync = C.RUSTED_RING_SYNC_EVERY
	// SyncEachBatch syncs after each write.
	SyncEachBatch Sync = C.RUSTED_RING_SYNC_EACH_BATCH
	// SyncNever does not sync, and neither does a position.
	SyncNever Sync = C.RUSTED_RING_SYNC_NEVER
)

// JournalOptions say how a journal writes, and what it keeps. What is 0 is the default.
type JournalOptions struct {
	// SegmentBytes is how many bytes a file has, about; 64 MiB.
	SegmentBytes uint64
	// Sync is when it syncs.
	Sync Sync
	// SyncTime is the time between two syncs, with SyncEvery; a tenth of a second.
	SyncTime time.Duration
	// KeepBytes is how many bytes all files together have before old ones are removed; never.
	KeepBytes uint64
	// KeepTime is how long ago a file was last written that is removed; never.
	KeepTime time.Duration
	// Lossy is whether events are lost, and counted, while the disk is full. Otherwise publishers wait.
	Lossy bool
}

// OpenJournal opens the journal in a directory, which is made if it is not there. It reads every file once.
func OpenJournal(directory string, options JournalOptions) (*Journal, error) {
	if options.SyncTime < 0 || options.KeepTime < 0 {
		return nil, badArgument("SyncTime is %v and KeepTime %v: give times that are not negative", options.SyncTime, options.KeepTime)
	}
	named, free, err := cString(directory)
	if err != nil {
		return nil, err
	}
	defer free()
	asked := C.rusted_ring_journal_options{
		segment_bytes: C.uint64_t(options.SegmentBytes), sync_every: C.uint64_t(options.SyncTime), keep_bytes: C.uint64_t(options.KeepBytes),
		keep_for: C.uint64_t(options.KeepTime), sync: C.uint32_t(options.Sync), full_disk: flag(options.Lossy),
	}
	var raw *C.rusted_ring_journal
	err = outcome(func() C.rusted_ring_status { return C.rusted_ring_journal_open(named, &asked, &raw) })
	if err != nil {
		return nil, err
	}
	opened := raw
	journal := &Journal{raw: opened, handle: ofMany(func() C.rusted_ring_status { return C.rusted_ring_journal_close(opened) })}
	runtime.AddCleanup(journal, func(h *handle) { h.shut() }, journal.handle)
	return journal, nil
}

// Close closes it. A recording stops, and what went wrong with it is not told. A second time it does nothing.
func (j *Journal) Close() error { return j.handle.shut() }

// Record begins an epoch with what the ring has from a sequence, Newest or Oldest on, as a Consumer that publishers wait for: of a ring in this process's memory. With no name it
// is called "journal".
func (j *Journal) Record(ring *Ring, name string, from uint64) error {
	return j.begin(ring, name, func(named *C.char) C.rusted_ring_status {
		return C.rusted_ring_journal_record(j.raw, ring.raw, named, C.uint64_t(from))
	})
}

// Resume goes on with the last epoch, where it ends, or begins the first one: of a ring that outlived who recorded it, such as one between processes.
func (j *Journal) Resume(ring *Ring, name string) error {
	return j.begin(ring, name, func(named *C.char) C.rusted_ring_status {
		return C.rusted_ring_journal_resume(j.raw, ring.raw, named)
	})
}

// begin makes a call that uses both the journal and the ring.
func (j *Journal) begin(ring *Ring, name string, call func(named *C.char) C.rusted_ring_status) error {
	named, free, err := cString(name)
	if err != nil {
		return err
	}
	defer free()
	return j.handle.call(func() C.rusted_ring_status {
		ring.handle.calls.Lock()
		defer ring.handle.calls.Unlock()
		return call(named)
	})
}

// Stop ends the recording, if there is one, once what was published until now is written. After an error the journal can only be closed.
func (j *Journal) Stop() error {
	return j.handle.call(func() C.rusted_ring_status { return C.rusted_ring_journal_stop(j.raw) })
}

// Subscribe joins a ring as a Subscriber that has from the journal what publishers overwrite, as one stream. A loss is told of what the journal lacks, too. From may be a sequence
// that the ring has no more; epoch 0 is the one that is recorded, or else the last one.
func (j *Journal) Subscribe(ring *Ring, name string, from uint64, epoch uint32) (*Reader, error) {
	var raw *C.rusted_ring_reader
	return ring.newReader(j.begin(ring, name, func(named *C.char) C.rusted_ring_status {
		return C.rusted_ring_subscribe_repaired(ring.raw, named, C.uint64_t(from), j.raw, C.uint32_t(epoch), &raw)
	}), &raw)
}

// Replay makes a reader of what is in files of an epoch now, without a ring, for events of up to so many bytes. It never waits, and at the end it returns ErrRingClosed. What was
// removed or damaged is a *LaggedError. From is a sequence, or Oldest.
func (j *Journal) Replay(eventBytes int, from uint64, epoch uint32) (*Reader, error) {
	if eventBytes < 0 {
		return nil, badArgument("eventBytes is %d: give how many bytes an event has at most", eventBytes)
	}
	var raw *C.rusted_ring_reader
	files := Ring{slotBytes: eventBytes}
	return files.newReader(j.handle.call(func() C.rusted_ring_status {
		return C.rusted_ring_journal_replay(j.raw, C.uint32_t(epoch), C.uint64_t(from), C.size_t(eventBytes), &raw)
	}), &raw)
}

// Damage is what was not whole when a journal was opened.
type Damage struct {
	// Epoch is the epoch.
	Epoch uint32
	// Cut is whether it is a torn tail, which was cut off. What is damaged elsewhere stays there.
	Cut bool
	// From is the first sequence that is damaged; of a tail, the one at which the journal ends now.
	From uint64
	// To is the sequence behind the last one that is.
	To uint64
	// Bytes is how many were cut off of a tail.
	Bytes uint64
}

// Found returns what was not whole when it was opened.
func (j *Journal) Found() ([]Damage, error) {
	for room := make([]C.rusted_ring_damage, 8); ; {
		var count C.size_t
		err := j.handle.call(func() C.rusted_ring_status {
			return C.rusted_ring_journal_found(j.raw, &room[0], C.size_t(len(room)), &count)
		})
		if err != nil {
			return nil, err
		}
		if int(count) > len(room) {
			room = make([]C.rusted_ring_damage, count)
			continue
		}
		found := make([]Damage, 0, count)
		for _, damage := range room[:count] {
			found = append(found, Damage{uint32(damage.epoch), damage.cut != 0, uint64(damage.from), uint64(damage.to), uint64(damage.bytes)})
		}
		return found, nil
	}
}

// Epoch is the events of one ring in a journal, under their sequences.
type Epoch struct {
	// Number is its number, from 1 on.
	Number uint32
	// Oldest is its oldest sequence that is still there.
	Oldest uint64
	// End is the sequence behind its last.
	End uint64
}

// Epochs returns the epochs of which there are events, the oldest first.
func (j *Journal) Epochs() ([]Epoch, error) {
	for room := make([]C.rusted_ring_epoch, 8); ; {
		var count C.size_t
		err := j.handle.call(func() C.rusted_ring_status {
			return C.rusted_ring_journal_epochs(j.raw, &room[0], C.size_t(len(room)), &count)
		})
		if err != nil {
			return nil, err
		}
		if int(count) > len(room) {
			room = make([]C.rusted_ring_epoch, count)
			continue
		}
		epochs := make([]Epoch, 0, count)
		for _, epoch := range room[:count] {
			epochs = append(epochs, Epoch{uint32(epoch.number), uint64(epoch.oldest), uint64(epoch.end)})
		}
		return epochs, nil
	}
}

// Since returns a sequence from which on it has everything of an epoch that was taken at a time or later. It is about a second early. If there is nothing yet, the error is ErrEmpty.
func (j *Journal) Since(at time.Time, epoch uint32) (uint64, error) {
	var sequence C.uint64_t
	err := j.handle.call(func() C.rusted_ring_status {
		return C.rusted_ring_journal_since(j.raw, C.uint32_t(epoch), C.uint64_t(max(at.UnixNano(), 0)), &sequence)
	})
	return uint64(sequence), err
}

// JournalStats is how far a journal is: sequences behind the last one that is so far.
type JournalStats struct {
	// Epoch is the one that is recorded, or was last; 0, if nothing was recorded since it was opened.
	Epoch uint32
	// Began is the first sequence that it was to record.
	Began uint64
	// Oldest is the oldest sequence of the epoch that is kept.
	Oldest uint64
	// Written is what is in files: it outlasts the process.
	Written uint64
	// Durable is what is synced: it outlasts the machine.
	Durable uint64
	// Lost is how many sequences a full disk lost, or came while nobody recorded.
	Lost uint64
	// Segments is how many files there are, of all epochs.
	Segments uint64
	// Bytes is how many they have.
	Bytes uint64
	// Recording is whether events are taken.
	Recording bool
	// DiskFull is whether the last write failed.
	DiskFull bool
	// Failed is whether the recording ended by an error, which Stop returns.
	Failed bool
}

// Stats returns how far it is.
func (j *Journal) Stats() (JournalStats, error) {
	var line C.rusted_ring_journal_line
	err := j.handle.call(func() C.rusted_ring_status { return C.rusted_ring_journal_stats(j.raw, &line) })
	return JournalStats{
		Epoch: uint32(line.epoch), Began: uint64(line.began), Oldest: uint64(line.oldest), Written: uint64(line.written), Durable: uint64(line.durable),
		Lost: uint64(line.lost), Segments: uint64(line.segments), Bytes: uint64(line.bytes), Recording: line.flags&C.RUSTED_RING_RECORDING != 0,
		DiskFull: line.flags&C.RUSTED_RING_DISK_FULL != 0, Failed: line.flags&C.RUSTED_RING_RECORDING_FAILED != 0,
	}, err
}

// WaitDurable waits until all below a sequence is synced. If nothing is recorded any more, the error is ErrRingClosed.
func (j *Journal) WaitDurable(ctx context.Context, end uint64) error {
	return j.handle.wait(ctx, ErrEmpty, func(timeout C.uint64_t) C.rusted_ring_status {
		return C.rusted_ring_journal_wait_durable(j.raw, C.uint64_t(end), timeout)
	})
}

// Position is how far a reader came, under a name: what it confirmed, and nothing else. Goroutines that use it at once take turns.
type Position struct {
	handle *handle
	raw    *C.rusted_ring_position
}

// Position opens the position of a name: 1 to 64 ASCII letters, digits, - and _. One owner at a time has it: another is ErrOccupied.
func (j *Journal) Position(name string) (*Position, error) {
	named, free, err := cString(name)
	if err != nil {
		return nil, err
	}
	defer free()
	var raw *C.rusted_ring_position
	err = j.handle.call(func() C.rusted_ring_status { return C.rusted_ring_position_open(j.raw, named, &raw) })
	if err != nil {
		return nil, err
	}
	opened := raw
	position := &Position{raw: opened, handle: ofOne(func() C.rusted_ring_status { return C.rusted_ring_position_close(opened) })}
	runtime.AddCleanup(position, func(h *handle) { h.shut() }, position.handle)
	return position, nil
}

// Close closes it. What was confirmed stays. A second time it does nothing.
func (p *Position) Close() error { return p.handle.shut() }

// Confirmed is what a reader confirmed: everything of the epoch below Next, and all of the epochs before.
type Confirmed struct {
	// Epoch is the epoch, from 1 on.
	Epoch uint32
	// Next is the next sequence that the reader wants.
	Next uint64
}

// Confirmed returns what was confirmed last, in this process or one before it, in whatever language; the zero value, if nothing ever was.
func (p *Position) Confirmed() (Confirmed, error) {
	var last C.rusted_ring_confirmed
	err := p.handle.call(func() C.rusted_ring_status { return C.rusted_ring_position_confirmed(p.raw, &last) })
	if errors.Is(err, ErrEmpty) {
		return Confirmed{}, nil
	}
	return Confirmed{uint32(last.epoch), uint64(last.next)}, err
}

// Confirm confirms that everything of an epoch below a sequence is dealt with. It writes a file: confirm after a batch.
func (p *Position) Confirm(epoch uint32, next uint64) error {
	return p.handle.call(func() C.rusted_ring_status {
		return C.rusted_ring_position_confirm(p.raw, C.uint32_t(epoch), C.uint64_t(next))
	})
}
