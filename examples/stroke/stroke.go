// A pen emits moves and strokes, the disk loses none, and the screen is told what it lost. In Rust: src/main.rs; in C: stroke.c.
package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"log"

	"rustedring"
)

const (
	move   = 1
	stroke = 2
)

// points are points of a stroke, of 12 bytes each, from the point first on.
func points(first, count uint32) []byte {
	var made []byte
	for n := first; n < first+count; n++ {
		for _, part := range []uint32{n * 3 % 1000, n * 7 % 1000, n} {
			made = binary.LittleEndian.AppendUint32(made, part)
		}
	}
	return made
}

// checksum is FNV-1a, so that programs in several languages can say what they read.
func checksum(sum uint64, bytes []byte) uint64 {
	for _, each := range bytes {
		sum = (sum ^ uint64(each)) * 0x00000100000001b3
	}
	return sum
}

const begun uint64 = 0xcbf29ce484222325

// must ends the program, if a call failed that should not.
func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}

func show(pool string, ring *rustedring.Ring) {
	for _, line := range must(ring.Readers()) {
		fmt.Printf("%s: %s received %d, lost %d, holes %d, ahead %d\n", pool, line.Name, line.Received, line.Lost, line.Holes, line.Ahead)
	}
}

func main() {
	pools := must(rustedring.NewPools(rustedring.Capacities{XS: 64, S: 16, M: 8, L: 4, XL: 2}))
	defer pools.Close()
	xs, s := must(pools.Ring(rustedring.XS)), must(pools.Ring(rustedring.S))
	disk := must(s.Consume("disk", rustedring.Newest))
	defer disk.Close()
	screen := must(xs.Subscribe("screen", rustedring.Newest))
	defer screen.Close()

	for n := range uint32(100) {
		if _, _, err := pools.Emit(points(n, 1), move); err != nil {
			log.Fatal(err)
		}
	}
	pool, sequence, err := pools.Emit(points(0, 15), stroke)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("a stroke of 15 points is event %d of pool %d\n", sequence, pool)
	large := points(0, 1500)
	if _, _, err := pools.Emit(large, stroke); errors.Is(err, rustedring.ErrTooLarge) {
		fmt.Printf("a stroke of 1500 points has %d bytes: refused\n", len(large))
	}
	emitted := uint32(1)
	for err == nil {
		if _, _, err = pools.Emit(points(0, 6+emitted%10), stroke); err == nil {
			emitted++
		}
	}
	var full *rustedring.FullError
	if !errors.As(err, &full) || full.Blocker == nil {
		log.Fatal(err)
	}
	fmt.Printf("%d strokes went out, then %s was %d behind\n", emitted, full.Blocker.Name, full.Blocker.Lag)

	count, sum := drain(disk, "disk")
	fmt.Printf("disk: %d strokes, checksum %016x\n", count, sum)
	count, sum = drain(screen, "screen")
	fmt.Printf("screen: %d moves, checksum %016x\n", count, sum)
	show("xs", xs)
	show("s", s)
}

// drain reads all that is ready, and says what was lost.
func drain(reader *rustedring.Reader, name string) (count int, sum uint64) {
	batch := rustedring.NewBatch(32)
	sum = begun
	for {
		err := reader.TryRead(batch)
		var lagged *rustedring.LaggedError
		switch {
		case errors.Is(err, rustedring.ErrEmpty):
			return count, sum
		case errors.As(err, &lagged):
			fmt.Printf("%s: lost %d to %d\n", name, lagged.From, lagged.To)
		case err != nil:
			log.Fatal(err)
		}
		for event := range batch.All() {
			count++
			sum = checksum(sum, event.Data)
		}
	}
}
