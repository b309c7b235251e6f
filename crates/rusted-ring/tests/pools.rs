//! Sets of pools: declared, preset, on the heap, several in one program, and what they tell about themselves.

#![cfg(feature = "std")]

use std::thread;

use rusted_ring::{
    Capacities, Consumer, HeapPools, JoinError, Name, Notes, PoolId, PoolSet, PoolStats, Publisher, RingRef, Start,
    Subscriber, SystemHealth,
    ledger::{Ledger, ReaderStatus},
    pool::{Mobile, Production, Server},
    publisher::PublishError,
    subscriber::TryRecvError,
};

mod other {
    rusted_ring::pools! {
        /// A set of another module, under the name that is taken here.
        pub(crate) struct Board { xs: 4, s: 4, m: 4, l: 4, xl: 4 }
    }
}

const TICKS: usize = 16;

rusted_ring::pools! {
    /// A program's own set, with a capacity that is computed.
    struct Board { xs: 2 * TICKS, s: 16, m: 8, l: 4, xl: 1, }
}

/// The data exceeds what the pool takes.
#[track_caller]
fn assert_too_large(error: PublishError, data_len: usize, max_size: usize) {
    assert!(
        matches!(error, PublishError::TooLarge(it) if (it.data_len, it.max_size) == (data_len, max_size)),
        "{error}"
    );
}

/// A length of each class.
const LENGTHS: [(usize, PoolId); 5] =
    [(64, PoolId::XS), (65, PoolId::S), (1024, PoolId::M), (1025, PoolId::L), (16384, PoolId::XL)];

/// A new set on the heap, so that tests that run beside each other do not meet.
fn pools() -> HeapPools {
    HeapPools::new(Capacities { xs: 20, s: 10, m: 8, l: 4, xl: 2 })
}

/// Each pool's events, by class.
fn contents(pools: &impl PoolSet) -> [Vec<(u32, Vec<u8>)>; 5] {
    fn of<const N: usize, A: Notes>(ring: impl RingRef<Slot = rusted_ring::Bytes<N, N, A>>) -> Vec<(u32, Vec<u8>)> {
        let reader = Subscriber::join(ring, Start::Oldest);
        reader.map(|event| (event.event_type, event.bytes().to_vec())).collect()
    }
    [of(pools.xs()), of(pools.s()), of(pools.m()), of(pools.l()), of(pools.xl())]
}

/// Emits one event of each class, marked, and finds exactly these.
fn check_alone(pools: &impl PoolSet, mark: u32) {
    for (len, pool) in LENGTHS {
        assert_eq!(pools.emit(&vec![mark as u8; len], mark).map(|(pool, _)| pool), Ok(pool));
    }
    let expected = LENGTHS.map(|(len, _)| vec![(mark, vec![mark as u8; len])]);
    assert_eq!(contents(pools), expected);
}

#[test]
fn sets_of_one_program_never_mix() {
    let (first, second) = (pools(), pools());
    thread::scope(|scope| {
        scope.spawn(|| check_alone(&Board, 1));
        scope.spawn(|| check_alone(&other::Board, 2));
        scope.spawn(|| check_alone(&Production, 3));
        scope.spawn(|| check_alone(&Mobile, 4));
        scope.spawn(|| check_alone(&Server, 5));
        scope.spawn(|| check_alone(&first, 6));
        scope.spawn(|| check_alone(&second, 7));
    });
    // A clone is the same set.
    assert_eq!(contents(&first.clone()), contents(&first));
}

#[test]
fn a_set_has_the_capacities_it_was_given() {
    fn capacities(pools: &impl PoolSet) -> [usize; 5] {
        pools.stats().map(|stats| stats.capacity)
    }
    assert_eq!(capacities(&Board), [32, 16, 8, 4, 1]);
    assert_eq!(capacities(&pools()), [20, 10, 8, 4, 2]);
    assert_eq!(capacities(&Production), [2000, 1000, 300, 60, 15]);
    assert_eq!(capacities(&Mobile), [500, 250, 100, 20, 5]);
    assert_eq!(capacities(&Server), [4000, 2000, 600, 120, 30]);
    assert_eq!(capacities(&HeapPools::new(Capacities::SERVER)), capacities(&Server));
}

#[test]
#[should_panic(expected = "at least one slot")]
fn a_set_on_the_heap_has_no_empty_pool() {
    HeapPools::new(Capacities { xl: 0, ..Capacities::MOBILE });
}

#[test]
fn emit_picks_the_smallest_pool_and_emit_in_another() {
    let pools = pools();
    let mut next = [0; 5];
    for len in [0, 1, 63, 64, 65, 255, 256, 257, 1023, 1024, 1025, 4095, 4096, 4097, 16383, 16384] {
        let class = [64, 256, 1024, 4096, 16384].iter().position(|&max| len <= max).unwrap();
        let (pool, sequence) = pools.emit(&vec![1; len], 0).unwrap();
        assert_eq!((pool, sequence.get()), (PoolId::ALL[class], next[class]), "{len} bytes");
        next[class] += 1;
    }
    let refused = |error| match error {
        PublishError::TooLarge(too_large) => (too_large.max_size, too_large.data_len),
        other => panic!("{other}"),
    };
    assert_eq!(refused(pools.emit(&[0; 16385], 0).unwrap_err()), (16384, 16385));
    assert_eq!(pools.emit_in(PoolId::M, b"small", 0).unwrap().get(), next[2]);
    assert_eq!(refused(pools.emit_in(PoolId::XS, &[0; 65], 0).unwrap_err()), (64, 65));
}

#[test]
fn ring_full_is_said_while_a_consumer_holds_the_next_slot() {
    let pools = pools();
    // The Consumer in the way.
    let emit = || match pools.emit(&[0; 1000], 1) {
        Ok(_) => None,
        Err(PublishError::Full(full)) => Some(full.blocker.unwrap().name),
        Err(error) => panic!("{error}"),
    };
    let sent = || emit().is_none();

    let reader = Subscriber::join(pools.m(), Start::Newest);
    assert!((0..30).all(|_| sent()));

    let mut slow = Consumer::join(pools.m(), Start::Newest).unwrap().named("slow");
    let mut quick = Consumer::join(pools.m(), Start::Newest).unwrap().named("quick");
    let by = |name| Some(Name::new(name));
    assert!((0..8).all(|_| sent()));
    assert!(!sent() && !sent());

    // The slowest Consumer decides; a slot that it leaves is free.
    while quick.try_recv().is_ok() {}
    assert_eq!(emit(), by("slow"));
    let lent = slow.try_recv().unwrap();
    assert_eq!(emit(), by("slow"), "a slot that is lent is not free");
    drop(lent);
    assert_eq!((emit(), emit()), (None, by("slow")));

    // Gone, it holds nothing; the quick one is one event behind by then, and the publishers go on.
    drop(slow);
    assert!((0..7).all(|_| sent()));
    assert_eq!(emit(), by("quick"));
    drop(quick);
    assert!((0..30).all(|_| sent()));

    // No other pool ever said it, and the Subscriber was waited for at no time.
    assert_eq!(Ledger::of(&pools.s()).claimed().get(), 0);
    assert_eq!((reader.lag(), Ledger::of(&pools.m()).claimed().get()), (76, 30 + 8 + 1 + 7 + 30));
}

#[test]
fn a_consumer_of_a_pool_receives_every_event_of_many_emitters() {
    const EACH: u32 = 5_000;
    rusted_ring::pools! { struct Busy { xs: 64, s: 4, m: 4, l: 4, xl: 4 } }
    let mut consumer = Consumer::join(Busy.xs(), Start::Newest).unwrap();
    let emitters = [0, 1, 2].map(|id: u32| {
        thread::spawn(move || {
            let mut refused = 0u64;
            for n in 0..EACH {
                while let Err(error) = Busy.emit(&n.to_le_bytes(), id) {
                    assert!(matches!(error, PublishError::Full(_)), "{error}");
                    refused += 1;
                    thread::yield_now();
                }
            }
            refused
        })
    });
    let mut next = [0u32; 3];
    while next != [EACH; 3] {
        let event = consumer.recv().unwrap();
        let expected = &mut next[event.event_type() as usize];
        assert_eq!(*event, expected.to_le_bytes());
        *expected += 1;
    }
    emitters.into_iter().for_each(|emitter| _ = emitter.join().unwrap());
    assert_eq!(consumer.received(), 3 * u64::from(EACH));
}

#[test]
fn rings_of_a_set_never_close() {
    let pools = pools();
    let mut reader = Subscriber::join(pools.xs(), Start::Oldest);
    let publisher = Publisher::join(pools.xs()).unwrap();
    publisher.publish(b"last words", 1).unwrap();
    drop(publisher);
    assert_eq!(reader.try_recv().unwrap().bytes(), b"last words");
    assert_eq!(reader.try_recv(), Err(TryRecvError::Empty));
    assert!(Publisher::join(pools.xs()).is_ok());
    drop(pools);
    assert_eq!(reader.try_recv(), Err(TryRecvError::Empty));
}

#[test]
fn health_is_that_of_the_fullest_pool() {
    let pools = pools();
    let health = || SystemHealth::of(&pools.stats());
    let mut reader = Subscriber::join(pools.xs(), Start::Newest);
    let _idle = Subscriber::join(pools.xl(), Start::Newest);
    let mut seen = vec![health()];
    for lag in 1..=20 {
        pools.emit(b"x", lag).unwrap();
        if health() != *seen.last().unwrap() {
            seen.push(health());
            assert!([10, 16, 18].contains(&lag), "{health} at {lag} of 20", health = health());
        }
    }
    use SystemHealth::{Critical, Excellent, Good, Warning};
    assert_eq!(seen, [Excellent, Good, Warning, Critical]);
    reader.by_ref().for_each(drop);
    assert_eq!(health(), Excellent);
    assert_eq!(pools.stats_of(PoolId::XS), PoolStats { pool_id: PoolId::XS, capacity: 20, current_backpressure: 0.0 });
}

fn status_of<R: RingRef>(ledger: &Ledger<'_, R>, name: &str) -> ReaderStatus {
    ledger.readers().find(|reader| reader.name.as_str() == name).unwrap_or_else(|| panic!("{name} is not listed"))
}

#[test]
fn the_ledger_of_a_pool_names_its_readers_and_balances() {
    let pools = pools();
    let ring = pools.xs();
    let ledger = Ledger::of(&ring);
    let emit = |events: u32| (0..events).for_each(|n| _ = pools.emit(b"x", n).unwrap());

    emit(5);
    let mut analytics = Subscriber::join(ring.clone(), Start::Oldest).named("analytics");
    let mut network = Subscriber::join(ring.clone(), Start::Newest).named("network");
    emit(5);
    let balance = |status: ReaderStatus| {
        let claimed_since = ledger.claimed() - status.joined;
        assert_eq!(claimed_since, status.received + status.lost + status.holes + status.ahead, "{status:?}");
        (status.received, status.lost, status.laps, status.ahead)
    };
    assert_eq!(balance(status_of(&ledger, "analytics")), (0, 0, 0, 10));
    assert_eq!(balance(status_of(&ledger, "network")), (0, 0, 0, 5));
    assert_eq!(status_of(&ledger, "network").joined.get(), 5);

    // The network keeps up; analytics is overrun twice.
    let mut lost = 0;
    for lap in 1..=2 {
        emit(30);
        while network.try_recv() != Err(TryRecvError::Empty) {}
        let Err(TryRecvError::Lagged(lagged)) = analytics.try_recv() else { panic!("30 events pass a ring of 20") };
        lost += lagged.count();
        let status = status_of(&ledger, "analytics");
        assert_eq!((status.lost, status.laps, status.position), (lost, lap, lagged.to));
        balance(status);
    }
    let received = analytics.by_ref().count() as u64;
    assert_eq!(balance(status_of(&ledger, "analytics")), (received, 70 - received, 2, 0));

    // A Consumer is listed as one, and a reader that leaves is not listed.
    let consumer = Consumer::join(ring.clone(), Start::Newest).unwrap().named("storage");
    assert!(status_of(&ledger, "storage").gating && !status_of(&ledger, "network").gating);
    drop((analytics, network));
    assert_eq!(ledger.readers().map(|reader| reader.name.to_string()).collect::<Vec<_>>(), ["storage"]);
    drop(consumer);
    assert_eq!(ledger.readers().count(), 0);
}

#[test]
fn beyond_64_entries_a_reader_works_unlisted_and_a_consumer_is_refused() {
    let pools = pools();
    let ring = pools.s();
    let ledger = Ledger::of(&ring);
    let mut listed: Vec<_> = (0..64).map(|_| Subscriber::join(ring.clone(), Start::Newest)).collect();
    let mut unlisted = Subscriber::join(ring.clone(), Start::Newest).named("unlisted");
    assert_eq!((ledger.readers().count(), ledger.unlisted()), (64, 1));
    assert!(ledger.readers().all(|reader| reader.name.as_str() != "unlisted"));
    assert_eq!(Consumer::join(ring.clone(), Start::Newest).map(drop).unwrap_err(), JoinError::TooManyReaders);

    // It reads, counts and loses as the others do.
    (0..25).for_each(|n| _ = pools.emit(&[0; 100], n).unwrap());
    let received = unlisted.by_ref().count() as u64;
    assert_eq!((unlisted.received(), unlisted.lost(), unlisted.laps()), (received, 25 - received, 1));
    assert!(received > 0);

    // A freed entry goes to the next reader that joins, not to one that is already here.
    listed.pop();
    assert_eq!((ledger.readers().count(), ledger.unlisted()), (63, 1));
    let consumer = Consumer::join(ring.clone(), Start::Newest).unwrap();
    assert_eq!((ledger.readers().count(), ledger.unlisted()), (64, 1));
    drop((unlisted, consumer));
    assert_eq!((ledger.readers().count(), ledger.unlisted()), (63, 0));
}

rusted_ring::pools! {
    /// A set for events of up to 128 KiB.
    struct Documents { xs: 8, s: 8, m: 8, l: 8, xl: 32, longest: 128 * 1024 }
}

/// Emits events of lengths around every boundary of a set for long events.
fn emits_up_to<const LONGEST: usize>(pools: &impl PoolSet<LONGEST>) {
    let mut store = Consumer::join(pools.xl(), Start::Newest).unwrap();
    let (mut sequence, mut received) = (0, 0);
    for len in [16384, 16385, 2 * 16384 - 1, 2 * 16384, 2 * 16384 + 1, LONGEST - 1, LONGEST].repeat(3) {
        let data: Vec<u8> = (0..len).map(|at| (at * 7 + len) as u8).collect();
        let (pool, emitted) = pools.emit(&data, len as u32).unwrap();
        let loan = store.try_recv().unwrap();
        assert_eq!((pool, emitted, loan.event_type()), (PoolId::XL, loan.sequence(), len as u32));
        assert!(*loan == data[..] && emitted.get() >= sequence);
        (sequence, received) = (emitted.get() + len.div_ceil(16384) as u64, received + 1);
    }
    assert_eq!((store.received(), store.next_sequence().get()), (received, sequence));
    let too_large = vec![0; LONGEST + 1];
    let error = pools.emit(&too_large, 0).unwrap_err();
    assert_too_large(error, LONGEST + 1, LONGEST);
    assert!(error.to_string().contains(&LONGEST.to_string()));
    let error = pools.emit_in(PoolId::L, &too_large, 0).unwrap_err();
    assert_too_large(error, LONGEST + 1, 4096);
    let claimed = Ledger::of(&pools.xl()).claimed().get();
    let [status] = Ledger::of(&pools.xl()).readers().collect::<Vec<_>>()[..] else { panic!("one reader") };
    assert_eq!((status.received + status.holes, status.position.get()), (claimed, claimed));
    // What is ahead is counted in slots, and so is the pressure.
    let half = vec![0; 16384 * pools.xl().capacity() / 8];
    while pools.emit(&half, 0).is_ok() {}
    assert!(pools.stats_of(PoolId::XL).current_backpressure > 0.7);
    assert_eq!(pools.stats()[4], pools.stats_of(PoolId::XL));
}

#[test]
fn a_set_for_long_events_takes_all_of_them_up_to_its_bound() {
    emits_up_to(&Documents);
    let capacities = Capacities { xs: 8, s: 8, m: 8, l: 8, xl: 256 };
    emits_up_to(&HeapPools::<1_000_000>::with_longest(capacities));
    let error = pools().emit(&[0; 16385], 0).unwrap_err();
    assert_too_large(error, 16385, 16384); // others take what they took
    let refused = std::panic::catch_unwind(|| HeapPools::<1_000_000>::with_longest(Capacities::SERVER));
    assert!(refused.is_err(), "thirty slots are less than four times sixty-two");
}
