//! One stream, three actors: storage must not lose a stroke, network and analytics must not hold up the pen.

use std::{thread, time::Duration};

use rusted_ring::{
    Closing, Consumer, Many, Publisher, RingBuffer, Subscriber,
    ledger::Ledger,
    subscriber::RecvError::{Closed, Lagged},
};

const STROKES: u64 = 200_000;

type Strokes = RingBuffer<256, 1024, Many, Closing>;

static RING: Strokes = RingBuffer::closing();

/// What an actor counted itself.
struct Seen {
    name: &'static str,
    received: u64,
    lost: u64,
}

/// Lossless, and in place: the event is lent, not copied. While storage is behind, the pen waits.
fn storage(mut strokes: Consumer<&'static Strokes>) -> Seen {
    let mut received = 0;
    while let Ok(stroke) = strokes.recv() {
        assert_eq!(stroke[..8], u64::to_le_bytes(received));
        received += 1;
    }
    Seen { name: "storage", received, lost: 0 }
}

/// Lossy: a slow actor is told of each gap where it happens, and goes on.
fn lossy(name: &'static str, mut strokes: Subscriber<&'static Strokes>, pause: Duration) -> Seen {
    let mut seen = Seen { name, received: 0, lost: 0 };
    loop {
        match strokes.recv() {
            Ok(_stroke) => seen.received += 1,
            Err(Lagged(gap)) => seen.lost += gap.count(),
            Err(Closed) => return seen,
            Err(error) => panic!("{error}"),
        }
        if seen.received.is_multiple_of(500) {
            thread::sleep(pause);
        }
    }
}

fn main() {
    let disk = Consumer::new(&RING).expect("the table of readers has room").named("storage");
    let network = Subscriber::new(&RING).named("network");
    let analytics = Subscriber::new(&RING).named("analytics");
    for reader in Ledger::of(disk.ring()).readers() {
        println!("{:<10} {}", reader.name, if reader.gating { "gates the publishers" } else { "is never waited for" });
    }
    let actors = [
        thread::spawn(move || storage(disk)),
        thread::spawn(move || lossy("network", network, Duration::ZERO)),
        thread::spawn(move || lossy("analytics", analytics, Duration::from_millis(5))),
    ];

    let pen = Publisher::join(&RING).unwrap();
    for n in 0..STROKES {
        pen.publish(&n.to_le_bytes(), 1).expect("a stroke fits its slot");
    }
    drop(pen); // the last publisher: the ring closes, and every actor finishes

    for actor in actors {
        let Seen { name, received, lost } = actor.join().expect("an actor ended");
        println!("{name:<10} received {received:>6} + lost {lost:>6} = {STROKES} published");
        assert_eq!(received + lost, STROKES);
    }
}
