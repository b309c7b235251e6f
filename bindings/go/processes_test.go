package rustedring

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// The variable in which a test tells a process of this program which ring it is to publish to.
const toPublish = "RUSTED_RING_TEST_PUBLISH"

func TestMain(m *testing.M) {
	if path := os.Getenv(toPublish); path != "" {
		if err := publishUntilKilled(path); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	if directory := os.Getenv(toDeal); directory != "" {
		fmt.Fprintln(os.Stderr, dealUntilKilled(directory))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// publishUntilKilled publishes 0, 1, 2 and so on, for a minute at most.
func publishUntilKilled(path string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	ring, err := Open(path)
	if err != nil {
		return err
	}
	pen, err := ring.Join()
	if err != nil {
		return err
	}
	for n := uint64(0); ; n++ {
		if _, err := Send(ctx, pen, 1, n); err != nil {
			return err
		}
	}
}

// rring is the command line of the workspace, as RUSTED_RING_RRING says where it is, or where `cargo build --package rring` puts it.
func rring(t *testing.T, arguments ...string) *exec.Cmd {
	program := os.Getenv("RUSTED_RING_RRING")
	if program == "" {
		program = "../../target/debug/rring"
	}
	if _, err := os.Stat(program); err != nil {
		t.Fatalf("rring is not there: run `cargo build --package rring`, or set RUSTED_RING_RRING to its path: %v", err)
	}
	return exec.CommandContext(within(t), program, arguments...)
}

// output runs a command to its successful end.
func output(t *testing.T, command *exec.Cmd) string {
	t.Helper()
	var complaints strings.Builder
	command.Stderr = &complaints
	text, err := command.Output()
	if err != nil {
		t.Fatalf("%v: %v: %s", command, err, complaints.String())
	}
	return string(text)
}

func balances(t *testing.T, ring *Ring, readers int) []ReaderLine {
	t.Helper()
	stats := made[Stats](t)(ring.Stats())
	lines := made[[]ReaderLine](t)(ring.Readers())
	if len(lines) != readers {
		t.Fatal(lines, stats)
	}
	for _, line := range lines {
		if stats.Claimed-line.Joined != line.Received+line.Repaired+line.Lost+line.Holes+line.Shared+line.Ahead {
			t.Fatal(line, stats)
		}
	}
	return lines
}

// A process in Rust publishes, and one in Go consumes and answers; a third, in Rust, reads the answers. All see the same bytes and books.
func TestProcessesInRustAndGoShareARing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ring")
	ring := made[*Ring](t)(Create(path, 64, 64, Many))
	defer ring.Close()
	disk := made[*Reader](t)(ring.Consume("disk", Newest))
	defer disk.Close()
	const lines = 1000
	line := func(n uint64) string { return fmt.Sprintf("line %d, %x", n, n*0x9e3779b97f4a7c15) }
	command := rring(t, "pub", path, "--type", "7")
	input, write := io.Pipe()
	command.Stdin = input
	go func() {
		for n := range uint64(lines) {
			fmt.Fprintln(write, line(n))
		}
		write.Close()
	}()
	said := make(chan error)
	go func() { said <- command.Run() }()
	received := uint64(0)
	for batch, err := range disk.Batches(within(t), 16) {
		ok(t, err)
		for event := range batch.All() {
			if string(event.Data) != line(received) || event.Type != 7 || event.Sequence != received {
				t.Fatalf("%q of type %d at %d, and not %q", event.Data, event.Type, event.Sequence, line(received))
			}
			received++
		}
		if received == lines {
			break
		}
	}
	ok(t, <-said)
	pen := made[*Publisher](t)(ring.Join())
	defer pen.Close()
	made[int](t)(pen.PublishBatch(within(t), []Message{{8, []byte("answer\tone")}, {9, []byte("π")}}))
	text := output(t, rring(t, "tap", path, "--from", fmt.Sprint(lines)))
	if text != "1000\t8\tanswer\\tone\n1001\t9\tπ\n" {
		t.Fatalf("%q", text)
	}
	ok(t, disk.Read(within(t), NewBatch(2)))
	var shown struct {
		Claimed uint64
		Readers []struct {
			Name     string
			Received uint64
			Process  int
		}
	}
	ok(t, json.Unmarshal([]byte(output(t, rring(t, "stat", path, "--json"))), &shown))
	if shown.Claimed != lines+2 || len(shown.Readers) != 1 || shown.Readers[0].Name != "disk" || shown.Readers[0].Received != lines+2 {
		t.Fatalf("%+v", shown)
	}
	if mine := balances(t, ring, 1)[0]; mine.Received != lines+2 || mine.Ahead != 0 || !mine.Gating {
		t.Fatalf("%+v", mine)
	}
}

// A process in Go is killed while it publishes. What it published is there, once and in order, the books balance, and others go on.
func TestAPublisherThatIsKilledLeavesARingThatWorks(t *testing.T) {
	for _, mode := range []Mode{Many, Sole} {
		t.Run(fmt.Sprint("mode ", mode), func(t *testing.T) {
			for range 5 {
				killOne(t, mode)
			}
		})
	}
}

func killOne(t *testing.T, mode Mode) {
	path := filepath.Join(t.TempDir(), "ring")
	ring := made[*Ring](t)(Create(path, 8, 64, mode))
	defer ring.Close()
	disk := made[*Reader](t)(ring.Consume("disk", Newest))
	defer disk.Close()
	child := exec.CommandContext(within(t), made[string](t)(os.Executable()))
	child.Env = append(os.Environ(), toPublish+"="+path)
	complaints := made[io.ReadCloser](t)(child.StderrPipe())
	ok(t, child.Start())
	batch := NewBatch(16)
	received := uint64(0)
	count := func() {
		for event := range batch.All() {
			if number := binary.NativeEndian.Uint64(event.Data); number != received {
				t.Fatalf("%d at %d, and not %d", number, event.Sequence, received)
			}
			received++
		}
	}
	for received < 5000 {
		ok(t, disk.Read(within(t), batch))
		count()
	}
	ok(t, child.Process.Kill())
	if line, _ := bufio.NewReader(complaints).ReadString('\n'); line != "" {
		t.Fatal("the process complained: ", line)
	}
	child.Wait()
	if child.ProcessState.Exited() {
		t.Fatal("the process was not killed: ", child.ProcessState)
	}
	// All that it published comes, and then what this process publishes.
	pen := made[*Publisher](t)(ring.Join())
	defer pen.Close()
	end := make(chan error)
	go func() { _, err := pen.Publish(within(t), []byte("theend"), 2); end <- err }()
	for done := false; !done; {
		ok(t, disk.Read(within(t), batch))
		if done = batch.At(batch.Len()-1).Type == 2; done {
			batch.count--
		}
		count()
	}
	ok(t, <-end)
	line := balances(t, ring, 1)[0]
	if line.Received != received+1 || line.Lost != 0 || line.Ahead != 0 || line.Holes > 1 {
		t.Fatalf("%+v after %d", line, received)
	}
}
