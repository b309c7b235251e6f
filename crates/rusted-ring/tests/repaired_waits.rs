//! Repaired readers in wait sets and tasks: what the history lacks is waited for there, and nobody else is kept waiting.
#![cfg(feature = "async")]

#[path = "common/block_on.rs"]
mod block_on;

use std::{
    collections::BTreeMap,
    future::{Future, poll_fn},
    pin::{Pin, pin},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    task::{Context, Poll, Wake, Waker},
    thread,
    time::{Duration, Instant},
};

use block_on::block_on;
use futures_core::Stream;
use rusted_ring::{
    Consumer, HeapTypedRing, Publisher, Sequence, Start, Subscriber,
    subscriber::{History, Kept, RecvError, Repaired, TryRecvError},
    wait::{WaitSet, Waitable},
};

/// Longer than anything takes that does not hang.
const LONG: Duration = Duration::from_secs(60);

/// What is kept of each sequence, who waits for more, and how often it was asked.
#[derive(Clone, Default)]
struct Memory(Arc<Mutex<Kepts>>, Arc<AtomicUsize>);

type Kepts = (BTreeMap<u64, Kept>, Option<Waker>);

const EVENT: Kept = Kept::Event { len: 8, event_type: 0 };

impl Memory {
    /// Keeps this of a sequence, and wakes who waits.
    fn say(&self, sequence: u64, kept: Kept) {
        let waker = {
            let mut memory = self.0.lock().unwrap();
            memory.0.insert(sequence, kept);
            memory.1.take()
        };
        waker.into_iter().for_each(Waker::wake);
    }

    fn keep(&self, sequences: std::ops::Range<u64>) {
        sequences.for_each(|sequence| self.say(sequence, EVENT));
    }

    /// How often it was asked.
    fn asked(&self) -> usize {
        self.1.load(Relaxed)
    }
}

impl History for Memory {
    fn next(&mut self, from: Sequence, to: Sequence, out: &mut [u8]) -> Kept {
        assert!(from < to);
        self.1.fetch_add(1, Relaxed);
        let kept = self.0.lock().unwrap().0.get(&from.get()).copied().unwrap_or(Kept::NotYet);
        if kept == EVENT {
            out.copy_from_slice(&from.get().to_le_bytes());
        }
        kept
    }

    fn register(&mut self, _from: Sequence, waker: &Waker) -> bool {
        self.0.lock().unwrap().1 = Some(waker.clone());
        true
    }
}

/// The same, without a waking.
struct Silent(Memory);

impl History for Silent {
    fn next(&mut self, from: Sequence, to: Sequence, out: &mut [u8]) -> Kept {
        self.0.next(from, to, out)
    }
}

type Ring = HeapTypedRing<u64>;

/// A reader that 100 events, each its own number, have overtaken on a ring of 16, and the ring's publisher.
fn overtaken<H: History>(history: H) -> (Repaired<Ring, H>, Publisher<Ring>) {
    let ring = Ring::new(16);
    let reader = Subscriber::join(ring.clone(), Start::Newest).repaired_by(history);
    let publisher = Publisher::join(ring).unwrap();
    (0..100).for_each(|n| _ = publisher.send(&n));
    (reader, publisher)
}

#[test]
fn a_set_finds_a_repaired_reader_ready_exactly_when_it_has_an_answer() {
    let memory = Memory::default();
    let (mut reader, publisher) = overtaken(memory.clone());
    let mut set = WaitSet::new();
    let mut is_ready = |reader: &mut Repaired<Ring, Memory>| set.try_wait(&mut [reader.member()]).is_some();
    assert!(!is_ready(&mut reader), "the history is behind");
    assert_eq!(reader.try_recv(), Err(TryRecvError::Empty));
    memory.say(0, EVENT);
    assert!(is_ready(&mut reader) && is_ready(&mut reader), "a look takes nothing");
    assert_eq!(reader.try_recv(), Ok(0));
    memory.say(1, Kept::Holes(4));
    assert!(!is_ready(&mut reader), "nothing behind the holes");
    memory.say(5, Kept::Missing(2));
    assert!(is_ready(&mut reader), "a loss is to be told");
    let Err(TryRecvError::Lagged(lagged)) = reader.try_recv() else { panic!("nothing was lost") };
    assert_eq!((lagged.from.get(), lagged.to.get()), (5, 7));
    memory.keep(7..100);
    while is_ready(&mut reader) {
        reader.try_recv().unwrap();
    }
    assert_eq!((reader.next_sequence().get(), reader.lost(), reader.holes()), (100, 2, 4));
    assert_eq!(reader.received() + reader.repaired(), 94);
    publisher.send(&100);
    assert!(is_ready(&mut reader));
    assert_eq!(reader.try_recv(), Ok(100));
    drop(publisher);
    assert!(is_ready(&mut reader), "the end is an answer");
    assert_eq!(reader.try_recv(), Err(TryRecvError::Closed));
}

#[test]
fn a_set_sleeps_until_the_history_has_what_is_wanted_and_events_of_the_ring_do_not_wake_it() {
    let memory = Memory::default();
    let (mut reader, publisher) = overtaken(memory.clone());
    let asked = |memory: &Memory| memory.asked();
    thread::scope(|scope| {
        let history = memory.clone();
        scope.spawn(move || {
            thread::sleep(Duration::from_millis(50));
            for n in 100..110 {
                publisher.send(&n);
                thread::sleep(Duration::from_millis(5));
            }
            let before = asked(&history);
            assert!(before < 10, "asked {before} times, and nothing had come");
            history.say(0, EVENT);
            thread::sleep(Duration::from_millis(50));
            drop(publisher);
        });
        let begun = Instant::now();
        assert_eq!(WaitSet::new().wait_timeout(&mut [reader.member()], LONG), Some(0));
        assert!(begun.elapsed() < LONG / 2, "a waking was lost");
        assert_eq!(reader.try_recv(), Ok(0));
    });
}

#[test]
fn a_set_is_fair_to_readers_that_are_repaired_and_readers_that_are_not() {
    let memory = Memory::default();
    memory.keep(0..100);
    let ((mut one, _one), (mut other, _other)) = (overtaken(memory.clone()), overtaken(memory));
    let ring = Ring::new(128);
    let mut plain = Consumer::join(ring.clone(), Start::Newest).unwrap();
    let publisher = Publisher::join(ring).unwrap();
    (0..100).for_each(|n| _ = publisher.send(&n));
    let mut set = WaitSet::new();
    for n in 0..100 {
        let mut turns: Vec<usize> = (0..3)
            .map(|_| {
                let ready = set.wait(&mut [one.member(), plain.member(), other.member()]);
                match ready {
                    0 => assert_eq!(one.try_recv(), Ok(n)),
                    1 => assert_eq!(*plain.try_recv().unwrap(), n),
                    _ => assert_eq!(other.try_recv(), Ok(n)),
                }
                ready
            })
            .collect();
        turns.sort_unstable();
        assert_eq!(turns, [0, 1, 2], "in round {n}");
    }
}

#[test]
fn a_history_that_wakes_nobody_is_asked_again_in_a_set_and_in_a_task() {
    for in_a_task in [false, true] {
        let memory = Memory::default();
        let (mut reader, _publisher) = overtaken(Silent(memory.clone()));
        thread::scope(|scope| {
            scope.spawn(|| {
                thread::sleep(Duration::from_millis(20));
                memory.say(0, EVENT);
            });
            if in_a_task {
                assert_eq!(block_on(reader.into_async().recv()), Ok(0));
            } else {
                assert_eq!(WaitSet::new().wait_timeout(&mut [reader.member()], LONG), Some(0));
                assert_eq!(reader.try_recv(), Ok(0));
            }
        });
    }
}

#[test]
fn a_task_has_one_stream_while_the_history_comes_after_the_ring() {
    let memory = Memory::default();
    let ring = Ring::new(16);
    let mut reader = Subscriber::join(ring.clone(), Start::Newest).repaired_by(memory.clone()).into_async();
    let mut store = Consumer::join(ring.clone(), Start::Newest).unwrap();
    let publisher = Publisher::join(ring).unwrap();
    let writing = thread::spawn(move || {
        while let Ok(event) = store.recv() {
            memory.say(*event, EVENT);
        }
    });
    let publishing = thread::spawn(move || (0..20_000).for_each(|n| _ = publisher.send(&n)));
    for n in 0..10_000 {
        assert_eq!(block_on(reader.recv()), Ok(n));
    }
    let mut next = || block_on(poll_fn(|context| Pin::new(&mut reader).poll_next(context)));
    for n in 10_000..20_000 {
        assert_eq!(next(), Some(Ok(n)));
    }
    assert_eq!(next(), None);
    publishing.join().unwrap();
    writing.join().unwrap();
    assert_eq!(block_on(reader.recv()), Err(RecvError::Closed));
    assert_eq!((reader.received() + reader.repaired(), reader.lost(), reader.lag()), (20_000, 0, 0));
}

#[test]
fn a_receive_that_is_dropped_has_received_nothing_and_a_set_of_tasks_finds_the_event() {
    struct Woken(AtomicUsize);

    impl Wake for Woken {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Relaxed);
        }
    }

    let memory = Memory::default();
    let (reader, _publisher) = overtaken(memory.clone());
    let mut reader = reader.into_async();
    let woken = Arc::new(Woken(AtomicUsize::new(0)));
    let waker = Waker::from(woken.clone());
    let poll = |future: Pin<&mut dyn Future<Output = _>>| future.poll(&mut Context::from_waker(&waker));
    assert_eq!(poll(pin!(reader.recv())), Poll::Pending);
    memory.keep(0..2);
    assert_eq!(woken.0.load(Relaxed), 1);
    assert_eq!(poll(pin!(reader.recv())), Poll::Ready(Ok(0)));
    let mut readers = [reader];
    assert_eq!(block_on(WaitSet::new().into_async().wait(&mut readers)), 0);
    assert_eq!(readers[0].try_recv(), Ok(1));
}
