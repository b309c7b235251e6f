//! A reader sleeps through ten laps of its ring, and loses nothing: `cargo run --release --example self_healing`.
//!
//! Two Subscribers fall asleep on the same ring. One is repaired by a journal, the other is told of its loss. While both catch up, events go
//! on. Afterwards the ledger's books are shown, and must balance.

use std::{
    error::Error,
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use rusted_ring::{
    Consumer, HeapTypedRing, Publisher, Start, Subscriber,
    ledger::Ledger,
    subscriber::{RecvError, TryRecvError},
};
use rusted_ring_journal::{Journal, Options};

const CAPACITY: u64 = 4096;
const ASLEEP: u64 = 10 * CAPACITY;

fn main() -> Result<(), Box<dyn Error>> {
    let directory = std::env::temp_dir().join(format!("self_healing-{}", std::process::id()));
    let ring = HeapTypedRing::<u64>::new(CAPACITY as usize);
    let journal = Journal::open(&directory, Options::default())?;
    let recording = journal.record(Consumer::join(ring.clone(), Start::Oldest)?.named("journal"))?;

    let healing = Subscriber::join(ring.clone(), Start::Newest).named("repaired");
    let mut healing = healing.repaired_by(recording.history());
    let mut losing = Subscriber::join(ring.clone(), Start::Newest).named("not repaired");

    // Both sleep.
    let publisher = Publisher::join(ring.clone())?;
    (0..ASLEEP).for_each(|n| _ = publisher.send(&n));
    println!("the readers slept through {} laps of {CAPACITY} events", healing.lag() / CAPACITY);

    // Both wake up. Events go on until the repaired one has read from the ring again.
    let is_live = AtomicBool::new(false);
    let published = thread::scope(|scope| {
        let publishing = scope.spawn(|| {
            let mut n = ASLEEP;
            while n < 2 * ASLEEP || (!is_live.load(Ordering::Relaxed) && n < 5_000_000) {
                publisher.send(&n);
                n += 1;
            }
            drop(publisher); // the ring closes
            n
        });
        let mut expected = 0;
        loop {
            match healing.recv() {
                Ok(n) => assert_eq!(n, expected, "one stream, in order, nothing twice"),
                Err(RecvError::Closed) => break,
                Err(other) => panic!("{other}"),
            }
            expected += 1;
            if healing.received() > 0 && !healing.is_repairing() {
                is_live.store(true, Ordering::Relaxed);
            }
        }
        publishing.join().expect("it does not panic")
    });
    while !matches!(losing.try_recv(), Err(TryRecvError::Closed)) {}

    println!("{published} events were published\n");
    println!("{:<14}{:>10}{:>10}{:>10}{:>8}{:>8}", "reader", "received", "repaired", "lost", "holes", "ahead");
    for reader in Ledger::of(&ring).readers().filter(|reader| !reader.gating) {
        let parts = [reader.received, reader.repaired, reader.lost, reader.holes, reader.ahead];
        let [received, repaired, lost, holes, ahead] = parts;
        println!("{:<14}{received:>10}{repaired:>10}{lost:>10}{holes:>8}{ahead:>8}", reader.name.as_str());
        assert_eq!(parts.iter().sum::<u64>(), published, "the books balance");
    }
    assert_eq!(healing.lost(), 0);
    println!(
        "\nclaimed = received + repaired + lost + holes + ahead, for both: {} lost, {} repaired",
        healing.lost(),
        healing.repaired()
    );
    recording.stop()?;
    std::fs::remove_dir_all(&directory)?;
    Ok(())
}
