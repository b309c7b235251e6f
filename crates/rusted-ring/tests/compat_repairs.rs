//! What rusted-ring 0.5.4 got wrong, one test for each fault: the same code is right here.

#![cfg(feature = "std")]

use std::{
    sync::{
        Mutex, MutexGuard, OnceLock,
        atomic::{AtomicU32, Ordering::Relaxed},
        mpsc,
    },
    thread,
    time::{Duration, Instant},
};

use rusted_ring::{
    AutoSizedEvent, Consumer, EmitError, EventPoolFactory, EventUtils, L_CAPACITY, PoolId, PoolStats, PooledEvent,
    Reader, RingBuffer, Writer, XL_CAPACITY,
    ledger::Ledger,
    pool::{PoolSet, Production},
    subscriber::TryRecvError,
};

/// How much longer than in debug the threads run.
const MORE: u64 = if cfg!(debug_assertions) { 1 } else { 10 };

/// Longer than any wait here takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// The factory's pools belong to the whole program, so tests that fill them take turns.
fn pools() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

fn on_a_stack_of<T: Send + 'static>(bytes: usize, run: impl FnOnce() -> T + Send + 'static) -> T {
    thread::Builder::new().stack_size(bytes).spawn(run).unwrap().join().unwrap()
}

fn event<const N: usize>(bytes: &[u8], event_type: u32) -> PooledEvent<N> {
    EventUtils::create_pooled_event(bytes, event_type).unwrap()
}

/// The cursor was a plain cell that threads raced on. Here a reader that sees an event also sees what its writer did before it
/// published, in both directions of a ping-pong. (The models show that no ordering is missing.)
#[test]
fn what_came_before_an_event_is_visible_with_it() {
    static THERE: RingBuffer<64, 4> = RingBuffer::new();
    static BACK: RingBuffer<64, 4> = RingBuffer::new();
    static NOTES: [AtomicU32; 2] = [const { AtomicU32::new(0) }; 2];
    fn play(
        own: &'static AtomicU32,
        other: &'static AtomicU32,
        out: Writer<64, 4>,
        mut back: Reader<64, 4>,
        first: bool,
    ) {
        for round in 1..=2_000 * MORE as u32 {
            if !first {
                assert_eq!(back.recv().unwrap().event_type, round);
                assert_eq!(other.load(Relaxed), round);
            }
            own.store(round, Relaxed);
            assert!(out.add(event(b"your turn", round)));
            if first {
                assert_eq!(back.recv().unwrap().event_type, round);
                assert_eq!(other.load(Relaxed), round);
            }
        }
    }
    let (ping, pong) = (&NOTES[0], &NOTES[1]);
    let (there, back) = (Reader::new(&THERE), Reader::new(&BACK));
    let second = thread::spawn(move || play(pong, ping, Writer::new(&BACK), there, false));
    play(ping, pong, Writer::new(&THERE), back, true);
    second.join().unwrap();
}

/// The byte that fills event `n`.
fn filling(n: u64) -> u8 {
    (n.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 56) as u8
}

fn numbered<const N: usize>(n: u64) -> PooledEvent<N> {
    let len = 8 + (n.wrapping_mul(31) % (N as u64 - 7)) as usize;
    let mut event = PooledEvent { len: len as u32, event_type: n as u32, data: [0; N] };
    event.data[..len].fill(filling(n));
    event.data[..8].copy_from_slice(&n.to_le_bytes());
    event
}

/// The number of an event that is whole: no byte of another, and nothing beyond its length.
fn number_of_whole<const N: usize>(event: &PooledEvent<N>) -> u64 {
    let n = u64::from_le_bytes(event.data[..8].try_into().unwrap());
    assert_eq!(*event, numbered(n), "an event is torn");
    assert!(event.data[event.len as usize..].iter().all(|&byte| byte == 0), "event {n} carries stale bytes");
    n
}

/// One writer without mercy, three Readers that are overrun, each loss accounted for to the event.
fn overrun<const N: usize, const CAP: usize>(ring: &'static RingBuffer<N, CAP>, events: u64) {
    let readers: Vec<_> = [0, 1, 2]
        .into_iter()
        .map(|kind| {
            let mut reader = Reader::new(ring);
            thread::spawn(move || {
                let (mut received, mut lost, mut expected) = (0, 0, 0);
                let deadline = Instant::now() + 4 * PATIENCE;
                while expected < events {
                    assert!(Instant::now() < deadline, "the reader stands at {expected}");
                    if kind == 0 && received % 32 == 31 {
                        thread::sleep(Duration::from_micros(100));
                    }
                    if kind == 1 {
                        // As 0.5 read: what is missing shows in the numbers, and must be what the reader counts.
                        let Some(event) = reader.next() else { continue };
                        let n = number_of_whole(&event);
                        assert!(n >= expected, "{n} came after {}", expected - 1);
                        (received, lost, expected) = (received + 1, lost + n - expected, n + 1);
                        assert_eq!(reader.lost(), lost);
                    } else {
                        match reader.try_recv() {
                            Ok(event) => {
                                assert_eq!(number_of_whole(&event), expected);
                                (received, expected) = (received + 1, expected + 1);
                            }
                            Err(TryRecvError::Lagged(lagged)) => {
                                assert_eq!(lagged.from.get(), expected);
                                (lost, expected) = (lost + lagged.count(), lagged.to.get());
                            }
                            Err(TryRecvError::Empty) => {}
                            Err(error) => panic!("{error}"),
                        }
                    }
                }
                assert_eq!(received + lost, events);
                assert_eq!((reader.received(), reader.lost(), reader.holes()), (received, lost, 0));
                lost
            })
        })
        .collect();
    let writer = Writer::new(ring);
    (0..events).for_each(|n| assert!(writer.add(numbered(n))));
    let lost: Vec<u64> = readers.into_iter().map(|reader| reader.join().unwrap()).collect();
    assert!(lost[0] > 0, "the slow reader was never overrun, so nothing was tested: {lost:?}");
}

/// A lapped reader got torn, repeated or wrong events and was not told. Here each event is whole, in order, once, and
/// what is missing is counted to the event.
#[test]
fn overrun_readers_of_xs_get_whole_events_and_exact_losses() {
    static RING: RingBuffer<64, 128> = RingBuffer::new();
    overrun(&RING, 60_000 * MORE);
}

/// The same with 16 KB events, whose copies are overrun in the middle.
#[test]
fn overrun_readers_of_xl_get_whole_events_and_exact_losses() {
    static RING: RingBuffer<16384, 15> = RingBuffer::new();
    overrun(&RING, 1_500 * MORE);
}

/// Two writers lost a quarter of their events and reported success. Here `true` means published: a lossless Consumer
/// receives every event of each writer once, in the writer's order.
#[test]
fn two_writers_lose_nothing() {
    const EACH: u64 = 200_000 * MORE;
    static RING: RingBuffer<64, 2000> = RingBuffer::new();
    static SHARED: OnceLock<Writer<64, 2000>> = OnceLock::new();
    let mut consumer = Consumer::new(&RING).unwrap();
    let writers: Vec<_> = (0..2)
        .map(|id| {
            thread::spawn(move || {
                let writer = SHARED.get_or_init(|| Writer::new(&RING));
                for n in 0..EACH {
                    let event = event(&n.to_le_bytes(), id);
                    while !writer.add(event) {
                        thread::yield_now();
                    }
                }
            })
        })
        .collect();
    let mut next = [0; 2];
    while next != [EACH; 2] {
        let event = consumer.recv_timeout(PATIENCE).unwrap_or_else(|error| panic!("at {next:?}: {error}"));
        let expected = &mut next[event.event_type() as usize];
        assert_eq!(*event, expected.to_le_bytes());
        *expected += 1;
    }
    writers.into_iter().for_each(|writer| writer.join().unwrap());
    assert!(consumer.try_recv().is_err());
    assert_eq!(consumer.received(), 2 * EACH);
}

/// The same through a pool, without a Consumer: nothing is refused, and each `Ok` names a sequence of its own.
#[test]
fn two_emitters_of_a_pool_share_no_sequence() {
    const EACH: u64 = 50_000 * MORE;
    let _turn = pools();
    let emitters: Vec<_> = (0..2)
        .map(|id| {
            thread::spawn(move || {
                let emit = |_| EventPoolFactory::emit(&[1; 200], id).unwrap().1.get();
                (0..EACH).map(emit).collect::<Vec<u64>>()
            })
        })
        .collect();
    let mut sequences: Vec<u64> = emitters.into_iter().flat_map(|emitter| emitter.join().unwrap()).collect();
    sequences.sort_unstable();
    sequences.dedup();
    assert_eq!(sequences.len() as u64, 2 * EACH);
    assert!(Ledger::of(&Production.s()).claimed().get() > *sequences.last().unwrap());
}

/// `RingFull` could not happen. Here it is said exactly while a Consumer has not left the next slot.
#[test]
fn ring_full_is_said_exactly_while_a_consumer_gates() {
    let _turn = pools();
    let event = EventUtils::create_auto_sized_event(&[3; 10_000], 1).unwrap();
    let full = Err(EmitError::RingFull(PoolId::XL));

    // Readers never cause it, however far behind.
    let reader = EventPoolFactory::get_xl_reader();
    (0..4 * XL_CAPACITY).for_each(|_| event.emit_to_ring().unwrap());
    assert!(reader.should_throttle());

    let mut consumer = EventPoolFactory::get_xl_consumer().unwrap();
    while consumer.try_recv().is_ok() {}
    (0..XL_CAPACITY).for_each(|_| event.emit_to_ring().unwrap());
    assert_eq!((event.emit_to_ring(), event.emit_to_ring()), (full, full));
    assert!(!EventPoolFactory::get_xl_writer().add(event_of(&event)));

    // One slot left, one event in.
    assert_eq!(consumer.try_recv().unwrap().len(), 10_000);
    assert_eq!((event.emit_to_ring(), event.emit_to_ring()), (Ok(()), full));

    // Other pools are not concerned, and without the Consumer nobody is.
    EventUtils::create_auto_sized_event(&[3; 4000], 1).unwrap().emit_to_ring().unwrap();
    drop(consumer);
    (0..4 * XL_CAPACITY).for_each(|_| event.emit_to_ring().unwrap());
}

fn event_of(event: &AutoSizedEvent) -> PooledEvent<16384> {
    match event {
        AutoSizedEvent::Xl(event) => *event,
        other => panic!("not of the XL class: {:?}", other.pool_id()),
    }
}

/// `PoolStats` read 100 % for ever after one lap, from a reader of its own. Here it is the slowest living reader's lag.
#[test]
fn pool_stats_show_the_slowest_living_reader_and_recover() {
    let _turn = pools();
    let pressure = || PoolStats::collect_l().current_backpressure;
    let emit = |events| (0..events).for_each(|_| EventPoolFactory::emit(&[0; 2000], 1).map(drop).unwrap());

    // Nobody reads: no pressure, though the pool was filled many times.
    emit(5 * L_CAPACITY);
    assert_eq!(pressure(), 0.0);

    let mut slow = EventPoolFactory::get_l_reader().named("slow");
    let mut quick = EventPoolFactory::get_l_reader().named("quick");
    assert_eq!(pressure(), 1.0);
    slow.by_ref().chain(quick.by_ref()).for_each(drop);
    assert_eq!(pressure(), 0.0);

    emit(L_CAPACITY / 2);
    quick.by_ref().for_each(drop);
    assert_eq!((pressure(), quick.backpressure_ratio(), slow.backpressure_ratio()), (0.5, 0.0, 0.5));
    assert_eq!(PoolStats::collect_all()[3], PoolStats::collect_l());
    assert_eq!(PoolStats::collect_l().to_string(), "Pool L: capacity=60, backpressure=50.0%");

    // Lapped, then caught up, then gone.
    emit(3 * L_CAPACITY);
    assert_eq!(pressure(), 1.0);
    slow.by_ref().chain(quick.by_ref()).for_each(drop);
    assert_eq!(pressure(), 0.0);
    emit(L_CAPACITY / 4);
    assert_eq!(pressure(), 0.25);
    drop((slow, quick));
    assert_eq!(pressure(), 0.0);

    // Collecting made no reader.
    let ring = Production.l();
    let ledger = Ledger::of(&ring);
    assert_eq!((ledger.readers().count(), ledger.unlisted()), (0, 0));
}

/// A loop around `next()` was compiled to one that looks once and then spins on what it saw. Here it sees the event.
#[test]
fn a_spin_loop_around_next_sees_the_event() {
    static RING: RingBuffer<64, 8> = RingBuffer::new();
    let (seen, outcome) = mpsc::channel();
    let mut reader = Reader::new(&RING);
    let spinner = thread::spawn(move || {
        let event = loop {
            if let Some(event) = reader.next() {
                break event;
            }
        };
        seen.send(event.event_type).unwrap();
    });
    thread::sleep(Duration::from_millis(50));
    assert!(Writer::new(&RING).add(event(b"now", 77)));
    assert_eq!(outcome.recv_timeout(PATIENCE), Ok(77), "the loop never saw the event");
    spinner.join().unwrap();
}

/// The first touch of any pool overflowed a 2 MiB stack in debug. Here a thread of 128 KiB touches, writes and reads
/// each; the events of 16 KB go through borrowed bytes and a buffer that is not on the stack.
#[test]
fn every_pool_is_first_touched_on_a_stack_of_128_kib() {
    let _turn = pools();
    macro_rules! touch {
        ($size:literal, $writer:ident, $reader:ident, $consumer:ident) => {
            on_a_stack_of(128 * 1024, || {
                let writer = EventPoolFactory::$writer();
                let mut reader = EventPoolFactory::$reader();
                let mut consumer = EventPoolFactory::$consumer().unwrap();
                let bytes = vec![5; $size];
                let mut buffer: Box<[u8; $size]> = vec![0; $size].try_into().unwrap();
                while reader.try_read(&mut buffer).is_ok() {}
                while consumer.try_recv().is_ok() {}
                let sequence = writer.try_publish(&bytes, 9).unwrap();
                let event = reader.try_read(&mut buffer).unwrap();
                assert_eq!((event.sequence, event.event_type, event.data), (sequence, 9, &bytes[..]));
                assert_eq!(*consumer.recv().unwrap(), *bytes);
                assert_eq!(EventPoolFactory::emit(&bytes, 9).unwrap().0.max_size(), $size);
            })
        };
    }
    touch!(64, get_xs_writer, get_xs_reader, get_xs_consumer);
    touch!(256, get_s_writer, get_s_reader, get_s_consumer);
    touch!(1024, get_m_writer, get_m_reader, get_m_consumer);
    touch!(4096, get_l_writer, get_l_reader, get_l_consumer);
    touch!(16384, get_xl_writer, get_xl_reader, get_xl_consumer);
}

/// The largest ring that the guard admits, on the same small stack.
#[test]
fn a_static_ring_of_any_size_works_on_a_stack_of_128_kib() {
    static RING: RingBuffer<1024, 1000> = RingBuffer::new();
    on_a_stack_of(128 * 1024, || {
        let writer = Writer::new(&RING);
        (0..1500).for_each(|kind| assert!(writer.add(event(b"x", kind))));
        assert_eq!(Reader::new(&RING).last().unwrap().event_type, 1499);
    });
}

/// A ring of 100 KB may be made in a `OnceLock`, over the stack of an ordinary thread, in debug.
#[test]
fn a_ring_of_100_kb_is_made_in_a_once_lock_on_a_stack_of_2_mib() {
    static RING: OnceLock<RingBuffer<1024, 100>> = OnceLock::new();
    on_a_stack_of(2 * 1024 * 1024, || {
        let ring = RING.get_or_init(RingBuffer::new);
        assert!(Writer::new(ring).add(event(b"x", 1)));
        assert_eq!(Reader::new(ring).count(), 1);
    });
}

/// Consumers written `while let Some(event) = reader.next()` end at the first moment without an event; that is kept.
/// The reader is not used up: it goes on when asked again, and `recv` waits.
#[test]
#[expect(clippy::while_let_on_iterator, reason = "the form in question")]
fn next_ends_at_the_first_empty_poll_and_goes_on_later() {
    static RING: RingBuffer<64, 8> = RingBuffer::new();
    let writer = Writer::new(&RING);
    let mut reader = Reader::new(&RING);
    let drain = |reader: &mut Reader<64, 8>| {
        let mut kinds = vec![];
        while let Some(event) = reader.next() {
            kinds.push(event.event_type);
        }
        kinds
    };
    assert!(drain(&mut reader).is_empty());
    (1..=3).for_each(|kind| assert!(writer.add(event(b"x", kind))));
    assert_eq!(drain(&mut reader), [1, 2, 3]);
    assert!(drain(&mut reader).is_empty());
    (4..=5).for_each(|kind| assert!(writer.add(event(b"x", kind))));
    assert_eq!(drain(&mut reader), [4, 5]);
    let late = thread::spawn(move || {
        thread::sleep(Duration::from_millis(20));
        writer.add(event(b"x", 6))
    });
    assert_eq!(reader.recv().unwrap().event_type, 6);
    assert!(late.join().unwrap());
}

/// A reader made after a write sees it while the ring retains it, and begins at the oldest event when it does not.
#[test]
fn a_reader_begins_at_the_oldest_event_retained() {
    static RING: RingBuffer<64, 10> = RingBuffer::new();
    let writer = Writer::new(&RING);
    let kinds = || Reader::new(&RING).map(|event| event.event_type).collect::<Vec<_>>();
    (0..7).for_each(|kind| assert!(writer.add(event(b"x", kind))));
    assert_eq!(kinds(), (0..7).collect::<Vec<_>>());
    (7..25).for_each(|kind| assert!(writer.add(event(b"x", kind))));
    assert_eq!(kinds(), (15..25).collect::<Vec<_>>());
    assert_eq!(Reader::new(&RING).lost(), 0);
}
