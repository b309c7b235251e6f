package rustedring_test

import (
	"context"
	"fmt"
	"log"
	"os"

	"rustedring"
)

type point struct{ X, Y float32 }

func Example() {
	ctx := context.Background()
	ring, err := rustedring.NewOf[point](1024, rustedring.Many)
	if err != nil {
		log.Fatal(err)
	}
	disk, err := ring.Consume("disk", rustedring.Newest)
	if err != nil {
		log.Fatal(err)
	}
	defer disk.Close()
	pen, err := ring.Join()
	if err != nil {
		log.Fatal(err)
	}
	if _, err := rustedring.Send(ctx, pen, 1, point{1, 2}, point{3, 4}); err != nil {
		log.Fatal(err)
	}
	path := make([]point, 64)
	count, err := rustedring.Receive(ctx, disk, path)
	fmt.Println(path[:count], err)
	// Output: [{1 2} {3 4}] <nil>
}

func ExampleReader_Batches() {
	ctx := context.Background()
	ring, err := rustedring.New(64, 4, rustedring.Many)
	if err != nil {
		log.Fatal(err)
	}
	screen, err := ring.Subscribe("screen", rustedring.Newest)
	if err != nil {
		log.Fatal(err)
	}
	defer screen.Close()
	pen, err := ring.Join()
	if err != nil {
		log.Fatal(err)
	}
	for n := range 6 {
		if _, err := pen.TryPublish(fmt.Appendf(nil, "move %d", n), 1); err != nil {
			log.Fatal(err)
		}
	}
	// The last publisher leaves: the ring closes, and the loop ends.
	pen.Close()
	for batch, err := range screen.Batches(ctx, 64) {
		if err != nil {
			fmt.Println(err)
		}
		for event := range batch.All() {
			fmt.Printf("event %d: %s\n", event.Sequence, event.Data)
		}
	}
	// Output:
	// rusted-ring: LAGGED: the events 0 to 1 are lost to this Subscriber: they were overwritten, or its journal has them no more; the next call goes on at 2
	// event 2: move 2
	// event 3: move 3
	// event 4: move 4
	// event 5: move 5
}

func ExampleJournal() {
	ctx := context.Background()
	directory, err := os.MkdirTemp("", "kept")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(directory)
	ring, err := rustedring.New(64, 4, rustedring.Sole)
	if err != nil {
		log.Fatal(err)
	}
	pen, err := ring.Join()
	if err != nil {
		log.Fatal(err)
	}
	// What this program does each time that it is started.
	mailed := func(until uint64) {
		journal, err := rustedring.OpenJournal(directory, rustedring.JournalOptions{})
		if err != nil {
			log.Fatal(err)
		}
		defer journal.Close()
		if err := journal.Resume(ring, ""); err != nil {
			log.Fatal(err)
		}
		mail, err := journal.Position("mail")
		if err != nil {
			log.Fatal(err)
		}
		defer mail.Close()
		done, err := mail.Confirmed()
		if err != nil {
			log.Fatal(err)
		}
		from := uint64(rustedring.Oldest)
		if done.Epoch != 0 {
			from = done.Next
		}
		reader, err := journal.Subscribe(ring, "mail", from, 0)
		if err != nil {
			log.Fatal(err)
		}
		defer reader.Close()
		for next, batch := from, rustedring.NewBatch(2); next != until; {
			if err := reader.Read(ctx, batch); err != nil {
				log.Fatal(err)
			}
			for event := range batch.All() {
				fmt.Println(event.Sequence, string(event.Data))
				next = event.Sequence + 1
			}
			stats, err := journal.Stats()
			if err != nil {
				log.Fatal(err)
			}
			if err := mail.Confirm(stats.Epoch, next); err != nil {
				log.Fatal(err)
			}
		}
	}
	for n := range 2 {
		if _, err := pen.TryPublish(fmt.Appendf(nil, "order %d", n), 1); err != nil {
			log.Fatal(err)
		}
	}
	mailed(2)
	if _, err := pen.TryPublish([]byte("order 2"), 1); err != nil {
		log.Fatal(err)
	}
	mailed(3)
	// Output:
	// 0 order 0
	// 1 order 1
	// 2 order 2
}
