// Deals with events from the confirmed place on, and confirms each batch, up to TO: mail JOURNAL RING TO
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"strconv"
	"time"

	"rustedring"
)

func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}

func main() {
	if len(os.Args) != 4 {
		log.Fatal("usage: mail JOURNAL RING TO")
	}
	to := must(strconv.ParseUint(os.Args[3], 10, 64))
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	ring := must(rustedring.Open(os.Args[2]))
	journal := must(rustedring.OpenJournal(os.Args[1], rustedring.JournalOptions{}))
	mail := must(journal.Position("mail"))
	done := must(mail.Confirmed())
	fmt.Println("began", done.Epoch, done.Next)
	if err := journal.Resume(ring, ""); err != nil {
		log.Fatal(err)
	}
	reader := must(journal.Subscribe(ring, "go", done.Next, 0))
	next, room := done.Next, make([]uint64, 16)
	for next < to {
		for _, number := range room[:must(rustedring.Receive(ctx, reader, room))] {
			if number != next {
				log.Fatalf("%d came, and not %d", number, next)
			}
			next++
		}
		if err := mail.Confirm(done.Epoch, next); err != nil {
			log.Fatal(err)
		}
	}
	if err := journal.Stop(); err != nil {
		log.Fatal(err)
	}
	fmt.Println("dealt", next)
}
