package rustedring

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// The variable in which a test tells a process of this program in which directory it is to deal with events until it is killed.
const toDeal = "RUSTED_RING_TEST_DEAL"

const (
	slots     = 16
	confirmed = 30
	handled   = 37
	first     = 50
	all       = first + slots/2
)

// has returns an error unless the reader has these numbers next.
func has(ctx context.Context, reader *Reader, from, to uint64) error {
	room := make([]uint64, 7)
	for from < to {
		count, err := Receive(ctx, reader, room[:min(7, to-from)])
		if err != nil {
			return err
		}
		for _, number := range room[:count] {
			if number != from {
				return fmt.Errorf("%d came, and not %d", number, from)
			}
			from++
		}
	}
	return nil
}

func untilWritten(ctx context.Context, journal *Journal, end uint64) error {
	for ctx.Err() == nil {
		stats, err := journal.Stats()
		if err != nil || stats.Written >= end {
			return err
		}
		time.Sleep(10 * time.Millisecond)
	}
	return ctx.Err()
}

// refused fails unless what is not made is refused so.
func refused(t *testing.T, wanted error) func(_ any, err error) {
	return func(_ any, err error) {
		t.Helper()
		is(t, err, wanted)
	}
}

// dealUntilKilled confirms twice, deals with some more events, and waits, for a minute at most.
func dealUntilKilled(directory string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	ring, err := Open(filepath.Join(directory, "ring"))
	if err != nil {
		return err
	}
	journal, err := OpenJournal(filepath.Join(directory, "kept"), JournalOptions{})
	if err != nil {
		return err
	}
	mail, err := journal.Position("mail")
	if err != nil {
		return err
	}
	if err := journal.Resume(ring, ""); err != nil {
		return err
	}
	reader, err := journal.Subscribe(ring, "mail", 0, 0)
	if err != nil {
		return err
	}
	err = errors.Join(
		has(ctx, reader, 0, 20), mail.Confirm(1, 20), has(ctx, reader, 20, confirmed), mail.Confirm(1, confirmed),
		has(ctx, reader, confirmed, handled), untilWritten(ctx, journal, first),
	)
	if err != nil {
		return err
	}
	fmt.Println("ready")
	<-ctx.Done()
	return ctx.Err()
}

func numbers(from, to uint64) []uint64 {
	var list []uint64
	for ; from < to; from++ {
		list = append(list, from)
	}
	return list
}

func TestASuccessorGoesOnWhereTheKilledOneConfirmed(t *testing.T) {
	ctx, directory := within(t), t.TempDir()
	ring := made[*Ring](t)(Create(filepath.Join(directory, "ring"), 8, slots, Sole))
	defer ring.Close()
	pen := made[*Publisher](t)(ring.Join())
	defer pen.Close()
	child := exec.CommandContext(ctx, os.Args[0])
	child.Env = append(os.Environ(), toDeal+"="+directory)
	child.Stderr = os.Stderr
	said := made[io.ReadCloser](t)(child.StdoutPipe())
	ok(t, child.Start())
	for len(made[[]ReaderLine](t)(ring.Readers())) < 2 && ctx.Err() == nil {
		time.Sleep(10 * time.Millisecond)
	}
	made[int](t)(Send(ctx, pen, 1, numbers(0, first)...))
	word := make([]byte, 6)
	made[int](t)(said.Read(word))
	ok(t, child.Process.Kill())
	if err := child.Wait(); err == nil || !bytes.Equal(word, []byte("ready\n")) {
		t.Fatalf("%v, and it said %q", err, word)
	}
	// The ring keeps this while nobody records.
	made[int](t)(Send(ctx, pen, 1, numbers(first, all)...))

	journal := made[*Journal](t)(OpenJournal(filepath.Join(directory, "kept"), JournalOptions{}))
	defer journal.Close()
	mail := made[*Position](t)(journal.Position("mail"))
	defer mail.Close()
	last := made[Confirmed](t)(mail.Confirmed())
	if last != (Confirmed{1, confirmed}) {
		t.Fatal(last)
	}
	ok(t, journal.Resume(ring, ""))
	reader := made[*Reader](t)(journal.Subscribe(ring, "mail", last.Next, 0))
	defer reader.Close()
	ok(t, has(ctx, reader, confirmed, all))
	line := made[ReaderLine](t)(reader.Stats())
	if line.Received+line.Repaired != all-confirmed || line.Lost != 0 {
		t.Fatal(line)
	}
	ok(t, mail.Confirm(1, all))
}

func TestAReaderHasFromTheJournalWhatTheRingHasOverwritten(t *testing.T) {
	ctx, directory := within(t), t.TempDir()
	ring := made[*Ring](t)(NewOf[uint64](slots, Sole))
	defer ring.Close()
	pen := made[*Publisher](t)(ring.Join())
	defer pen.Close()
	journal := made[*Journal](t)(OpenJournal(directory, JournalOptions{SegmentBytes: 1024, Sync: SyncEachBatch, Lossy: true}))
	defer journal.Close()
	refused(t, ErrInUse)(OpenJournal(directory, JournalOptions{}))
	refused(t, ErrBadArgument)(OpenJournal(directory, JournalOptions{SyncTime: -1}))
	refused(t, ErrBadArgument)(OpenJournal(directory, JournalOptions{Sync: 7}))
	refused(t, ErrNotFound)(journal.Subscribe(ring, "", Newest, 0))
	refused(t, ErrNotFound)(journal.Replay(8, Oldest, 0))
	ok(t, journal.Record(ring, "store", Oldest))
	if err := journal.Resume(ring, ""); !errors.Is(err, ErrOccupied) {
		t.Fatal(err)
	}
	refused(t, ErrEmpty)(journal.Since(time.Now(), 0))
	screen := made[*Reader](t)(journal.Subscribe(ring, "screen", Newest, 0))
	defer screen.Close()
	made[int](t)(Send(ctx, pen, 1, numbers(0, 100)...))
	set := made[*WaitSet](t)(NewWaitSet())
	defer set.Close()
	made[int](t)(set.Wait(ctx, screen))
	ok(t, has(ctx, screen, 0, 100))
	line := made[ReaderLine](t)(screen.Stats())
	if line.Received+line.Repaired != 100 || line.Repaired < 84 || line.Lost != 0 {
		t.Fatal(line)
	}
	ok(t, journal.WaitDurable(ctx, 100))
	if since := made[uint64](t)(journal.Since(time.Now().Add(-time.Hour), 0)); since != 0 {
		t.Fatal(since)
	}
	short, cancel := context.WithTimeout(ctx, time.Millisecond)
	defer cancel()
	if err := journal.WaitDurable(short, 101); !errors.Is(err, ErrEmpty) || !errors.Is(err, context.DeadlineExceeded) {
		t.Fatal(err)
	}
	if stats := made[JournalStats](t)(journal.Stats()); !stats.Recording || stats.Written != 100 || stats.Failed {
		t.Fatal(stats)
	}
	ok(t, journal.Stop())
	if err := journal.WaitDurable(ctx, 101); !errors.Is(err, ErrRingClosed) {
		t.Fatal(err)
	}
	if epochs := made[[]Epoch](t)(journal.Epochs()); len(epochs) != 1 || epochs[0] != (Epoch{1, 0, 100}) {
		t.Fatal(epochs)
	}
	replay := made[*Reader](t)(journal.Replay(8, 90, 1))
	defer replay.Close()
	ok(t, has(ctx, replay, 90, 100))
	if err := has(ctx, replay, 100, 101); !errors.Is(err, ErrRingClosed) {
		t.Fatal(err)
	}
	early := made[*Reader](t)(journal.Replay(8, 0, 1))
	defer early.Close()
	ok(t, has(ctx, early, 0, 100))
}

func TestAPositionIsWhatWasConfirmed(t *testing.T) {
	directory := t.TempDir()
	for round := range 2 {
		journal := made[*Journal](t)(OpenJournal(directory, JournalOptions{}))
		mail := made[*Position](t)(journal.Position("mail"))
		refused(t, ErrOccupied)(journal.Position("mail"))
		refused(t, ErrBadArgument)(journal.Position("no name"))
		last := made[Confirmed](t)(mail.Confirmed())
		if round == 0 {
			if last != (Confirmed{}) {
				t.Fatal(last)
			}
			ok(t, mail.Confirm(1, 50))
		} else if last != (Confirmed{1, 50}) {
			t.Fatal(last)
		}
		if err := mail.Confirm(1, 49); !errors.Is(err, ErrBadArgument) {
			t.Fatal(err)
		}
		ok(t, mail.Close())
		if err := mail.Confirm(1, 51); !errors.Is(err, ErrClosed) {
			t.Fatal(err)
		}
		ok(t, journal.Close())
		refused(t, ErrClosed)(journal.Stats())
	}
}

func TestATornTailIsFoundAndWhatIsLostIsTold(t *testing.T) {
	ctx, directory := within(t), t.TempDir()
	ring := made[*Ring](t)(NewOf[uint64](slots, Sole))
	defer ring.Close()
	pen := made[*Publisher](t)(ring.Join())
	defer pen.Close()
	made[int](t)(Send(ctx, pen, 1, numbers(0, 5)...))
	journal := made[*Journal](t)(OpenJournal(directory, JournalOptions{}))
	ok(t, journal.Record(ring, "", Newest))
	made[int](t)(Send(ctx, pen, 1, numbers(5, 10)...))
	ok(t, journal.Stop())
	ok(t, journal.Close())
	segments := made[[]string](t)(filepath.Glob(filepath.Join(directory, "*.journal")))
	file := made[*os.File](t)(os.OpenFile(segments[0], os.O_APPEND|os.O_WRONLY, 0))
	made[int](t)(file.WriteString("torn"))
	ok(t, file.Close())
	journal = made[*Journal](t)(OpenJournal(directory, JournalOptions{}))
	defer journal.Close()
	if found := made[[]Damage](t)(journal.Found()); len(found) != 1 || found[0] != (Damage{1, true, 10, 10, 4}) {
		t.Fatal(found)
	}
	replay := made[*Reader](t)(journal.Replay(8, 2, 0))
	defer replay.Close()
	var lagged *LaggedError
	if err := has(ctx, replay, 2, 3); !errors.As(err, &lagged) || *lagged != (LaggedError{2, 5}) {
		t.Fatal(err)
	}
	ok(t, has(ctx, replay, 5, 10))
}
