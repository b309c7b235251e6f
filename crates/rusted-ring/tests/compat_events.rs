//! What rusted-ring 0.5.4 got wrong about events as bytes: padding, alignment, and how many of them move.

#![cfg(feature = "std")]

use std::{hint::black_box, marker::PhantomData, time::Instant};

use bytemuck::{AnyBitPattern, NoUninit, Pod, Zeroable};
use rusted_ring::{AutoSizedEvent, Consumer, EventPoolFactory, EventUtils, PooledEvent, Reader, RingBuffer, Writer};

fn event<const N: usize>(bytes: &[u8], event_type: u32) -> PooledEvent<N> {
    EventUtils::create_pooled_event(bytes, event_type).unwrap()
}

/// Whether a type's every byte may be read, padding included: the inherent constant wins where its bound holds.
struct BytesOf<T>(PhantomData<T>);

trait MayHoldPadding {
    const ARE_INITIALISED: bool = false;
    const ARE_ANY_PATTERN_AND_INITIALISED: bool = false;
}

impl<T> MayHoldPadding for BytesOf<T> {}

impl<T: NoUninit> BytesOf<T> {
    const ARE_INITIALISED: bool = true;
}

impl<T: Pod> BytesOf<T> {
    const ARE_ANY_PATTERN_AND_INITIALISED: bool = true;
}

/// `PooledEvent` was `Pod`, so safe code could read its uninitialised padding. Here it may be made from any bytes, and
/// shows none but its data's.
#[test]
fn an_event_is_any_bit_pattern_and_not_pod() {
    const fn any_bit_pattern<T: AnyBitPattern + Zeroable>() {}
    const {
        any_bit_pattern::<PooledEvent<64>>();
        any_bit_pattern::<PooledEvent<16384>>();
        assert!(!BytesOf::<PooledEvent<64>>::ARE_INITIALISED);
        assert!(!BytesOf::<PooledEvent<64>>::ARE_ANY_PATTERN_AND_INITIALISED);
        assert!(!BytesOf::<PooledEvent<16384>>::ARE_INITIALISED);
        // Without padding, too: whether there is some must not change what compiles.
        assert!(!BytesOf::<PooledEvent<56>>::ARE_INITIALISED);
        // The probe tells the difference.
        assert!(BytesOf::<[u8; 64]>::ARE_INITIALISED);
        assert!(BytesOf::<[u8; 64]>::ARE_ANY_PATTERN_AND_INITIALISED);
    }
    let zeroed = PooledEvent::<64>::zeroed();
    assert_eq!((zeroed.len, zeroed.event_type, zeroed.data), (0, 0, [0; 64]));
    // A length that lies is cut, not believed.
    let lying = PooledEvent { len: u32::MAX, event_type: 0, data: [1; 64] };
    assert_eq!(lying.bytes(), [1; 64]);
    static RING: RingBuffer<64, 4> = RingBuffer::new();
    assert!(!Writer::new(&RING).add(lying));
    assert!(Reader::new(&RING).next().is_none());
}

/// A user's type, as 0.5's documentation sends it.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
struct Cursor {
    x: f64,
    y: f64,
    user: u64,
}

// SAFETY: three numbers of 8 bytes: no padding, valid when zero and for any bits.
unsafe impl Zeroable for Cursor {}
// SAFETY: as above.
unsafe impl Pod for Cursor {}

/// One that asks for more alignment than an event's bytes have.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C, align(16))]
struct Vector([f32; 4]);

// SAFETY: 16 bytes of numbers, aligned to 16: no padding, valid when zero and for any bits.
unsafe impl Zeroable for Vector {}
// SAFETY: as above.
unsafe impl Pod for Vector {}

/// A user's struct around an event.
#[derive(Clone, Copy)]
#[repr(C)]
struct Envelope {
    event: PooledEvent<64>,
    received_at: u64,
}

// SAFETY: both fields are valid when zero.
unsafe impl Zeroable for Envelope {}
// SAFETY: both fields are valid for any bits; no pointers, no interior mutability.
unsafe impl AnyBitPattern for Envelope {}

/// 0.5's way to a user's type panics where the bytes happen to be misaligned. Here the types cross as bytes, and are
/// read back wherever they lie.
#[test]
fn user_types_cross_by_bytemuck_whatever_their_alignment() {
    static RING: RingBuffer<64, 8> = RingBuffer::new();
    let (cursor, vector) = (Cursor { x: 1.5, y: -2.5, user: 9 }, Vector([1.0, 2.0, 3.0, 4.0]));
    let writer = Writer::new(&RING);
    let mut consumer = Consumer::new(&RING).unwrap();
    let mut reader = Reader::new(&RING);
    assert!(writer.add(event(bytemuck::bytes_of(&cursor), 1)));
    writer.publish(bytemuck::bytes_of(&vector), 2).unwrap();

    assert_eq!(bytemuck::pod_read_unaligned::<Cursor>(&consumer.recv().unwrap()), cursor);
    assert_eq!(bytemuck::pod_read_unaligned::<Vector>(&consumer.recv().unwrap()), vector);
    let (first, second) = (reader.next().unwrap(), reader.next().unwrap());
    assert_eq!(bytemuck::pod_read_unaligned::<Cursor>(first.bytes()), cursor);
    assert_eq!(bytemuck::pod_read_unaligned::<Vector>(second.bytes()), vector);
    // An event's data lies 8 bytes into 64: enough for the one, refused for the other.
    assert_eq!(bytemuck::try_from_bytes::<Cursor>(first.bytes()), Ok(&cursor));
    assert!(bytemuck::try_from_bytes::<Vector>(second.bytes()).is_err());

    let envelope = Envelope { event: first, ..Envelope::zeroed() };
    assert_eq!((envelope.event.bytes().len(), envelope.received_at), (24, 0));
}

/// An auto-sized event of 5 bytes moved 16.5 KB. Here what lies past its length does not cross the ring, and emitting
/// it takes a fraction of what 16 KB take.
#[test]
fn emitting_moves_what_the_event_holds() {
    let mut small = EventUtils::create_auto_sized_event(b"stray", 1).unwrap();
    let AutoSizedEvent::Xs(event) = &mut small else { panic!("5 bytes are of the XS class") };
    event.data[5..].fill(0xEE);
    small.emit_to_ring().unwrap();
    let carried = EventPoolFactory::get_xs_reader().last().unwrap();
    assert_eq!((&carried.data[..5], &carried.data[5..]), (&b"stray"[..], &[0; 59][..]));

    // Nor does reading touch more of a buffer than the event, except for its last word.
    static RING: RingBuffer<16384, 4> = RingBuffer::new();
    let writer = Writer::new(&RING);
    (0..4).for_each(|_| _ = writer.publish(&[0xDD; 16384], 1).unwrap());
    writer.publish(b"short", 2).unwrap();
    let mut buffer: Box<[u8; 16384]> = vec![0xAA; 16384].try_into().unwrap();
    let mut reader = Reader::new(&RING);
    let long = reader.try_read(&mut buffer).unwrap();
    assert_eq!(long.data, [0xDD; 16384]);
    while reader.lag() > 1 {
        reader.try_read(&mut buffer).unwrap();
    }
    buffer.fill(0xAA);
    assert_eq!(reader.try_read(&mut buffer).unwrap().data, b"short");
    assert!(buffer[8..].iter().all(|&byte| byte == 0xAA));

    let large = EventUtils::create_auto_sized_event(&[7; 16384], 1).unwrap();
    let quickest = |event: &AutoSizedEvent| {
        let round = |_| {
            let start = Instant::now();
            (0..32).for_each(|_| black_box(event).emit_to_ring().unwrap());
            start.elapsed()
        };
        (0..100).map(round).min().unwrap()
    };
    let (small, large) = (quickest(&small), quickest(&large));
    assert!(small * 4 < large, "5 bytes take {small:?} where 16 KB take {large:?}");
}
