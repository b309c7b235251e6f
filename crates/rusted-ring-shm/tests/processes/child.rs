//! What the other process does.

use std::{env, process, thread, time::Duration};

use rusted_ring::{Consumer, Publisher, SolePublisher, Start, Subscriber, consumer, ledger::Ledger};
use rusted_ring_shm::RingFile;

use crate::{LONG, ManyRing, PATH, ROLE, SoleRing};

/// The number of an event, as its bytes.
pub(crate) fn event(n: u64) -> [u8; 8] {
    n.to_le_bytes()
}

fn say(word: &str, more: impl ToString) {
    println!("<{word}> {}", more.to_string());
}

/// Until it is killed.
fn for_ever() -> ! {
    loop {
        thread::sleep(Duration::from_secs(1));
    }
}

#[test]
#[ignore = "what the other tests start as a process"]
fn child() {
    let (Ok(role), Ok(path)) = (env::var(ROLE), env::var(PATH)) else { return };
    // Should the test be gone, nobody else ends this one.
    thread::spawn(|| {
        thread::sleep(2 * LONG);
        process::exit(3);
    });
    let file = RingFile::at(path);
    let (role, count) = role.split_once(' ').unwrap_or((&role, "0"));
    let count: u64 = count.parse().unwrap();
    match role {
        "creates" => creates(&file),
        "holds" => holds(&file),
        "forks" => forks(&file),
        "sleeps" => sleeps(&file),
        "churns" => churns(&file),
        "claims" => claims(&file),
        "counts-unlisted" => counts_unlisted(&file),
        "claims-alone" => claims_alone(&file),
        "publishes" => publishes(&file, count),
        "publishes-late" => publishes_late(&file, count),
        "publishes-alone" => publishes_alone(&file, count),
        "counts" => counts(&file, count),
        "echoes" => echoes(&file, count),
        _ => panic!("nobody is `{role}`"),
    }
}

/// Creates rings, and removes them.
fn creates(file: &RingFile) {
    say("ready", "");
    loop {
        let _: ManyRing = file.create(100).unwrap();
        file.remove().unwrap();
    }
}

/// A Consumer that reads nothing until it is told to, and then all that there is.
fn holds(file: &RingFile) {
    let ring: ManyRing = file.open().unwrap();
    let mut consumer = Consumer::join(ring, Start::Newest).unwrap().named("holds");
    say("ready", "");
    std::io::stdin().read_line(&mut String::new()).unwrap();
    let mut sum = 0;
    while let Ok(event) = consumer.copy_timeout(Duration::from_millis(500)) {
        sum += u64::from_le_bytes(event.bytes().try_into().unwrap());
    }
    say("sum", sum);
    for_ever();
}

/// A Consumer whose process forks: the fork has the same description of the file.
fn forks(file: &RingFile) {
    let ring: ManyRing = file.open().unwrap();
    let consumer = Consumer::join(ring.clone(), Start::Newest).unwrap();
    // SAFETY: the fork takes no lock that another thread may have had, and ends without running anything else of this program.
    match unsafe { libc::fork() } {
        0 => {
            let refused = Consumer::join(ring, Start::Newest).is_err();
            thread::sleep(if refused { LONG } else { Duration::ZERO });
            // SAFETY: it ends the fork, and drops nothing of what is its parent's.
            unsafe { libc::_exit(0) };
        }
        fork => say("ready", fork),
    }
    std::mem::forget(consumer);
    for_ever();
}

/// A Consumer that sleeps until there is an event, and never has one.
fn sleeps(file: &RingFile) {
    let ring: ManyRing = file.open().unwrap();
    let mut consumer = Consumer::join(ring, Start::Newest).unwrap();
    let mut screen = Subscriber::join(consumer.ring().clone(), Start::Newest);
    thread::spawn(move || while screen.recv().is_ok() {});
    say("ready", "");
    assert!(consumer.copy().is_err(), "it was killed before");
}

/// Consumers that join, and leave, without end.
fn churns(file: &RingFile) {
    let ring: ManyRing = file.open().unwrap();
    say("ready", "");
    loop {
        let several: Vec<_> = (0..3).map(|_| Consumer::join(ring.clone(), Start::Oldest)).collect();
        drop(several);
    }
}

/// Two readers of a ring whose table is full.
fn counts_unlisted(file: &RingFile) {
    let ring: ManyRing = file.open().unwrap();
    let _readers = [(); 2].map(|()| Subscriber::join(ring.clone(), Start::Newest));
    say("ready", "");
    for_ever();
}

/// A publisher in the middle of a publish.
fn claims(file: &RingFile) {
    let ring: ManyRing = file.open().unwrap();
    let publisher = Publisher::join(ring).unwrap();
    let mut claim = publisher.claim();
    claim.append(b"half of").unwrap();
    say("ready", claim.sequence());
    for_ever();
}

/// A sole publisher in the middle of its sixth publish.
fn claims_alone(file: &RingFile) {
    let ring: SoleRing = file.open().unwrap();
    let mut publisher = SolePublisher::join(ring).unwrap();
    for n in 0..5 {
        publisher.publish(&event(n), 1).unwrap();
    }
    let mut claim = publisher.claim();
    claim.append(b"half of").unwrap();
    say("ready", "");
    for_ever();
}

/// A publisher of `count` events, which waits where it has to; without a count it does not end.
fn publishes(file: &RingFile, count: u64) {
    let ring: ManyRing = file.open().unwrap();
    let publisher = Publisher::join(ring).unwrap();
    say("ready", "");
    for n in 0..if count == 0 { u64::MAX } else { count } {
        publisher.publish(&event(n), 1).unwrap();
    }
    say("done", "");
    for_ever();
}

/// A publisher whose readers sleep before each event.
fn publishes_late(file: &RingFile, count: u64) {
    let ring: ManyRing = file.open().unwrap();
    let publisher = Publisher::join(ring).unwrap();
    say("ready", "");
    for n in 0..count {
        thread::sleep(Duration::from_millis(100));
        publisher.publish(&event(n), 1).unwrap();
    }
    for_ever();
}

fn publishes_alone(file: &RingFile, count: u64) {
    let ring: SoleRing = file.open().unwrap();
    let mut publisher = SolePublisher::join(ring).unwrap();
    say("ready", "");
    for n in 0..if count == 0 { u64::MAX } else { count } {
        publisher.publish(&event(n), 1).unwrap();
    }
    say("done", "");
    for_ever();
}

/// A Subscriber that reads up to sequence `count`, and then says its books.
fn counts(file: &RingFile, count: u64) {
    let ring: SoleRing = file.open().unwrap();
    let mut reader = Subscriber::join(ring.clone(), Start::Newest).named("counts");
    say("ready", "");
    let mut last = None;
    while reader.next_sequence().get() < count {
        if let Ok(event) = reader.recv_timeout(LONG) {
            let n = u64::from_le_bytes(event.bytes().try_into().unwrap());
            assert!(last < Some(n), "in order, and nothing twice");
            last = Some(n);
        }
    }
    let books = Ledger::of(&ring).readers().find(|books| books.name.as_str() == "counts").unwrap();
    say("books", format!("{} {} {} {}", books.received, books.lost, books.holes, books.ahead));
    for_ever();
}

/// Answers each event of the ring on a second ring beside it.
fn echoes(file: &RingFile, count: u64) {
    let there: ManyRing = file.open().unwrap();
    let back: ManyRing = RingFile::at(file.path().with_extension("back")).open().unwrap();
    let mut consumer = Consumer::join(there, Start::Newest).unwrap();
    let publisher = Publisher::join(back).unwrap();
    say("ready", "");
    for _ in 0..count {
        match consumer.copy_timeout(LONG) {
            Ok(event) => publisher.publish(event.bytes(), event.event_type).unwrap(),
            Err(consumer::TryRecvError::Empty) => panic!("nothing came"),
            Err(error) => panic!("{error}"),
        };
    }
    for_ever();
}
