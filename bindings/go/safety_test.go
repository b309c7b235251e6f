package rustedring

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"
)

// soon waits until something is so, and fails the test if it does not come to be.
func soon(t testing.TB, what string, so func() bool) {
	t.Helper()
	for range 3000 {
		if so() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("%s did not come to be within 30 s", what)
}

// Everything that waits ends by an error once it is closed, or its context ends, and closing twice does nothing.
func TestCloseAndContextsEndWaits(t *testing.T) {
	kinds(t, func(t *testing.T, ring *Ring) {
		disk := made[*Reader](t)(ring.Consume("disk", Newest))
		idle := made[*Reader](t)(ring.Consume("idle", Newest))
		pen := made[*Publisher](t)(ring.Join())
		set := made[*WaitSet](t)(NewWaitSet())
		made[int](t)(Send(within(t), pen, 1, make([]uint64, 8)...))
		count := made[int](t)(Receive(within(t), idle, make([]uint64, 8)))
		if count != 8 {
			t.Fatal(count)
		}
		waits := []struct {
			name  string
			close func() error
			over  Status
			wait  func(ctx context.Context) error
		}{
			{"publish", pen.Close, ErrFull, func(ctx context.Context) error { _, err := pen.Publish(ctx, nil, 1); return err }},
			{"publish a batch", pen.Close, ErrFull, func(ctx context.Context) error {
				_, err := pen.PublishBatch(ctx, []Message{{1, nil}})
				return err
			}},
			{"send", pen.Close, ErrFull, func(ctx context.Context) error { _, err := Send(ctx, pen, 1, uint8(0)); return err }},
			{"read", idle.Close, ErrEmpty, func(ctx context.Context) error { return idle.Read(ctx, NewBatch(1)) }},
			{"receive", idle.Close, ErrEmpty, func(ctx context.Context) error {
				_, err := Receive(ctx, idle, make([]uint64, 1))
				return err
			}},
			{"wait", set.Close, ErrEmpty, func(ctx context.Context) error { _, err := set.Wait(ctx, idle); return err }},
		}
		for _, each := range waits {
			ctx, cancel := context.WithCancel(within(t))
			ended := make(chan error)
			go func() { ended <- each.wait(ctx) }()
			time.Sleep(30 * time.Millisecond)
			cancel()
			is(t, <-ended, each.over, context.Canceled)
			// A context that had ended says nothing of the ring: nothing was tried.
			late := each.wait(ctx)
			is(t, late, context.Canceled)
			if errors.Is(late, each.over) {
				t.Fatalf("%s: %v", each.name, late)
			}
		}
		ended := make(chan error)
		for _, each := range waits {
			go func() {
				err := each.wait(within(t))
				if !errors.Is(err, ErrClosed) {
					err = fmt.Errorf("%s: %w", each.name, err)
				}
				ended <- err
			}()
		}
		time.Sleep(30 * time.Millisecond)
		for range 2 {
			for _, each := range []interface{ Close() error }{pen, idle, set} {
				ok(t, each.Close())
			}
		}
		for range waits {
			is(t, <-ended, ErrClosed)
		}
		ok(t, disk.Close())
		_, err := pen.TryPublish(nil, 1)
		is(t, err, ErrClosed)
	})
}

// Goroutines do with one of everything whatever they like, at once: no event is lost or comes twice, and the library sees one at a time.
func TestGoroutinesMayUseEverythingAtOnce(t *testing.T) {
	const each, workers = 2000, 4
	kinds(t, func(t *testing.T, ring *Ring) {
		ctx, cancel := context.WithCancel(within(t))
		defer cancel()
		disk := made[*Reader](t)(ring.Consume("disk", Newest))
		defer disk.Close()
		pen := made[*Publisher](t)(ring.Join())
		defer pen.Close()
		set := made[*WaitSet](t)(NewWaitSet())
		defer set.Close()
		failures := make(chan error, 3*workers)
		var publishing, receiving sync.WaitGroup
		var lock sync.Mutex
		seen := make(map[uint64]bool)
		for worker := range uint64(workers) {
			publishing.Go(func() {
				for n := range uint64(each) {
					if _, err := Send(ctx, pen, 1, worker*each+n); err != nil {
						failures <- fmt.Errorf("sending: %w", err)
						return
					}
				}
			})
			receiving.Go(func() {
				values := make([]uint64, 3)
				for {
					count, err := Receive(ctx, disk, values)
					lock.Lock()
					for _, value := range values[:count] {
						if seen[value] {
							failures <- fmt.Errorf("%d came twice", value)
						}
						seen[value] = true
					}
					all := len(seen) == each*workers
					lock.Unlock()
					if all {
						cancel()
					}
					if err != nil {
						if !errors.Is(err, context.Canceled) {
							failures <- fmt.Errorf("receiving: %w", err)
						}
						return
					}
				}
			})
			receiving.Go(func() {
				for ctx.Err() == nil {
					if _, err := set.Wait(ctx, disk); err != nil && !errors.Is(err, context.Canceled) {
						failures <- fmt.Errorf("waiting: %w", err)
						return
					}
					if _, err := disk.Stats(); err != nil {
						failures <- fmt.Errorf("stats: %w", err)
						return
					}
				}
			})
		}
		publishing.Wait()
		receiving.Wait()
		close(failures)
		for err := range failures {
			t.Error(err)
		}
		if len(seen) != each*workers {
			t.Errorf("%d of %d came", len(seen), each*workers)
		}
	})
}

// Wait sets that are given the same readers in other orders do not wait for each other.
func TestWaitSetsMayHaveTheSameReaders(t *testing.T) {
	ring := made[*Ring](t)(New(8, 8, NeverCloses))
	defer ring.Close()
	one := made[*Reader](t)(ring.Consume("", Newest))
	defer one.Close()
	other := made[*Reader](t)(ring.Consume("", Newest))
	defer other.Close()
	pen := made[*Publisher](t)(ring.Join())
	defer pen.Close()
	made[uint64](t)(pen.TryPublish(nil, 1))
	ended := make(chan error)
	for _, readers := range [][]*Reader{{one, other}, {other, one}} {
		set := made[*WaitSet](t)(NewWaitSet())
		go func() {
			for range 20000 {
				if _, err := set.Wait(context.Background(), readers...); err != nil {
					ended <- err
					return
				}
			}
			ended <- set.Close()
		}()
	}
	for range 2 {
		select {
		case err := <-ended:
			ok(t, err)
		case <-time.After(time.Minute):
			t.Fatal("they wait for each other")
		}
	}
}

// What is forgotten is closed by the garbage collector, and nothing is closed under a call.
func TestWhatIsForgottenIsClosed(t *testing.T) {
	before := OpenHandles()
	func() {
		ring := made[*Ring](t)(New(64, 8, NeverCloses))
		pools := made[*Pools](t)(NewPools(Capacities{2, 2, 2, 2, 2}))
		made[*Ring](t)(pools.Ring(S))
		made[*Publisher](t)(ring.Join())
		made[*Reader](t)(ring.Consume("", Newest))
		made[*Reader](t)(ring.Subscribe("", Newest))
		made[*WaitSet](t)(NewWaitSet())
		latest := made[*Latest[uint64]](t)(NewLatest[uint64](1, 1))
		made[*LatestWriter[uint64]](t)(latest.Writer())
		made[*LatestReader[uint64]](t)(latest.Reader())
		if OpenHandles() < before+10 {
			t.Fatal(OpenHandles(), before)
		}
	}()
	soon(t, "that nothing is open", func() bool { runtime.GC(); return OpenHandles() <= before })

	ring := made[*Ring](t)(New(64, 8, NeverCloses))
	defer ring.Close()
	pen := made[*Publisher](t)(ring.Join())
	defer pen.Close()
	ended := make(chan error)
	go func(reader *Reader) { ended <- reader.Read(within(t), NewBatch(1)) }(made[*Reader](t)(ring.Consume("", Newest)))
	for range 20 {
		runtime.GC()
		time.Sleep(5 * time.Millisecond)
	}
	made[uint64](t)(pen.TryPublish(nil, 1))
	ok(t, <-ended)
}

// A slice that was received is the receiver's own: what is published afterwards does not change it.
func TestWhatWasReceivedDoesNotChange(t *testing.T) {
	kinds(t, func(t *testing.T, ring *Ring) {
		disk := made[*Reader](t)(ring.Consume("", Newest))
		pen := made[*Publisher](t)(ring.Join())
		made[uint64](t)(pen.TryPublish([]byte("kept"), 1))
		batch := NewBatch(1)
		ok(t, disk.TryRead(batch))
		kept := batch.At(0).Data
		for range 100 {
			made[uint64](t)(pen.TryPublish([]byte("else"), 1))
			ok(t, disk.TryRead(NewBatch(1)))
		}
		ok(t, disk.Close())
		ok(t, pen.Close())
		ok(t, ring.Close())
		if string(kept) != "kept" || cap(kept) > ring.SlotBytes() {
			t.Fatal(string(kept), cap(kept))
		}
	})
}
