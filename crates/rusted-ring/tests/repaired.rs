//! A Subscriber that has from a history what it would have lost.

use std::{
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread,
    time::{Duration, Instant},
};

use rusted_ring::{
    Bytes, Consumer, HeapRing, HeapTypedRing, Many, Publisher, RingRef, Sequence, SharedRing, Sole, SolePublisher,
    Start, Subscriber,
    ledger::Ledger,
    subscriber::{History, Kept, Lagged, RecvError, Repaired, TryRecvError},
};

/// An event, or what is said instead.
type Said = Result<Vec<u8>, Kept>;

/// What is kept of each sequence; of others, nothing is known yet.
#[derive(Clone, Default)]
struct Memory(Arc<Mutex<BTreeMap<u64, Said>>>);

impl Memory {
    fn keep(&self, sequence: u64, event: &[u8]) {
        self.0.lock().unwrap().insert(sequence, Ok(event.to_vec()));
    }

    fn say(&self, sequence: u64, kept: Kept) {
        self.0.lock().unwrap().insert(sequence, Err(kept));
    }
}

impl History for Memory {
    fn next(&mut self, from: Sequence, to: Sequence, out: &mut [u8]) -> Kept {
        assert!(from < to);
        match self.0.lock().unwrap().get(&from.get()) {
            None => Kept::NotYet,
            Some(Err(kept)) => *kept,
            Some(Ok(event)) => {
                if let Some(out) = out.get_mut(..event.len()) {
                    out.copy_from_slice(event);
                }
                Kept::Event { len: event.len(), event_type: 9 }
            }
        }
    }
}

fn books_balance<R: RingRef, H: History>(reader: &Repaired<R, H>) {
    let ledger = Ledger::of(reader.ring());
    let books = ledger.readers().find(|books| !books.gating).unwrap();
    let sum = books.received + books.repaired + books.lost + books.holes + books.ahead;
    assert_eq!(ledger.claimed() - books.joined, sum, "{books:?}");
    let own = (reader.received(), reader.repaired(), reader.lost(), reader.holes(), reader.lag());
    assert_eq!((books.received, books.repaired, books.lost, books.holes, books.ahead), own);
}

#[test]
fn one_stream_in_order_and_only_what_the_history_lacks_is_lost() {
    let (ring, memory) = (HeapRing::<8>::new(16), Memory::default());
    let mut reader = Subscriber::join(ring.clone(), Start::Newest).repaired_by(memory.clone());
    let publisher = Publisher::join(ring).unwrap();
    for n in 0..100_u64 {
        publisher.publish(&n.to_le_bytes(), 9).unwrap();
        memory.keep(n, &n.to_le_bytes());
    }
    memory.say(20, Kept::Missing(10));
    memory.say(40, Kept::Holes(5));
    drop(publisher);
    let (mut got, mut lost) = (Vec::new(), Vec::new());
    let mut buffer = [0; 8];
    loop {
        match reader.try_read(&mut buffer) {
            Ok(event) => {
                assert_eq!((event.data, event.event_type), (&event.sequence.get().to_le_bytes()[..], 9));
                got.push(event.sequence.get());
            }
            Err(TryRecvError::Lagged(lagged)) => lost.push((lagged.from.get(), lagged.to.get())),
            Err(TryRecvError::Closed) => break,
            Err(other) => panic!("{other}"),
        }
        books_balance(&reader);
    }
    let expected: Vec<u64> = (0..20).chain(30..40).chain(45..100).collect();
    assert_eq!((got, lost), (expected, vec![(20, 30)]));
    assert_eq!((reader.lost(), reader.holes(), reader.laps()), (10, 5, 1));
    assert!(reader.repaired() >= 69 && reader.received() <= 16);
}

#[test]
fn a_history_that_is_behind_is_waited_for() {
    let (ring, memory) = (HeapTypedRing::<u64, Sole>::sole(4), Memory::default());
    let mut reader = Subscriber::join(ring.clone(), Start::Newest).repaired_by(memory.clone());
    let mut publisher = SolePublisher::join(ring).unwrap();
    (0..10).for_each(|n| _ = publisher.send(&n));
    assert_eq!(reader.try_recv(), Err(TryRecvError::Empty));
    assert!(reader.is_repairing());
    let begun = Instant::now();
    assert_eq!(reader.recv_timeout(Duration::from_millis(20)), Err(TryRecvError::Empty));
    assert!(begun.elapsed() >= Duration::from_millis(20));
    books_balance(&reader);
    let keeping = thread::spawn(move || {
        for n in 0..10_u64 {
            thread::sleep(Duration::from_millis(2));
            memory.keep(n, &n.to_le_bytes());
        }
        // Closes the ring, in the middle of the repair as it may be.
        drop(publisher);
    });
    let got: Vec<u64> = std::iter::from_fn(|| reader.recv().ok()).collect();
    assert_eq!(got, (0..10).collect::<Vec<_>>());
    assert!(matches!(reader.recv(), Err(RecvError::Closed)));
    keeping.join().unwrap();
    books_balance(&reader);
}

#[test]
fn it_begins_at_a_sequence_that_the_ring_has_no_more() {
    let (ring, memory) = (HeapTypedRing::<u64>::new(4), Memory::default());
    let publisher = Publisher::join(ring.clone()).unwrap();
    for n in 0..50_u64 {
        publisher.send(&n);
        memory.keep(n, &n.to_le_bytes());
    }
    let mut reader = Subscriber::join(ring, Start::At(Sequence::new(7))).repaired_by(memory);
    let got: Vec<u64> = std::iter::from_fn(|| reader.try_recv().ok()).collect();
    assert_eq!(got, (7..50).collect::<Vec<_>>());
    books_balance(&reader);
}

#[test]
fn what_cannot_be_this_rings_is_lost_and_said() {
    let (ring, memory) = (HeapTypedRing::<u64>::new(4), Memory::default());
    let mut reader = Subscriber::join(ring.clone(), Start::Newest).repaired_by(memory.clone());
    let publisher = Publisher::join(ring).unwrap();
    (0..10).for_each(|n| _ = publisher.send(&n));
    memory.keep(0, b"too long for it");
    memory.keep(1, b"short");
    memory.say(2, Kept::Missing(u64::MAX));
    let lost = |from: u64, to: u64| (Sequence::new(from), Sequence::new(to));
    let until = loop {
        match reader.try_recv() {
            Err(TryRecvError::Lagged(Lagged { from, to, .. })) if from.get() < 2 => {
                assert_eq!((from, to), lost(from.get(), from.get() + 1))
            }
            Err(TryRecvError::Lagged(Lagged { from, to, .. })) => {
                assert_eq!(from.get(), 2);
                break to.get();
            }
            other => panic!("{other:?}"),
        }
    };
    assert!(until <= 10);
    assert_eq!(reader.try_recv(), Ok(until));
    books_balance(&reader);
}

#[test]
fn long_events_come_whole_from_either_side_of_the_seam() {
    let (ring, memory) = (SharedRing::<Bytes<64, 16>, Many>::new(16), Memory::default());
    let mut reader = Subscriber::join(ring.clone(), Start::Newest).repaired_by(memory.clone());
    let publisher = Publisher::join(ring.clone()).unwrap();
    let mut at = Vec::new();
    for n in 0..30_u8 {
        let event = vec![n; 1 + usize::from(n) * 7 % 64];
        let sequence = publisher.publish(&event, 9).unwrap().get();
        memory.keep(sequence, &event);
        at.push((sequence, event));
    }
    drop(publisher);
    // What lies between is of long events, or padding before the ring's end.
    for pair in at.windows(2) {
        let slots = pair[0].1.len().div_ceil(16) as u64;
        let (next, to) = (pair[0].0 + slots, pair[1].0);
        if next < to {
            memory.say(next, Kept::Holes(to - next));
        }
    }
    let mut buffer = [0; 64];
    for (sequence, event) in at {
        let read = reader.try_read(&mut buffer).unwrap();
        assert_eq!((read.sequence.get(), read.data), (sequence, &event[..]));
        books_balance(&reader);
    }
    assert_eq!(reader.try_read(&mut buffer), Err(TryRecvError::Closed));
    assert!(reader.repaired() > 0 && reader.received() > 0 && reader.lost() == 0);
}

/// A journal in memory of all that one Consumer received.
fn keep_all(ring: HeapTypedRing<u64>, memory: Memory) -> thread::JoinHandle<u64> {
    let mut store = Consumer::join(ring, Start::Oldest).unwrap();
    thread::spawn(move || {
        let mut buffer = [0; 8];
        while let Ok(event) = store.copy_into(&mut buffer, Duration::from_secs(30)) {
            memory.keep(event.sequence.get(), event.data);
        }
        store.received()
    })
}

#[test]
fn a_reader_a_hundred_rings_behind_catches_up_while_events_go_on() {
    const CAPACITY: u64 = 64;
    const BEHIND: u64 = 100 * CAPACITY;
    let (ring, memory) = (HeapTypedRing::<u64>::new(CAPACITY as usize), Memory::default());
    let keeping = keep_all(ring.clone(), memory.clone());
    let mut reader = Subscriber::join(ring.clone(), Start::Newest).repaired_by(memory);
    let publisher = Publisher::join(ring.clone()).unwrap();
    let caught_up = Arc::new(AtomicBool::new(false));
    let (asleep, wake) = mpsc::channel();
    let publishing = thread::spawn({
        let caught_up = Arc::clone(&caught_up);
        move || {
            (0..BEHIND).for_each(|n| _ = publisher.send(&n));
            asleep.send(()).unwrap();
            let begun = Instant::now();
            let mut n = BEHIND;
            while !caught_up.load(Ordering::Relaxed) && begun.elapsed() < Duration::from_secs(60) {
                publisher.send(&n);
                n += 1;
            }
            (n, caught_up.load(Ordering::Relaxed))
        }
    });
    wake.recv().unwrap();
    assert!(reader.lag() >= BEHIND);
    let mut expected = 0;
    loop {
        match reader.recv() {
            Ok(n) => assert_eq!(n, expected),
            Err(RecvError::Closed) => break,
            Err(other) => panic!("{other}"),
        }
        expected += 1;
        if !reader.is_repairing() && reader.received() > 0 && expected > BEHIND {
            caught_up.store(true, Ordering::Relaxed);
        }
    }
    let (published, was_caught) = publishing.join().unwrap();
    assert!(was_caught, "it did not come to what the ring has");
    assert_eq!((expected, keeping.join().unwrap()), (published, published));
    assert!(reader.repaired() >= BEHIND - CAPACITY && reader.lost() == 0);
    books_balance(&reader);
}

#[test]
fn what_the_history_forgets_in_the_middle_of_a_repair_is_lost_and_the_rest_is_not() {
    let (ring, memory) = (HeapTypedRing::<u64>::new(4), Memory::default());
    let mut reader = Subscriber::join(ring.clone(), Start::Newest).repaired_by(memory.clone());
    let publisher = Publisher::join(ring).unwrap();
    for n in 0..40_u64 {
        publisher.send(&n);
        memory.keep(n, &n.to_le_bytes());
    }
    (0..10).for_each(|n| assert_eq!(reader.try_recv(), Ok(n)));
    (0..25).for_each(|n| memory.say(n, Kept::Missing(25 - n)));
    let Err(TryRecvError::Lagged(lagged)) = reader.try_recv() else { panic!("nothing was lost") };
    assert_eq!((lagged.from.get(), lagged.to.get()), (10, 25));
    let rest: Vec<u64> = std::iter::from_fn(|| reader.try_recv().ok()).collect();
    assert_eq!(rest, (25..40).collect::<Vec<_>>());
    assert_eq!((reader.lost(), reader.received() + reader.repaired()), (15, 25));
    books_balance(&reader);
}

#[test]
fn a_history_that_panics_leaves_the_reader_where_it_was() {
    struct Angry(Memory, Arc<AtomicBool>);
    impl History for Angry {
        fn next(&mut self, from: Sequence, to: Sequence, out: &mut [u8]) -> Kept {
            let kept = self.0.next(from, to, out);
            assert!(!self.1.load(Ordering::Relaxed), "planted");
            kept
        }

        fn wait(&mut self, _from: Sequence, _timeout: Duration) {
            panic!("planted in a wait");
        }
    }
    let (ring, memory, is_angry) = (HeapTypedRing::<u64>::new(4), Memory::default(), Arc::new(AtomicBool::new(false)));
    let history = Angry(memory.clone(), Arc::clone(&is_angry));
    let mut reader = Subscriber::join(ring.clone(), Start::Newest).repaired_by(history);
    let publisher = Publisher::join(ring).unwrap();
    for n in 0..20_u64 {
        publisher.send(&n);
        memory.keep(n, &n.to_le_bytes());
    }
    memory.0.lock().unwrap().remove(&7);
    let mut panics = 0;
    for n in 0..20 {
        if n == 7 {
            assert!(catch_unwind(AssertUnwindSafe(|| reader.recv())).is_err(), "it waits in the history");
            memory.keep(7, &7_u64.to_le_bytes());
        }
        is_angry.store(n % 3 == 1, Ordering::Relaxed);
        let first = catch_unwind(AssertUnwindSafe(|| reader.try_recv()));
        is_angry.store(false, Ordering::Relaxed);
        books_balance(&reader);
        // What the ring still has comes without the history.
        let event = first.unwrap_or_else(|_| {
            panics += 1;
            reader.try_recv()
        });
        assert_eq!(event, Ok(n));
    }
    assert!(panics > 3);
    assert_eq!(reader.lost(), 0);
}
