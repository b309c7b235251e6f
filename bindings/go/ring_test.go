package rustedring

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

// made fails the test unless there is no error.
func made[T any](t testing.TB) func(value T, err error) T {
	return func(value T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func is(t testing.TB, err error, wanted ...error) {
	t.Helper()
	for _, each := range wanted {
		if !errors.Is(err, each) {
			t.Fatalf("%v is not %v", err, each)
		}
	}
}

// within is a context that ends a test that hangs.
func within(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// kinds are rings of every kind, of 8 slots for 64 bytes, that do not close.
func kinds(t *testing.T, run func(t *testing.T, ring *Ring)) {
	for _, kind := range []struct {
		name   string
		shared bool
		mode   Mode
	}{
		{"many", false, Many}, {"sole", false, Sole}, {"lossless", false, Sole | Lossless},
		{"many shared", true, Many}, {"sole shared", true, Sole},
	} {
		t.Run(kind.name, func(t *testing.T) {
			var ring *Ring
			if kind.shared {
				ring = made[*Ring](t)(Create(filepath.Join(t.TempDir(), "ring"), 64, 8, kind.mode))
			} else {
				ring = made[*Ring](t)(New(64, 8, kind.mode|NeverCloses))
			}
			defer ring.Close()
			run(t, ring)
		})
	}
}

func TestEventsArriveWholeAndInOrder(t *testing.T) {
	kinds(t, func(t *testing.T, ring *Ring) {
		ctx := within(t)
		disk := made[*Reader](t)(ring.Consume("disk", Newest))
		defer disk.Close()
		pen := made[*Publisher](t)(ring.Join())
		defer pen.Close()
		messages := []Message{{7, []byte("first")}, {8, nil}, {9, []byte(strings.Repeat("x", 64))}}
		if sent, err := pen.PublishBatch(ctx, messages); sent != 3 || err != nil {
			t.Fatal(sent, err)
		}
		if sequence := made[uint64](t)(pen.Publish(ctx, []byte("last"), 1)); sequence != 3 {
			t.Fatal(sequence)
		}
		batch := NewBatch(64)
		ok(t, disk.Read(ctx, batch))
		messages = append(messages, Message{1, []byte("last")})
		if batch.Len() != 4 {
			t.Fatal(batch.Len())
		}
		for index, message := range messages {
			event := batch.At(index)
			if event.Sequence != uint64(index) || event.Type != message.Type || string(event.Data) != string(message.Data) {
				t.Errorf("%d: %v, and not %v", index, event, message)
			}
		}
		is(t, disk.TryRead(batch), ErrEmpty)
		if batch.Len() != 0 {
			t.Fatal("events are left")
		}
	})
}

func TestAFullRingSaysWhoIsInTheWay(t *testing.T) {
	kinds(t, func(t *testing.T, ring *Ring) {
		disk := made[*Reader](t)(ring.Consume("disk", Newest))
		defer disk.Close()
		pen := made[*Publisher](t)(ring.Join())
		defer pen.Close()
		ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
		defer cancel()
		sent, err := Send(ctx, pen, 1, make([]uint64, 10)...)
		is(t, err, ErrFull, context.DeadlineExceeded)
		if sent != 8 {
			t.Fatal(sent)
		}
		_, more := pen.TryPublish([]byte("more"), 1)
		for _, err := range []error{err, more} {
			var full *FullError
			if !errors.As(err, &full) || full.Blocker == nil || full.Blocker.Name != "disk" || full.Blocker.Lag != 8 {
				t.Fatalf("%#v", err)
			}
		}
		if _, err = pen.TryPublish(make([]byte, 65), 1); !errors.Is(err, ErrTooLarge) {
			t.Fatal(err)
		}
		sent, err = pen.PublishBatch(context.Background(), []Message{{1, nil}, {1, make([]byte, 65)}})
		if sent != 0 || !errors.Is(err, ErrTooLarge) {
			t.Fatal(sent, err)
		}
	})
}

func TestABatchGoesOnAsThereIsRoom(t *testing.T) {
	kinds(t, func(t *testing.T, ring *Ring) {
		disk := made[*Reader](t)(ring.Consume("disk", Newest))
		defer disk.Close()
		pen := made[*Publisher](t)(ring.Join())
		defer pen.Close()
		messages := make([]Message, 50)
		for index := range messages {
			messages[index].Type = uint32(index)
		}
		ended := make(chan error)
		go func() {
			sent, err := pen.PublishBatch(within(t), messages)
			if err == nil && sent != len(messages) {
				err = fmt.Errorf("%d went out", sent)
			}
			ended <- err
		}()
		batch := NewBatch(3)
		for received := uint32(0); received < 50; {
			// Longer than a call waits, so that the batch is sent by several.
			if received == 0 {
				time.Sleep(2 * longest)
			}
			ok(t, disk.Read(within(t), batch))
			for event := range batch.All() {
				if event.Type != received {
					t.Fatalf("%d, and not %d", event.Type, received)
				}
				received++
			}
		}
		ok(t, <-ended)
	})
}

func TestASubscriberIsToldWhatItLost(t *testing.T) {
	kinds(t, func(t *testing.T, ring *Ring) {
		screen, err := ring.Subscribe("screen", Newest)
		if ring.mode&Lossless != 0 {
			is(t, err, ErrUnsupported)
			return
		}
		ok(t, err)
		defer screen.Close()
		pen := made[*Publisher](t)(ring.Join())
		defer pen.Close()
		for range 20 {
			made[int](t)(Send(within(t), pen, 1, uint64(0)))
		}
		batch := NewBatch(64)
		err = screen.TryRead(batch)
		is(t, err, ErrLagged)
		var lagged *LaggedError
		if !errors.As(err, &lagged) || lagged.From != 0 || lagged.To < 12 {
			t.Fatalf("%#v", err)
		}
		ok(t, screen.TryRead(batch))
		if batch.At(0).Sequence != lagged.To {
			t.Fatal(batch.At(0), lagged)
		}
		line := made[ReaderLine](t)(screen.Stats())
		stats := made[Stats](t)(ring.Stats())
		if line.Lost != lagged.To || stats.Claimed-line.Joined != line.Received+line.Repaired+line.Lost+line.Holes+line.Shared+line.Ahead {
			t.Fatal(line, stats)
		}
		listed := balances(t, ring, 1)
		if listed[0].Name != "screen" || listed[0].Gating || listed[0].Lost != line.Lost {
			t.Fatal(listed)
		}
	})
}

func TestErrorsSayWhichCallCannotBe(t *testing.T) {
	for _, open := range []func(string) (*Ring, error){Open, Observe, func(name string) (*Ring, error) { return Create(name, 8, 8, Many) }} {
		_, err := open("a\x00b")
		is(t, err, ErrBadArgument)
	}
	is(t, Remove("a\x00b", false), ErrBadArgument)
	directory := t.TempDir()
	there := filepath.Join(directory, "there")
	defer made[*Ring](t)(Create(there, 64, 8, Sole)).Close()
	opened := made[*Ring](t)(Open(there))
	defer opened.Close()
	defer made[*Publisher](t)(opened.Join()).Close()
	watched := made[*Ring](t)(Observe(there))
	defer watched.Close()
	for _, call := range []struct {
		name   string
		wanted Status
		call   func() error
	}{
		{"no bytes", ErrBadArgument, func() error { _, err := New(0, 8, Many); return err }},
		{"negative bytes", ErrBadArgument, func() error { _, err := New(-1, 8, Many); return err }},
		{"negative slots", ErrBadArgument, func() error { _, err := New(64, -1, Many); return err }},
		{"modes that do not go together", ErrBadArgument, func() error { _, err := New(64, 8, Lossless); return err }},
		{"a file that is there", ErrExists, func() error { _, err := Create(there, 64, 8, Many); return err }},
		{"a file that is not", ErrNotFound, func() error { _, err := Open(filepath.Join(directory, "not")); return err }},
		{"no directory", ErrNotFound, func() error { _, err := Create(filepath.Join(directory, "no/ring"), 64, 8, Many); return err }},
		{"a ring in use", ErrInUse, func() error { return Remove(there, false) }},
		{"two of one", ErrOccupied, func() error { _, err := opened.Join(); return err }},
		{"joining what is watched", ErrUnsupported, func() error { _, err := watched.Join(); return err }},
		{"reading what is watched", ErrUnsupported, func() error { _, err := watched.Consume("", Newest); return err }},
		{"pools of none", ErrBadArgument, func() error { _, err := NewPools(Capacities{}); return err }},
		{"no such set", ErrBadArgument, func() error { _, err := StaticPools(99); return err }},
		{"pools that are not there", ErrNotFound, func() error { _, err := OpenPools(filepath.Join(directory, "not")); return err }},
	} {
		t.Run(call.name, func(t *testing.T) {
			err := call.call()
			is(t, err, call.wanted)
			var detailed *Error
			if !errors.As(err, &detailed) || detailed.Text == "" {
				t.Fatalf("no text: %#v", err)
			}
		})
	}
}

func TestValuesHaveNoPointersAndNoPadding(t *testing.T) {
	type nested struct {
		At [3]float32
		Of uint32
	}
	type padded struct {
		A uint8
		B uint32
	}
	type short struct {
		A uint64
		B uint32
	}
	for _, kind := range []struct {
		err   error
		plain bool
	}{
		{plain[uint8](), true}, {plain[float64](), true}, {plain[[4]int16](), true}, {plain[nested](), true}, {plain[complex128](), true},
		{plain[bool](), false}, {plain[int](), false}, {plain[string](), false}, {plain[*uint8](), false}, {plain[[]uint8](), false},
		{plain[padded](), false}, {plain[short](), false}, {plain[struct{}](), false}, {plain[[0]uint8](), false}, {plain[any](), false},
		{plain[struct{ A map[uint8]uint8 }](), false}, {plain[chan uint8](), false}, {plain[func()](), false}, {plain[uintptr](), false},
	} {
		if (kind.err == nil) != kind.plain {
			t.Errorf("%v", kind.err)
		}
		if kind.err != nil {
			is(t, kind.err, ErrBadArgument)
		}
	}
	// What is known is said again.
	is(t, plain[padded](), ErrBadArgument)
}

func TestValuesOfAnotherSizeAreLeftOutAndTold(t *testing.T) {
	ctx := within(t)
	type point struct{ X, Y, Z float32 } // of 12 bytes, in slots of 16
	ring := made[*Ring](t)(NewOf[point](8, Many))
	disk := made[*Reader](t)(ring.Consume("", Newest))
	pen := made[*Publisher](t)(ring.Join())
	made[int](t)(Send(ctx, pen, 1, point{1, 2, 3}))
	made[int](t)(Send(ctx, pen, 1, uint32(4)))
	made[int](t)(Send(ctx, pen, 1, point{5, 6, 7}))
	points := make([]point, 8)
	count, err := Receive(ctx, disk, points)
	is(t, err, ErrMismatch)
	var size *SizeError
	if !errors.As(err, &size) || size.Sequence != 1 || size.Has != 4 || size.Wanted != 12 {
		t.Fatal(err)
	}
	if count != 2 || points[0] != (point{1, 2, 3}) || points[1] != (point{5, 6, 7}) {
		t.Fatal(count, points)
	}
	if _, err := Receive(ctx, disk, []point{}); !errors.Is(err, ErrBadArgument) {
		t.Fatal(err)
	}
}

func TestPoolsTakeTheSmallestSlot(t *testing.T) {
	pools := made[*Pools](t)(NewPools(Capacities{4, 4, 4, 4, 4}))
	defer pools.Close()
	for _, event := range []struct {
		len  int
		pool Pool
	}{{0, XS}, {64, XS}, {65, S}, {256, S}, {1024, M}, {1025, L}, {16384, XL}} {
		if pool, _, err := pools.Emit(make([]byte, event.len), 1); pool != event.pool || err != nil {
			t.Error(event, pool, err)
		}
	}
	_, _, err := pools.Emit(make([]byte, 16385), 1)
	is(t, err, ErrTooLarge)
	count, err := pools.EmitBatch([]Message{{1, make([]byte, 60)}, {1, make([]byte, 16385)}, {1, nil}})
	is(t, err, ErrTooLarge)
	if count != 1 {
		t.Fatal(count)
	}
	stats := made[[5]PoolStats](t)(pools.Stats())
	if stats[XS].Claimed != 3 || stats[S].Claimed != 2 || stats[XL].SlotBytes != 16384 || stats[XL].Slots != 4 {
		t.Fatal(stats)
	}
	path := filepath.Join(t.TempDir(), "pools")
	shared := made[*Pools](t)(CreatePools(path, Capacities{4, 4, 4, 4, 4}))
	same := made[*Pools](t)(OpenPools(path))
	xl := made[*Ring](t)(same.Ring(XL))
	disk := made[*Reader](t)(xl.Consume("disk", Newest))
	if _, _, err := shared.Emit(make([]byte, 5000), 3); err != nil {
		t.Fatal(err)
	}
	batch := NewBatch(1)
	ok(t, disk.TryRead(batch))
	if event := batch.At(0); event.Type != 3 || len(event.Data) != 5000 {
		t.Fatal(event.Type, len(event.Data))
	}
	for _, each := range []interface{ Close() error }{shared, same, xl, disk} {
		ok(t, each.Close())
	}
	ok(t, RemovePools(path, false))
	is(t, RemovePools(path, false), ErrNotFound)
	mobile := made[*Pools](t)(StaticPools(Mobile))
	if stats := made[[5]PoolStats](t)(mobile.Stats()); stats[XS].Slots != 500 {
		t.Fatal(stats)
	}
}

func TestAWaitSetFindsWhoIsReady(t *testing.T) {
	empty := made[*WaitSet](t)(NewWaitSet())
	_, refused := empty.Wait(within(t), nil)
	is(t, refused, ErrBadArgument)
	ok(t, empty.Close())
	ctx := within(t)
	var readers []*Reader
	var pens []*Publisher
	kinds(t, func(t *testing.T, ring *Ring) {
		readers = append(readers, made[*Reader](t)(ring.Consume("", Newest)))
		pens = append(pens, made[*Publisher](t)(ring.Join()))
	})
	set := made[*WaitSet](t)(NewWaitSet())
	defer set.Close()
	for index := range pens {
		go Send(ctx, pens[index], 1, uint64(index))
		ready, err := set.Wait(ctx, readers...)
		if ready != index || err != nil {
			t.Fatal(ready, index, err)
		}
		ok(t, readers[ready].TryRead(NewBatch(1)))
	}
	ended, cancel := context.WithTimeout(ctx, time.Millisecond)
	defer cancel()
	_, err := set.Wait(ended, readers...)
	is(t, err, context.DeadlineExceeded)
	_, err = set.Wait(ctx, readers[0], readers[1], readers[0])
	is(t, err, ErrBusy)
	_, err = set.Wait(ctx)
	is(t, err, ErrBadArgument)
	ok(t, readers[1].Close())
	_, err = set.Wait(ctx, readers...)
	is(t, err, ErrClosed)
}

func TestCellsOfAnotherTypeAreOfAnotherType(t *testing.T) {
	for _, each := range [][2]any{
		{Latest[uint64]{}, Latest[*int]{}}, {LatestWriter[uint64]{}, LatestWriter[*int]{}}, {LatestReader[uint64]{}, LatestReader[*int]{}},
	} {
		if from, to := reflect.TypeOf(each[0]), reflect.TypeOf(each[1]); from.ConvertibleTo(to) {
			t.Errorf("%v may be converted to %v", from, to)
		}
	}
}

func TestCellsKeepTheLatestValue(t *testing.T) {
	latest := made[*Latest[[3]float64]](t)(NewLatest[[3]float64](2, 1))
	defer latest.Close()
	writer := made[*LatestWriter[[3]float64]](t)(latest.Writer())
	defer writer.Close()
	_, err := latest.Writer()
	is(t, err, ErrOccupied)
	reader := made[*LatestReader[[3]float64]](t)(latest.Reader())
	defer reader.Close()
	_, _, err = reader.Get(1, 0)
	is(t, err, ErrEmpty)
	for n := range 3 {
		made[uint64](t)(writer.Update(1, [3]float64{float64(n), 5, 6}))
	}
	value, version, err := reader.Get(1, 0)
	if value != [3]float64{2, 5, 6} || err != nil {
		t.Fatal(value, err)
	}
	_, _, err = reader.Get(1, version)
	is(t, err, ErrEmpty)
	_, _, err = reader.Get(2, 0)
	is(t, err, ErrBadArgument)
	_, err = writer.Update(-1, value)
	is(t, err, ErrBadArgument)
	_, err = NewLatest[string](1, 1)
	is(t, err, ErrBadArgument)
}

func TestBatchesEndWithTheRingAndWithTheContext(t *testing.T) {
	ring := made[*Ring](t)(New(8, 8, Many))
	disk := made[*Reader](t)(ring.Consume("disk", Newest))
	defer disk.Close()
	pen := made[*Publisher](t)(ring.Join())
	made[int](t)(Send(within(t), pen, 1, []uint64{1, 2, 3, 4, 5}...))
	var got []string
	for batch, err := range disk.Batches(within(t), 2) {
		ok(t, err)
		got = append(got, fmt.Sprint(batch.Len()))
		for event := range batch.All() {
			got = append(got, fmt.Sprint(event.Data[0]))
			break
		}
		if len(got) == 4 {
			break
		}
	}
	// What was not received is left for the next loop.
	ctx, cancel := context.WithCancel(within(t))
	defer cancel()
	var last error
	for batch, err := range disk.Batches(ctx, 2) {
		if err != nil {
			last = err
			continue
		}
		got = append(got, fmt.Sprint(batch.Len(), batch.At(0).Data[0]))
		cancel()
	}
	is(t, last, context.Canceled)
	ok(t, pen.Close())
	for _, err := range disk.Batches(within(t), 2) {
		t.Fatal("an event, or an error, of a closed ring", err)
	}
	if text := strings.Join(got, ","); text != "2,1,2,3,1 5" {
		t.Fatal(text)
	}
	_, err := ring.Join()
	is(t, err, ErrRingClosed)
}

func TestLargeEventsArePackedAndUnpacked(t *testing.T) {
	ring := made[*Ring](t)(New(4096, 4, Many))
	reader := made[*Reader](t)(ring.Subscribe("reader", Newest))
	defer reader.Close()
	pen := made[*Publisher](t)(ring.Join())
	stroke := bytes.Repeat([]byte{7}, 4000)
	packed, packedType, err := Pack(stroke, 7, nil)
	ok(t, err)
	if len(packed) > 100 || packedType != 7|Packed {
		t.Fatal(len(packed), packedType)
	}
	made[uint64](t)(pen.Publish(within(t), packed, packedType))
	batch := NewBatch(1)
	ok(t, reader.Read(within(t), batch))
	event := batch.At(0)
	room := make([]byte, 4096)
	unpacked, eventType, err := Unpack(event.Data, event.Type, room)
	ok(t, err)
	if !bytes.Equal(unpacked, stroke) || eventType != 7 {
		t.Fatal(len(unpacked), eventType)
	}
	plain, eventType, err := Unpack([]byte("short"), 7, room)
	ok(t, err)
	if string(plain) != "short" || eventType != 7 {
		t.Fatal(plain, eventType)
	}
	none, _, err := Unpack(nil, 7, nil)
	ok(t, err)
	if len(none) != 0 {
		t.Fatal(none)
	}
	_, _, err = Unpack(packed, packedType, room[:3999])
	is(t, err, ErrTooLarge)
	_, _, err = Pack(stroke, Packed, nil)
	is(t, err, ErrBadArgument)
}
