// Receives what it can of a ring until the event of type 9, and says what it received: subscriber NAME
package main

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"log"
	"os"
	"time"

	"rustedring"
)

// isWhole says whether the event is a number, and the bytes that follow from it.
func isWhole(data []byte) bool {
	if len(data) < 8 {
		return false
	}
	n := binary.LittleEndian.Uint64(data)
	if uint64(len(data)) != 8+n%49 {
		return false
	}
	for at, each := range data[8:] {
		if each != byte(n*31+uint64(at)) {
			return false
		}
	}
	return true
}

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: subscriber NAME")
	}
	ring, err := rustedring.Open(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	reader, err := ring.Subscribe("go", rustedring.Newest)
	if err != nil {
		log.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	fmt.Println("ready")
	var received, lost, sum, broken, stepsBack, last uint64
	for batch, err := range reader.Batches(ctx, 64) {
		var lagged *rustedring.LaggedError
		if errors.As(err, &lagged) {
			lost += lagged.To - lagged.From
			continue
		}
		if err != nil {
			log.Fatal(err)
		}
		for event := range batch.All() {
			if event.Type == 9 {
				fmt.Printf("received %d lost %d sum %d broken %d back %d\n", received, lost, sum, broken, stepsBack)
				return
			}
			n := binary.LittleEndian.Uint64(event.Data)
			if !isWhole(event.Data) {
				broken++
			}
			if received > 0 && n <= last {
				stepsBack++
			}
			last = n
			sum += n
			received++
		}
	}
}
