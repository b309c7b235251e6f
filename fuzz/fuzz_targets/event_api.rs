//! Sizes, events made from bytes, events made from any bits, and what each becomes behind a ring.

#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use rusted_ring::{
    Bytes, Capacities, EventCreationError, EventSize, EventUtils, HeapPools, HeapRing, Many, PoolId, PooledEvent,
    Publisher, RingRef, Start, Subscriber, pool::PoolSet, publisher::PublishError,
};

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    /// Up to a little beyond the largest class.
    len: u16,
    event_type: u32,
    pool: u8,
    /// Any bits, as an event of 64 bytes and as one of 5.
    bits: [u8; size_of::<PooledEvent<64>>()],
    /// Repeated up to the length.
    pattern: &'a [u8],
}

/// Bytes of the largest slot of each pool.
const SIZES: [usize; 5] = [64, 256, 1024, 4096, 16384];

fuzz_target!(|input: Input<'_>| {
    let Input { len, event_type, pool, bits, pattern } = input;
    let len = usize::from(len) % (SIZES[4] + 100);
    let data: Vec<u8> = pattern.iter().chain(&[7]).copied().cycle().take(len).collect();
    pool_ids(pool);
    sizes(len);
    events_of_a_given_size::<1>(&data, event_type);
    events_of_a_given_size::<3>(&data, event_type);
    events_of_a_given_size::<64>(&data, event_type);
    events_of_a_given_size::<1000>(&data, event_type);
    events_of_a_size_found(&data, event_type);
    events_of_any_bits::<64>(&bits);
    events_of_any_bits::<5>(&bits[..size_of::<PooledEvent<5>>()]);
});

fn pool_ids(number: u8) {
    let pool = PoolId::from_u8(number);
    assert_eq!(pool.is_some(), usize::from(number) < SIZES.len());
    assert_eq!(pool, PoolId::try_from(number).ok());
    if let Some(pool) = pool {
        assert_eq!(u8::from(pool), number);
        assert_eq!(pool.max_size(), SIZES[usize::from(number)]);
        assert_eq!(Capacities::PRODUCTION.of(pool), pool.capacity());
    }
}

/// The number of the smallest pool that holds `len` bytes.
fn smallest(len: usize) -> Option<usize> {
    SIZES.iter().position(|&size| len <= size)
}

fn sizes(len: usize) {
    let class = EventSize::of(len);
    assert_eq!(class.pool().map(usize_of), smallest(len));
    if let Some(pool) = class.pool() {
        assert_eq!(PoolId::from_size(class), pool);
    }
}

fn usize_of(pool: PoolId) -> usize {
    usize::from(u8::from(pool))
}

fn events_of_a_given_size<const SIZE: usize>(data: &[u8], event_type: u32) {
    match EventUtils::create_pooled_event::<SIZE>(data, event_type) {
        Ok(event) => {
            assert_eq!((event.len as usize, event.event_type, event.bytes()), (data.len(), event_type, data));
            assert!(event.data[data.len()..].iter().all(|&byte| byte == 0));
        }
        Err(EventCreationError::DataTooLarge { data_len, max_size }) => {
            assert_eq!((data_len, max_size), (data.len(), SIZE));
            assert!(data_len > max_size);
        }
    }
}

/// Made, and emitted, and emitted without being made.
fn events_of_a_size_found(data: &[u8], event_type: u32) {
    let pools = HeapPools::new(Capacities { xs: 2, s: 2, m: 2, l: 2, xl: 2 });
    let made = EventUtils::create_auto_sized_event(data, event_type);
    let emitted = pools.emit(data, event_type);
    let Some(number) = smallest(data.len()) else {
        let (data_len, max_size) = (data.len(), SIZES[4]);
        assert_eq!(made.unwrap_err(), EventCreationError::DataTooLarge { data_len, max_size });
        let Err(PublishError::TooLarge(too_large)) = emitted else { panic!("{emitted:?}") };
        assert_eq!((too_large.data_len, too_large.max_size), (data_len, max_size));
        return;
    };
    let event = made.expect("the data fits a class");
    let (pool, sequence) = emitted.expect("nobody gates the pool");
    assert_eq!((usize_of(pool), sequence.get(), event.pool_id()), (number, 0, pool));
    assert_eq!((event.data(), event.event_type(), event.len() as usize), (data, event_type, data.len()));
    assert_eq!(event.is_empty(), data.is_empty());
    event.emit_to(&pools).expect("nobody gates the pool");
    match pool {
        PoolId::XS => holds_twice(pools.xs(), data, event_type),
        PoolId::S => holds_twice(pools.s(), data, event_type),
        PoolId::M => holds_twice(pools.m(), data, event_type),
        PoolId::L => holds_twice(pools.l(), data, event_type),
        PoolId::XL => holds_twice(pools.xl(), data, event_type),
    }
}

fn holds_twice<const N: usize>(ring: impl RingRef<Slot = Bytes<N>>, data: &[u8], event_type: u32) {
    let mut reader = Subscriber::join(ring, Start::Oldest);
    for _ in 0..2 {
        let event = reader.try_recv().expect("it was published");
        assert_eq!((event.bytes(), event.event_type), (data, event_type));
        assert!(event.data[data.len()..].iter().all(|&byte| byte == 0));
    }
    assert!(reader.try_recv().is_err());
}

/// An event need not come from this library: its length may be anything.
fn events_of_any_bits<const N: usize>(bits: &[u8]) {
    let event: PooledEvent<N> = bytemuck::pod_read_unaligned(bits);
    let fits = event.len as usize <= N;
    assert_eq!(event.bytes(), &event.data[..(event.len as usize).min(N)]);
    let ring = HeapRing::<N, Many>::new(1);
    let mut reader = Subscriber::join(ring.clone(), Start::Oldest);
    let publisher = Publisher::join(ring).expect("a new ring is open");
    assert_eq!(publisher.add(event), fits);
    assert_eq!(reader.try_recv().ok(), fits.then_some(event));
}
