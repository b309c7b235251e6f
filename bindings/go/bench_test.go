package rustedring

import (
	"context"
	"fmt"
	"testing"
)

// Of 64 bytes, as in the benches of the other languages; ns/op is for one event, save that of the empty call.
type event [8]uint64

const (
	benchSlots = 1024
	benchBatch = 64
)

func BenchmarkEmptyCall(b *testing.B) {
	for b.Loop() {
		abiVersion()
	}
}

func benchPublisher(b *testing.B, mode Mode) *Publisher {
	ring := made[*Ring](b)(NewOf[event](benchSlots, mode))
	pen := made[*Publisher](b)(ring.Join())
	b.Cleanup(func() { pen.Close(); ring.Close() })
	b.ReportAllocs()
	return pen
}

func BenchmarkPublish(b *testing.B) {
	for name, mode := range map[string]Mode{"many": Many, "sole": Sole} {
		b.Run(name+"/one", func(b *testing.B) {
			pen, bytes := benchPublisher(b, mode), make([]byte, 64)
			for b.Loop() {
				if _, err := pen.TryPublish(bytes, 1); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(name+"/values", func(b *testing.B) {
			pen, values := benchPublisher(b, mode), make([]event, benchBatch)
			for left := b.N; left > 0; left -= benchBatch {
				if _, err := Send(context.Background(), pen, 1, values[:min(left, benchBatch)]...); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(name+"/messages", func(b *testing.B) {
			pen, messages := benchPublisher(b, mode), make([]Message, benchBatch)
			for index := range messages {
				messages[index].Data = make([]byte, 64)
			}
			for left := b.N; left > 0; left -= benchBatch {
				if _, err := pen.PublishBatch(context.Background(), messages[:min(left, benchBatch)]); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// Every event goes to each of some readers: on a ring to Consumers, in batches; by channels, with a send to each.
func BenchmarkBroadcast(b *testing.B) {
	for _, readers := range []int{1, 3} {
		b.Run(fmt.Sprint("ring/", readers), func(b *testing.B) {
			ring := made[*Ring](b)(NewOf[event](benchSlots, Many))
			defer ring.Close()
			ended := make(chan error, readers)
			for range readers {
				reader := made[*Reader](b)(ring.Consume("", Newest))
				go func() {
					defer reader.Close()
					ended <- receive(reader, b.N)
				}()
			}
			pen := made[*Publisher](b)(ring.Join())
			defer pen.Close()
			values := make([]event, benchBatch)
			for left := b.N; left > 0; left -= benchBatch {
				made[int](b)(Send(context.Background(), pen, 1, values[:min(left, benchBatch)]...))
			}
			for range readers {
				ok(b, <-ended)
			}
		})
		b.Run(fmt.Sprint("channels/", readers), func(b *testing.B) {
			channels := make([]chan event, readers)
			ended := make(chan error, readers)
			for index := range channels {
				channels[index] = make(chan event, benchSlots)
				go func() {
					for range channels[index] {
					}
					ended <- nil
				}()
			}
			var value event
			for range b.N {
				for _, channel := range channels {
					channel <- value
				}
			}
			for _, channel := range channels {
				close(channel)
			}
			for range readers {
				ok(b, <-ended)
			}
		})
	}
}

// receive receives so many values, and nothing else.
func receive(reader *Reader, values int) error {
	into := make([]event, benchBatch)
	for received := 0; received < values; {
		count, err := Receive(context.Background(), reader, into)
		if err != nil {
			return err
		}
		received += count
	}
	return nil
}
