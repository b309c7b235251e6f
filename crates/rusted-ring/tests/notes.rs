//! What stages note beside an event, in its own slot.

#![cfg(feature = "std")]

use std::{
    sync::{
        Arc,
        atomic::{AtomicU8, AtomicU16, AtomicU32, AtomicU64, Ordering::Relaxed},
    },
    thread,
    time::Duration,
};

use rusted_ring::{
    Consumer, HeapNotedRing, Mode, Notes, PlacedRing, Publisher, RingRef, Sequence, SharedRing, Sole, SolePublisher,
    Start, Subscriber, Typed,
    bytemuck::{AnyBitPattern, NoUninit, bytes_of, bytes_of_mut},
    subscriber::TryRecvError,
    topology::Topology,
    wait::WaitStrategy,
};

const CAPACITY: usize = 5;

/// A value of which every byte tells `number`.
fn of<T: AnyBitPattern + NoUninit>(number: u64) -> T {
    let mut value = T::zeroed();
    bytes_of_mut(&mut value)
        .iter_mut()
        .enumerate()
        .for_each(|(index, byte)| *byte = (number as u8).wrapping_add(index as u8) | 1);
    value
}

/// Publishes and receives `laps` laps, one by one and in batches; each event is whole, and what was noted in its slot a lap ago is
/// still there.
fn go_round<T, N, R>(ring: R, note: impl Fn(&N, u64), noted: impl Fn(&N) -> u64)
where
    T: AnyBitPattern + NoUninit + Send + Sync,
    N: Notes,
    R: RingRef<Mode = Sole, Slot = Typed<T, N>>,
{
    let mut consumer = Consumer::join(ring.clone(), Start::Newest).unwrap();
    let mut reader = Subscriber::join(ring.clone(), Start::Newest);
    let mut publisher = SolePublisher::join(ring).unwrap();
    let mut check = |value: &T, notes: &N, sequence: Sequence| {
        let number = sequence.get();
        assert_eq!(bytes_of(value), bytes_of(&of::<T>(number)));
        let before = number.checked_sub(CAPACITY as u64).map_or(0, |before| before + 1);
        assert_eq!(noted(notes), before, "noted a lap before {number}");
        note(notes, number + 1);
        assert_eq!(bytes_of(value), bytes_of(&of::<T>(number)), "a note lies beside the event");
        assert_eq!(bytes_of(&reader.try_recv().unwrap()), bytes_of(&of::<T>(number)), "and no Subscriber sees it");
    };
    for first in (0..24).step_by(4) {
        publisher.send(&of(first));
        let loan = consumer.recv().unwrap();
        check(&loan, loan.notes(), loan.sequence());
        drop(loan);
        publisher.send_batch(&[first + 1, first + 2, first + 3].map(of::<T>));
        while consumer.next_sequence().get() < first + 4 {
            consumer.batch().unwrap().iter().for_each(|event| check(&event, event.notes(), event.sequence()));
        }
    }
}

/// The same on values and notes of these types.
macro_rules! rounds {
    ($($value:ty, $notes:ty, $integer:ty;)*) => {
        $(
            let note = |notes: &$notes, number: u64| notes.store(number as $integer, Relaxed);
            let noted = |notes: &$notes| notes.load(Relaxed).into();
            go_round(HeapNotedRing::<$value, $notes, Sole>::sole(CAPACITY), note, noted);
        )*
    };
}

#[test]
fn notes_lie_beside_values_of_any_size_and_outlast_them() {
    rounds! {
        u8, AtomicU8, u8;
        [u8; 3], AtomicU8, u8;
        [u8; 3], AtomicU64, u64;
        [u16; 5], AtomicU16, u16;
        u32, AtomicU32, u32;
        [u32; 3], AtomicU8, u8;
        [u64; 7], AtomicU64, u64;
        [u64; 8], AtomicU8, u8;
        [u8; 61], AtomicU8, u8;
        [u8; 129], AtomicU16, u16;
        [u8; 1500], AtomicU32, u32;
    }
}

#[test]
fn notes_lie_in_memory_that_is_lent() {
    type Slot = Typed<[u8; 3], AtomicU32>;
    let mut memory = vec![0xA5_u8; PlacedRing::<'static, Slot, Sole>::bytes_for(CAPACITY)];
    let ring = PlacedRing::<'_, Slot, Sole>::sole(&mut memory[..], CAPACITY).unwrap();
    go_round(ring, |notes, number| notes.store(number as u32, Relaxed), |notes| notes.load(Relaxed).into());
    let size_of_a_slot =
        PlacedRing::<'static, Slot, Sole>::bytes_for(2) - PlacedRing::<'static, Slot, Sole>::bytes_for(1);
    assert_eq!(size_of_a_slot, 16, "a value's words, then the notes, in words");
}

#[test]
fn a_structure_has_notes_of_its_own_alignment() {
    #[repr(C, align(32))]
    struct Wide {
        small: AtomicU8,
        large: AtomicU64,
    }
    // SAFETY: it has no fields but atomic integers.
    unsafe impl Notes for Wide {}

    let ring = HeapNotedRing::<[u8; 5], Wide, Sole>::sole(3);
    let mut consumer = Consumer::join(ring.clone(), Start::Newest).unwrap();
    let mut publisher = SolePublisher::join(ring).unwrap();
    for number in 0..7_u8 {
        publisher.send(&[number; 5]);
        let loan = consumer.recv().unwrap();
        assert_eq!(std::ptr::from_ref(loan.notes()).addr() % 32, 0);
        assert_eq!(loan.notes().small.swap(number + 1, Relaxed), number.checked_sub(3).map_or(0, |before| before + 1));
        loan.notes().large.fetch_add(1, Relaxed);
        assert_eq!((loan.notes().large.load(Relaxed), *loan), (u64::from(number / 3 + 1), [number; 5]));
    }
}

type Noted<M> = SharedRing<Typed<u64, [AtomicU64; 3]>, M>;

/// A chain of three stages, of which two note, and a fork of two that note side by side.
fn stages<M: Mode>(ring: Noted<M>, publish: impl FnOnce(Noted<M>)) {
    let wrong = Arc::new(AtomicU64::new(0));
    let (count, seen) = (wrong.clone(), Arc::new(AtomicU64::new(0)));
    let last = seen.clone();
    let graph = Topology::over(ring.clone())
        .stage("square")
        .waiting(WaitStrategy::Yield)
        .each(|event, _, _| event.notes()[0].store(event.wrapping_mul(**event), Relaxed))
        .stage("add")
        .after(["square"])
        .each(|event, _, _| event.notes()[1].store(event.notes()[0].load(Relaxed) + 1, Relaxed))
        .stage("halve")
        .after(["square"])
        .waiting(WaitStrategy::Yield)
        .each(|event, _, _| event.notes()[2].store(event.notes()[0].load(Relaxed) / 2, Relaxed))
        .stage("check")
        .after(["add", "halve"])
        .each(move |event, _, _| {
            let square = event.wrapping_mul(**event);
            let noted = event.notes().each_ref().map(|note| note.load(Relaxed));
            count.fetch_add(u64::from(noted != [square, square + 1, square / 2]), Relaxed);
            last.fetch_add(1, Relaxed);
        })
        .start()
        .unwrap();
    publish(ring);
    graph.drain(Duration::from_secs(60)).unwrap();
    assert_eq!((seen.load(Relaxed), wrong.load(Relaxed)), (EVENTS, 0));
}

const EVENTS: u64 = if cfg!(miri) { 200 } else { 60_000 };

#[test]
fn a_stage_sees_what_those_before_it_noted_behind_one_publisher() {
    stages(HeapNotedRing::<_, _, Sole>::sole(64), |ring| {
        let mut publisher = SolePublisher::join(ring).unwrap();
        (0..EVENTS).for_each(|number| _ = publisher.send(&number));
    });
}

#[test]
fn a_stage_sees_what_those_before_it_noted_behind_two_publishers() {
    stages(HeapNotedRing::new(64), |ring| {
        thread::scope(|scope| {
            for parity in 0..2 {
                let publisher = Publisher::join(ring.clone()).unwrap();
                scope.spawn(move || (0..EVENTS / 2).for_each(|half| _ = publisher.send(&(2 * half + parity))));
            }
        });
    });
}

#[test]
fn a_lossy_reader_copies_whole_events_while_stages_note() {
    let ring = HeapNotedRing::<[u32; 3], AtomicU32, Sole>::sole(16);
    let mut reader = Subscriber::join(ring.clone(), Start::Newest);
    let graph = Topology::over(ring.clone())
        .stage("note")
        .each(|event, _, _| event.notes().store(!event[0], Relaxed))
        .start()
        .unwrap();
    let mut publisher = SolePublisher::join(ring).unwrap();
    let writing = thread::spawn(move || (0..EVENTS as u32).for_each(|n| _ = publisher.send(&[n, n ^ 1, n ^ 2])));
    let (mut read, mut lost) = (0, 0);
    loop {
        match reader.try_recv() {
            Ok([first, second, third]) => {
                assert_eq!((second, third), (first ^ 1, first ^ 2), "an event came whole");
                read += 1;
            }
            Err(TryRecvError::Lagged(lagged)) => lost += lagged.count(),
            Err(TryRecvError::Closed) => break,
            Err(_) => thread::yield_now(),
        }
    }
    writing.join().unwrap();
    assert_eq!(read + lost, EVENTS);
    graph.join().unwrap();
}
