//! Code in the style of rusted-ring 0.5 compiles unchanged, and does what its author expected.

#![cfg(feature = "std")]

use std::{
    error::Error,
    sync::{Mutex, MutexGuard, OnceLock},
    thread,
};

use rusted_ring::{
    AutoSizedEvent, EmitError, EventCreationError, EventPoolFactory, EventSize, EventUtils, L_CAPACITY, L_TSHIRT_SIZE,
    M_CAPACITY, M_TSHIRT_SIZE, MAX_STACK_BYTES, PoolId, PoolStats, PooledEvent, Reader, RingBuffer, RingFactory,
    RingPipe, RingSink, RingSource, S_CAPACITY, S_TSHIRT_SIZE, Writer, XL_CAPACITY, XL_TSHIRT_SIZE, XS_CAPACITY,
    XS_TSHIRT_SIZE,
};

const STROKE: u32 = 7;

/// The factory's pools belong to the whole program, so tests that use them take turns.
fn pools() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

#[test]
fn a_ring_in_a_once_lock_has_endpoints_of_its_own() {
    static STROKES: OnceLock<RingBuffer<256, 100>> = OnceLock::new();
    let ring = STROKES.get_or_init(RingBuffer::new);
    let writer = Writer::new(ring);
    let mut reader = Reader::new(ring);

    assert!(reader.next().is_none());
    assert!(writer.add(EventUtils::create_pooled_event::<256>(b"down", STROKE).unwrap()));
    let event = reader.next().unwrap();
    assert_eq!((event.len, event.event_type), (4, STROKE));
    assert_eq!(&event.data[..event.len as usize], b"down");
    assert!(reader.next().is_none());
}

#[test]
fn a_ring_is_a_plain_static_too() {
    static TICKS: RingBuffer<64, 128> = RingBuffer::new();
    let writer = Writer::new(&TICKS);
    let mut reader = Reader::new(&TICKS);
    assert!(writer.add(EventUtils::create_pooled_event::<64>(b"tick", 1).unwrap()));
    assert_eq!(reader.next().map(|event| event.event_type), Some(1));
}

#[test]
fn the_ring_factory_makes_the_ring_at_the_first_touch() {
    static EDITS: OnceLock<RingBuffer<1024, 30>> = OnceLock::new();
    let writer = RingFactory::get_writer(&EDITS);
    let mut reader = RingFactory::get_reader(&EDITS);
    assert!(writer.add(EventUtils::create_pooled_event::<1024>(&[5; 700], 2).unwrap()));
    assert_eq!(reader.next().unwrap().data[..700], [5; 700]);
}

#[test]
fn writers_live_in_statics_and_are_shared_by_threads() {
    static RING: OnceLock<RingBuffer<64, 500>> = OnceLock::new();
    static WRITER: OnceLock<Writer<64, 500>> = OnceLock::new();
    fn emit(kind: u32) -> bool {
        let writer = WRITER.get_or_init(|| Writer::new(RING.get_or_init(RingBuffer::new)));
        writer.add(PooledEvent { len: 0, event_type: kind, data: [0; 64] })
    }

    let threads: Vec<_> =
        (0..4).map(|t| thread::spawn(move || (0..100).for_each(|i| assert!(emit(t * 100 + i))))).collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());

    let mut kinds: Vec<u32> = Reader::new(RING.get().unwrap()).map(|event| event.event_type).collect();
    kinds.sort_unstable();
    assert!(kinds.into_iter().eq(0..400));
}

#[test]
fn a_for_loop_over_a_borrowed_reader_ends_when_empty_and_can_be_repeated() {
    static RING: RingBuffer<64, 16> = RingBuffer::new();
    let writer = Writer::new(&RING);
    let mut reader = Reader::new(&RING);
    for round in 0..3 {
        for i in 0..10 {
            writer.add(EventUtils::create_pooled_event::<64>(&[i], round).unwrap());
        }
        let mut seen = 0;
        for event in reader.by_ref() {
            assert_eq!((event.data[0], event.event_type), (seen, round));
            seen += 1;
        }
        assert_eq!(seen, 10);
    }
    for i in 0..10 {
        writer.add(PooledEvent { len: 1, event_type: 0, data: [i; 64] });
    }
    let odd: Vec<u8> = reader.by_ref().map(|event| event.data[0]).filter(|i| i % 2 == 1).take(2).collect();
    assert_eq!(odd, [1, 3]);
    assert_eq!(reader.count(), 6);
}

#[test]
fn events_are_built_by_struct_literal_and_copied() {
    static RING: RingBuffer<64, 8> = RingBuffer::new();
    let mut data = [0u8; 64];
    data[..5].copy_from_slice(b"hello");
    let event = PooledEvent { len: 5, event_type: 3, data };
    let copy = event;
    let writer = Writer::new(&RING);
    assert!(writer.add(event) && writer.add(copy));
    let PooledEvent { len, event_type, data } = Reader::new(&RING).last().unwrap();
    assert_eq!((&data[..len as usize], event_type), (&b"hello"[..], 3));
    assert_eq!((size_of_val(&event), align_of_val(&event)), (128, 64));
    assert_eq!(size_of::<PooledEvent<16384>>(), 16448);
}

fn emit_sized<const N: usize, const CAP: usize>(
    writer: &Writer<N, CAP>,
    data: &[u8],
    event_type: u32,
) -> Result<bool, EventCreationError> {
    let event = EventUtils::create_pooled_event::<N>(data, event_type)?;
    Ok(writer.add(event))
}

/// An actor as 0.5's users wrote it.
struct Actor<const N: usize, const CAP: usize> {
    incoming: Reader<N, CAP>,
    outgoing: Writer<N, CAP>,
}

impl<const N: usize, const CAP: usize> Actor<N, CAP> {
    fn new(incoming: &'static RingBuffer<N, CAP>, outgoing: &'static RingBuffer<N, CAP>) -> Self {
        Actor { incoming: Reader::new(incoming), outgoing: Writer::new(outgoing) }
    }

    fn turn(&mut self) -> usize {
        let outgoing = &self.outgoing;
        self.incoming.by_ref().filter(|event| outgoing.add(*event)).count()
    }
}

#[test]
fn code_generic_over_size_and_capacity_compiles() {
    static IN: RingBuffer<256, 50> = RingBuffer::new();
    static OUT: RingBuffer<256, 50> = RingBuffer::new();
    let mut actor = Actor::new(&IN, &OUT);
    let writer = Writer::new(&IN);
    assert!(emit_sized(&writer, &[1; 256], 4).unwrap());
    assert!(matches!(
        emit_sized(&writer, &[1; 257], 4),
        Err(EventCreationError::DataTooLarge { data_len: 257, max_size: 256 })
    ));
    let turned = thread::spawn(move || actor.turn()).join().unwrap();
    assert_eq!(turned, 1);
    assert_eq!(Reader::new(&OUT).next().unwrap().data, [1; 256]);
}

#[test]
fn a_reader_made_after_a_write_sees_it() {
    static RING: OnceLock<RingBuffer<64, 10>> = OnceLock::new();
    let writer = RingFactory::get_writer(&RING);
    for kind in 0..10 {
        writer.add(EventUtils::create_pooled_event::<64>(b"x", kind).unwrap());
    }
    let kinds: Vec<u32> = RingFactory::get_reader(&RING).map(|event| event.event_type).collect();
    assert_eq!(kinds, (0..10).collect::<Vec<_>>());
}

#[test]
fn a_readers_clone_goes_on_from_the_same_event_by_itself() {
    static RING: RingBuffer<64, 10> = RingBuffer::new();
    let writer = Writer::new(&RING);
    (0..4).for_each(|kind| _ = writer.add(EventUtils::create_pooled_event::<64>(b"x", kind).unwrap()));
    let mut reader = Reader::new(&RING);
    reader.next();
    let clone = reader.clone();
    assert_eq!((reader.cursor(), clone.cursor()), (1, 1));
    assert_eq!(reader.count(), 3);
    assert_eq!(clone.map(|event| event.event_type).collect::<Vec<_>>(), [1, 2, 3]);
}

#[test]
fn pressure_is_the_lag_as_a_part_of_the_capacity() {
    static RING: RingBuffer<64, 100> = RingBuffer::new();
    let writer = Writer::new(&RING);
    let mut reader = Reader::new(&RING);
    let mut ratios = vec![];
    for published in 1..=150 {
        writer.add(EventUtils::create_pooled_event::<64>(b"x", published).unwrap());
        if [80, 81, 89, 90, 100, 150].contains(&published) {
            ratios.push((reader.backpressure_ratio(), reader.is_under_pressure(), reader.should_throttle()));
        }
    }
    assert_eq!(
        ratios,
        [
            (0.80, false, false),
            (0.81, true, false),
            (0.89, true, false),
            (0.90, true, true),
            (1.0, true, true),
            (1.0, true, true)
        ]
    );
    reader.by_ref().for_each(drop);
    assert_eq!(reader.backpressure_ratio(), 0.0);
}

/// The five pools, each through its own writer and reader.
#[test]
fn every_pool_has_its_writer_and_its_reader() {
    let _turn = pools();
    macro_rules! round_trip {
        ($size:literal, $capacity:ident, $writer:ident, $reader:ident) => {{
            let writer: Writer<$size, $capacity> = EventPoolFactory::$writer();
            let mut reader: Reader<$size, $capacity> = EventPoolFactory::$reader();
            reader.by_ref().for_each(drop);
            assert!(writer.add(EventUtils::create_pooled_event::<$size>(&[9; $size], 1).unwrap()));
            let event = reader.next().unwrap();
            assert_eq!((event.len, event.data), ($size, [9; $size]));
            assert!(reader.next().is_none());
        }};
    }
    round_trip!(64, XS_CAPACITY, get_xs_writer, get_xs_reader);
    round_trip!(256, S_CAPACITY, get_s_writer, get_s_reader);
    round_trip!(1024, M_CAPACITY, get_m_writer, get_m_reader);
    round_trip!(4096, L_CAPACITY, get_l_writer, get_l_reader);
    round_trip!(16384, XL_CAPACITY, get_xl_writer, get_xl_reader);
}

/// The sizing code of 0.5's documentation, with an arm for what no pool holds.
#[test]
fn a_match_over_the_estimated_size_names_every_class() {
    fn class(len: usize) -> (&'static str, Option<PoolId>) {
        let name = match EventPoolFactory::estimate_size(len) {
            EventSize::XS => "64 B",
            EventSize::S => "256 B",
            EventSize::M => "1 KB",
            EventSize::L => "4 KB",
            EventSize::XL => "16 KB",
            EventSize::XXL => "too large",
        };
        (name, EventPoolFactory::estimate_pool_id(len))
    }
    assert_eq!(class(0), ("64 B", Some(PoolId::XS)));
    assert_eq!(class(64), ("64 B", Some(PoolId::XS)));
    assert_eq!(class(65), ("256 B", Some(PoolId::S)));
    assert_eq!(class(1024), ("1 KB", Some(PoolId::M)));
    assert_eq!(class(1025), ("4 KB", Some(PoolId::L)));
    assert_eq!(class(16384), ("16 KB", Some(PoolId::XL)));
    assert_eq!(class(16385), ("too large", None));
}

#[test]
fn an_auto_sized_event_shows_what_it_holds_and_emits_itself() {
    let _turn = pools();
    for (len, pool) in [(5, PoolId::XS), (200, PoolId::S), (1000, PoolId::M), (4000, PoolId::L), (9000, PoolId::XL)] {
        let data = vec![len as u8; len];
        let event = EventUtils::create_auto_sized_event(&data, STROKE).unwrap();
        assert_eq!((event.data(), event.event_type(), event.len()), (&data[..], STROKE, len as u32));
        assert_eq!((event.is_empty(), event.pool_id()), (false, pool));
        let held = match event.clone() {
            AutoSizedEvent::Xs(event) => event.data.len(),
            AutoSizedEvent::S(event) => event.data.len(),
            AutoSizedEvent::M(event) => event.data.len(),
            AutoSizedEvent::L(event) => event.data.len(),
            AutoSizedEvent::Xl(event) => event.data.len(),
        };
        assert_eq!(held, pool.max_size());
        event.emit_to_ring().unwrap();
        let last = match pool {
            PoolId::XS => EventPoolFactory::get_xs_reader().last().unwrap().bytes().to_vec(),
            PoolId::S => EventPoolFactory::get_s_reader().last().unwrap().bytes().to_vec(),
            PoolId::M => EventPoolFactory::get_m_reader().last().unwrap().bytes().to_vec(),
            PoolId::L => EventPoolFactory::get_l_reader().last().unwrap().bytes().to_vec(),
            PoolId::XL => EventPoolFactory::get_xl_reader().last().unwrap().bytes().to_vec(),
        };
        assert_eq!(last, data);
    }
    assert!(EventUtils::create_auto_sized_event(b"", 0).unwrap().is_empty());
}

#[test]
fn errors_are_matched_exhaustively_and_cross_threads() {
    fn code(outcome: Result<(), EmitError>) -> i32 {
        match outcome {
            Ok(()) => 0,
            Err(EmitError::RingFull(pool)) => -1 - i32::from(u8::from(pool)),
        }
    }
    fn size(error: EventCreationError) -> usize {
        match error {
            EventCreationError::DataTooLarge { data_len, max_size } => data_len - max_size,
        }
    }
    fn boxed() -> Result<AutoSizedEvent, Box<dyn Error + Send + Sync + 'static>> {
        Ok(EventUtils::create_auto_sized_event(&[0; 20_000], 0)?)
    }
    assert_eq!(code(Err(EmitError::RingFull(PoolId::M))), -3);
    assert_eq!(size(EventUtils::create_pooled_event::<64>(&[0; 100], 0).unwrap_err()), 36);
    let message = thread::spawn(|| boxed().unwrap_err().to_string()).join().unwrap();
    assert!(message.contains("20000") && message.contains("16384"), "{message}");
    assert!(EmitError::RingFull(PoolId::M).to_string().contains('M'));
}

/// 0.5's FFI entry, except for the raw pointer.
#[test]
fn an_emit_function_for_a_foreign_caller_has_its_three_answers() {
    fn emit(data: &[u8]) -> i32 {
        match EventUtils::create_auto_sized_event(data, STROKE) {
            Ok(event) => {
                if event.emit_to_ring().is_ok() {
                    0
                } else {
                    -1
                }
            }
            Err(_) => -2,
        }
    }
    let _turn = pools();
    assert_eq!((emit(b"stroke"), emit(&[0; 20_000])), (0, -2));
    let consumer = EventPoolFactory::get_xl_consumer().unwrap();
    let answers: Vec<i32> = (0..=XL_CAPACITY).map(|_| emit(&[0; 16_000])).collect();
    drop(consumer);
    assert_eq!(answers.last(), Some(&-1));
    assert_eq!(emit(&[0; 16_000]), 0);
}

#[test]
fn pool_ids_convert() {
    let ids = [PoolId::XS, PoolId::S, PoolId::M, PoolId::L, PoolId::XL];
    let sizes = [EventSize::XS, EventSize::S, EventSize::M, EventSize::L, EventSize::XL];
    assert_eq!(ids.map(u8::from), [0, 1, 2, 3, 4]);
    assert_eq!([0u8, 1, 2, 3, 4].map(|id| PoolId::try_from(id).unwrap()), ids);
    assert_eq!(ids.map(|id| id as u8 as usize), [0, 1, 2, 3, 4]);
    assert_eq!(sizes.map(PoolId::from_size), ids);
    assert_eq!(ids.map(|id| id.max_size()), [64, 256, 1024, 4096, 16384]);
    assert_eq!(ids.map(|id| id.capacity()), [2000, 1000, 300, 60, 15]);
}

#[test]
#[should_panic(expected = "XXL")]
fn no_pool_has_the_class_xxl() {
    PoolId::from_size(EventSize::XXL);
}

#[test]
fn no_pool_has_the_number_nine() {
    assert_eq!(PoolId::try_from(9u8).unwrap_err().id, 9);
}

#[test]
fn pool_stats_are_collected_and_printed() {
    let _turn = pools();
    let stats: Vec<PoolStats> = PoolStats::collect_all();
    let ids: Vec<PoolId> = stats.iter().map(|stat| stat.pool_id).collect();
    assert_eq!(ids, [PoolId::XS, PoolId::S, PoolId::M, PoolId::L, PoolId::XL]);
    let fullest = stats.iter().map(|stat| stat.current_backpressure).fold(0.0f32, f32::max);
    assert_eq!(fullest, 0.0);
    let one_by_one = [
        PoolStats::collect_xs(),
        PoolStats::collect_s(),
        PoolStats::collect_m(),
        PoolStats::collect_l(),
        PoolStats::collect_xl(),
    ];
    assert_eq!(one_by_one.map(|stat| stat.capacity), [2000, 1000, 300, 60, 15]);
    assert_eq!(one_by_one[0].to_string(), "Pool XS: capacity=2000, backpressure=0.0%");
    let made = PoolStats { pool_id: PoolId::XL, capacity: 15, current_backpressure: 0.999 };
    assert_eq!(format!("{made}"), "Pool XL: capacity=15, backpressure=99.9%");
}

#[test]
fn sources_sinks_and_pipes_carry_endpoints() {
    static IN: RingBuffer<64, 20> = RingBuffer::new();
    static OUT: RingBuffer<64, 20> = RingBuffer::new();
    let source: RingSource<64, 20> = RingSource::new(&IN);
    let mut pipe: RingPipe<64, 20> = RingPipe::new(&IN, &OUT);
    let mut sink: RingSink<64, 20> = RingSink::new(&OUT);

    assert!(source.writer.add(EventUtils::create_pooled_event::<64>(b"through", 1).unwrap()));
    for event in pipe.sink.reader.by_ref() {
        pipe.source.writer.add(event);
    }
    assert_eq!(sink.reader.next().unwrap().bytes(), b"through");
    assert!(sink.clone().reader.next().is_none());
}

/// The constants are constants: they size arrays and rings.
#[test]
fn the_constants_keep_their_values() {
    static XS: RingBuffer<XS_TSHIRT_SIZE, XS_CAPACITY> = RingBuffer::new();
    const SIZES: [usize; 5] = [XS_TSHIRT_SIZE, S_TSHIRT_SIZE, M_TSHIRT_SIZE, L_TSHIRT_SIZE, XL_TSHIRT_SIZE];
    const CAPACITIES: [usize; 5] = [XS_CAPACITY, S_CAPACITY, M_CAPACITY, L_CAPACITY, XL_CAPACITY];
    assert_eq!(SIZES, [64, 256, 1024, 4096, 16384]);
    assert_eq!(CAPACITIES, [2000, 1000, 300, 60, 15]);
    assert_eq!(MAX_STACK_BYTES, 1_048_576);
    assert!(Writer::new(&XS).add(PooledEvent { len: 1, event_type: 0, data: [0; XS_TSHIRT_SIZE] }));
    assert_eq!(rusted_ring::pool::XL_CAPACITY, XL_CAPACITY);
}

/// A ring of just under the guard's bytes, as an application has it.
#[test]
fn own_sizes_up_to_the_guard_are_admitted() {
    static LARGE: RingBuffer<1024, 1000> = RingBuffer::new();
    static ODD: RingBuffer<100, 7> = RingBuffer::new();
    let writer = Writer::new(&LARGE);
    (0..2500).for_each(|kind| assert!(writer.add(PooledEvent { len: 1024, event_type: kind, data: [1; 1024] })));
    assert_eq!(Reader::new(&LARGE).last().unwrap().event_type, 2499);
    assert!(Writer::new(&ODD).add(EventUtils::create_pooled_event::<100>(&[3; 99], 1).unwrap()));
    assert_eq!(Reader::new(&ODD).next().unwrap().bytes(), [3; 99]);
}

/// What 0.5's types could be asked for: threads, statics, `{:?}`, `Default`.
#[test]
fn auto_traits_and_debug_are_there() {
    fn shared<T: Send + Sync + std::fmt::Debug + 'static>(_: &T) {}
    static RING: RingBuffer<64, 4> = RingBuffer::new();
    let reader = Reader::new(&RING);
    let writer = Writer::new(&RING);
    shared(&RING);
    shared(&RingBuffer::<64, 4>::default());
    shared(&reader);
    shared(&writer);
    shared(&RingPipe::new(&RING, &RING));
    shared(&PoolId::XS);
    shared(&EventSize::XS);
    shared(&PoolStats::collect_xs());
    shared(&EventUtils::create_auto_sized_event(b"x", 1).unwrap());
    assert!(format!("{reader:?}").contains("Subscriber"));
    assert!(format!("{writer:?}").contains("Publisher"));
    assert!(format!("{RING:?}").contains("capacity"));
}
