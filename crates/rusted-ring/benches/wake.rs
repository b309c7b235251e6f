//! What it takes to wake a sleeping reader by its own wait, and by a wait set of 1, 8 and 64 members.
//!
//! `cargo bench -p rusted-ring --bench wake`. An event carries the time at which it was sent to a reader that is asleep by then. For each way
//! three medians: from the sending to the reader's having the event; the sending itself, which wakes; and the reader's processor time
//! for an event, which is to wake, to receive, to look in vain and to fall asleep again.

use std::{
    thread,
    time::{Duration, Instant},
};

use rusted_ring::{HeapTypedRing, Publisher, Start, Subscriber, wait::WaitSet};

type Reader = Subscriber<HeapTypedRing<u64>>;

/// Longer than it takes to fall asleep.
const PAUSE: Duration = Duration::from_micros(400);
const EVENTS: u64 = 500;
const ROUNDS: usize = 5;
/// How many members the set has; none is the reader's own wait.
const WAYS: [(&str, usize); 4] = [("recv", 0), ("set of 1", 1), ("set of 8", 8), ("set of 64", 64)];

/// Medians, in nanoseconds.
struct Figures {
    woken: u64,
    send: u64,
    processor: u64,
}

fn main() {
    let mut all: Vec<(&str, Vec<Figures>)> = WAYS.map(|(name, _)| (name, Vec::new())).into();
    // By turns, so that what else the machine does falls on all.
    for _ in 0..ROUNDS {
        for ((_, figures), (_, members)) in all.iter_mut().zip(WAYS) {
            figures.push(measure(members));
        }
    }
    println!("{:10} {:>12} {:>12} {:>16}", "way", "woken, ns", "send, ns", "processor, ns");
    for (name, figures) in &all {
        let of = |part: fn(&Figures) -> u64| median(figures.iter().map(part).collect());
        let (woken, send, processor) = (of(|f| f.woken), of(|f| f.send), of(|f| f.processor));
        println!("{name:10} {woken:>12} {send:>12} {processor:>16}");
    }
}

/// One round: the reader waits for itself, or is the last of `members` in a set.
fn measure(members: usize) -> Figures {
    let rings: Vec<HeapTypedRing<u64>> = (0..members.max(1)).map(|_| HeapTypedRing::new(EVENTS as usize)).collect();
    let mut readers: Vec<Reader> = rings.iter().map(|ring| Subscriber::join(ring.clone(), Start::Newest)).collect();
    let publishers: Vec<_> = rings.into_iter().map(|ring| Publisher::join(ring).expect("it is open")).collect();
    let last = readers.len() - 1;
    let begun = Instant::now();
    let now = move || begun.elapsed().as_nanos() as u64;
    thread::scope(|scope| {
        let reading = scope.spawn(move || {
            let mut set = WaitSet::new();
            let before = processor_time();
            let woken = (0..EVENTS).map(|_| {
                let sent = match members {
                    0 => readers[last].recv().expect("an event"),
                    _ => {
                        assert_eq!(set.wait(&mut readers), last);
                        readers[last].try_recv().expect("it is ready")
                    }
                };
                now() - sent
            });
            let woken = median(woken.collect());
            (woken, (processor_time() - before).as_nanos() as u64 / EVENTS)
        });
        let send = (0..EVENTS).map(|_| {
            thread::sleep(PAUSE);
            let sent = now();
            publishers[last].send(&sent);
            now() - sent
        });
        let send = median(send.collect());
        let (woken, processor) = reading.join().expect("it does not panic");
        Figures { woken, send, processor }
    })
}

fn median(mut figures: Vec<u64>) -> u64 {
    figures.sort_unstable();
    figures[figures.len() / 2]
}

/// What this thread has used of the processor.
#[cfg(target_os = "linux")]
fn processor_time() -> Duration {
    let used = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(used.tv_sec as u64, used.tv_nsec as u32)
}

/// Not measured here.
#[cfg(not(target_os = "linux"))]
fn processor_time() -> Duration {
    Duration::ZERO
}
