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
    Bytes, Capacities, Consumer, HeapNotedRing, HeapNotedTypedRing, HeapPools, Mode, Notes, PlacedRing, PoolSet,
    Publisher, RingRef, Sequence, SharedRing, Slot, Sole, SolePublisher, Start, Subscriber, Typed,
    bytemuck::{AnyBitPattern, NoUninit, bytes_of, bytes_of_mut},
    pool::{PoolId, XL_TSHIRT_SIZE},
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
            go_round(HeapNotedTypedRing::<$value, $notes, Sole>::sole(CAPACITY), note, noted);
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

/// An event of up to `N` bytes, of which every byte, and how many there are, tell `number`.
fn bytes_for<const N: usize>(number: u64) -> Vec<u8> {
    let len = (number as usize * 7 + N) % (N + 1);
    (0..len).map(|index| (number as u8).wrapping_add(index as u8) | 1).collect()
}

/// The same as [`go_round`], on events of bytes: of any length, in slots of `N` bytes.
fn go_round_bytes<const N: usize, A, R>(ring: R, note: impl Fn(&A, u64), noted: impl Fn(&A) -> u64)
where
    A: Notes,
    R: RingRef<Mode = Sole, Slot = Bytes<N, N, A>>,
{
    let mut consumer = Consumer::join(ring.clone(), Start::Newest).unwrap();
    let mut reader = Subscriber::join(ring.clone(), Start::Newest);
    let mut publisher = SolePublisher::join(ring).unwrap();
    let mut check = |event: &[u8], notes: &A, sequence: Sequence| {
        let number = sequence.get();
        assert_eq!(event, bytes_for::<N>(number));
        let before = number.checked_sub(CAPACITY as u64).map_or(0, |before| before + 1);
        assert_eq!(noted(notes), before, "noted a lap before {number}");
        note(notes, number + 1);
        assert_eq!(event, bytes_for::<N>(number), "a note lies beside the event");
        assert_eq!(reader.try_recv().unwrap().bytes(), event, "and no Subscriber sees it");
    };
    for first in (0..24).step_by(4) {
        publisher.publish(&bytes_for::<N>(first), 1).unwrap();
        let loan = consumer.recv().unwrap();
        check(&loan, loan.notes(), loan.sequence());
        drop(loan);
        let batch = [first + 1, first + 2, first + 3].map(bytes_for::<N>);
        batch.iter().for_each(|event| {
            // In pieces, so that words are made of them.
            let mut claim = publisher.claim();
            event.chunks(3).for_each(|piece| claim.append(piece).unwrap());
            claim.publish(2);
        });
        while consumer.next_sequence().get() < first + 4 {
            consumer.batch().unwrap().iter().for_each(|event| check(&event, event.notes(), event.sequence()));
        }
    }
}

/// The same on slots of these bytes, and notes of these types.
macro_rules! rounds_of_bytes {
    ($($len:literal, $notes:ty, $integer:ty;)*) => {
        $(
            let note = |notes: &$notes, number: u64| notes.store(number as $integer, Relaxed);
            let noted = |notes: &$notes| notes.load(Relaxed).into();
            go_round_bytes(HeapNotedRing::<$len, $notes, Sole>::sole(CAPACITY), note, noted);
        )*
    };
}

#[test]
fn notes_lie_beside_bytes_of_any_number_and_outlast_them() {
    rounds_of_bytes! {
        1, AtomicU8, u8;
        3, AtomicU8, u8;
        3, AtomicU64, u64;
        10, AtomicU16, u16;
        12, AtomicU8, u8;
        56, AtomicU64, u64;
        61, AtomicU8, u8;
        64, AtomicU8, u8;
        129, AtomicU16, u16;
        1500, AtomicU32, u32;
    }
}

#[test]
fn notes_lie_beside_bytes_in_memory_that_is_lent() {
    type OwnedSlot = Bytes<13, 13, AtomicU32>;
    let mut memory = vec![0xA5_u8; PlacedRing::<'static, OwnedSlot, Sole>::bytes_for(CAPACITY)];
    let ring = PlacedRing::<'_, OwnedSlot, Sole>::sole(&mut memory[..], CAPACITY).unwrap();
    go_round_bytes(ring, |notes, number| notes.store(number as u32, Relaxed), |notes| notes.load(Relaxed).into());
    let of_a_slot =
        PlacedRing::<'static, OwnedSlot, Sole>::bytes_for(2) - PlacedRing::<'static, OwnedSlot, Sole>::bytes_for(1);
    assert_eq!(of_a_slot, 24, "an event's words, and then the notes, in words");
}

#[test]
fn slots_of_bytes_without_notes_are_as_large_as_they_were() {
    fn sizes<S: Slot>() -> [usize; 3] {
        [S::STRIDE, S::LEN, size_of::<S::Notes>()]
    }
    assert_eq!(sizes::<Bytes<13>>(), [13, 13, 0]);
    assert_eq!(sizes::<Bytes<64>>(), [64, 64, 0]);
    assert_eq!(sizes::<Bytes<64, 64, AtomicU8>>(), [72, 64, 1]);
}

#[test]
fn every_pool_of_a_set_has_notes_if_it_is_made_with_them() {
    let pools = HeapPools::<XL_TSHIRT_SIZE, AtomicU8>::noted(Capacities { xs: 2, s: 2, m: 2, l: 2, xl: 2 });
    fn note<const N: usize>(ring: impl RingRef<Slot = Bytes<N, N, AtomicU8>>, publish: impl Fn(&[u8])) {
        let mut first = Consumer::join(ring.clone(), Start::Newest).unwrap();
        let mut second = Consumer::join(ring, Start::Newest).unwrap();
        for len in [1, N] {
            publish(&vec![0xEE; len]);
            first.try_recv().unwrap().notes().store(len as u8 | 1, Relaxed);
            let loan = second.try_recv().unwrap();
            assert_eq!((loan.notes().load(Relaxed), &*loan), (len as u8 | 1, &vec![0xEE; len][..]));
        }
    }
    let emit = |pool| {
        let pools = pools.clone();
        move |data: &[u8]| _ = pools.emit_in(pool, data, 1).unwrap()
    };
    note(pools.xs(), emit(PoolId::XS));
    note(pools.s(), emit(PoolId::S));
    note(pools.m(), emit(PoolId::M));
    note(pools.l(), emit(PoolId::L));
    note(pools.xl(), emit(PoolId::XL));
}

#[test]
fn notes_lie_in_memory_that_is_lent() {
    type OwnedSlot = Typed<[u8; 3], AtomicU32>;
    let mut memory = vec![0xA5_u8; PlacedRing::<'static, OwnedSlot, Sole>::bytes_for(CAPACITY)];
    let ring = PlacedRing::<'_, OwnedSlot, Sole>::sole(&mut memory[..], CAPACITY).unwrap();
    go_round(ring, |notes, number| notes.store(number as u32, Relaxed), |notes| notes.load(Relaxed).into());
    let size_of_a_slot =
        PlacedRing::<'static, OwnedSlot, Sole>::bytes_for(2) - PlacedRing::<'static, OwnedSlot, Sole>::bytes_for(1);
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

    let ring = HeapNotedTypedRing::<[u8; 5], Wide, Sole>::sole(3);
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
        .each(|event, _| event.notes()[0].store(event.wrapping_mul(**event), Relaxed))
        .stage("add")
        .after(["square"])
        .each(|event, _| event.notes()[1].store(event.notes()[0].load(Relaxed) + 1, Relaxed))
        .stage("halve")
        .after(["square"])
        .waiting(WaitStrategy::Yield)
        .each(|event, _| event.notes()[2].store(event.notes()[0].load(Relaxed) / 2, Relaxed))
        .stage("check")
        .after(["add", "halve"])
        .each(move |event, _| {
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
    stages(HeapNotedTypedRing::<_, _, Sole>::sole(64), |ring| {
        let mut publisher = SolePublisher::join(ring).unwrap();
        (0..EVENTS).for_each(|number| _ = publisher.send(&number));
    });
}

#[test]
fn a_stage_sees_what_those_before_it_noted_behind_two_publishers() {
    stages(HeapNotedTypedRing::new(64), |ring| {
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
    let ring = HeapNotedTypedRing::<[u32; 3], AtomicU32, Sole>::sole(16);
    let mut reader = Subscriber::join(ring.clone(), Start::Newest);
    let graph = Topology::over(ring.clone())
        .stage("note")
        .each(|event, _| event.notes().store(!event[0], Relaxed))
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
