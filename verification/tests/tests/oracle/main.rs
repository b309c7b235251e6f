//! A ring against a plain `VecDeque` model, by random operations on one thread.
//!
//! The model predicts every answer exactly: which events, `Lagged { from, to }`, full, closed, and every figure of the
//! ledger. Only where a Consumer joins is bounded instead of predicted: the documentation allows what publishers were
//! granted, an eighth of a ring, and behind a sole publisher's batch a quarter more.

mod pair;

use pair::{AnyRing, Call, Form, Joining, Operation, run};
use proptest::{collection::vec, prelude::*};
use rusted_ring::{Bytes, RingBuffer, Typed};
use std::sync::atomic::AtomicU16;

fn joining() -> impl Strategy<Value = Joining> {
    prop_oneof![Just(Joining::Newest), Just(Joining::Oldest), any::<u8>().prop_map(Joining::Around)]
}

fn operation() -> impl Strategy<Value = Operation> {
    let call = prop_oneof![
        Just(Call::TryRecv),
        Just(Call::TryRead),
        Just(Call::Next),
        (0..90_u8).prop_map(Call::TryReadBatch)
    ];
    let times = || prop_oneof![4 => 0..3_u8, 1 => 0..90_u8];
    let published = || (times(), any::<u8>(), any::<u32>(), any::<bool>());
    let meanwhile = prop_oneof![3 => Just(0), 1 => 1..20_u8];
    let forgets = prop::bool::weighted(0.2);
    prop_oneof![
        6 => published().prop_map(|(times, len, event_type, may_wait)| {
            Operation::Publish { times, len, event_type, may_wait }
        }),
        4 => published().prop_map(|(count, len, event_type, may_wait)| {
            Operation::PublishBatch { count, len, event_type, may_wait }
        }),
        2 => joining().prop_map(Operation::JoinReader),
        1 => any::<u8>().prop_map(Operation::CloneReader),
        1 => any::<u8>().prop_map(Operation::LeaveReader),
        6 => (any::<u8>(), call, times()).prop_map(|(who, call, times)| Operation::Poll { who, call, times }),
        1 => joining().prop_map(Operation::JoinConsumer),
        1 => any::<u8>().prop_map(Operation::LeaveConsumer),
        6 => (any::<u8>(), any::<bool>(), times(), meanwhile, forgets).prop_map(
            |(who, all, times, published_meanwhile, forgets)| {
                Operation::Receive { who, all, times, published_meanwhile, forgets }
            }
        ),
        1 => Just(Operation::ReplacePublisher),
    ]
}

fn form() -> impl Strategy<Value = Form> {
    any::<(bool, bool)>().prop_map(|(is_sole, closes)| Form { is_sole, closes })
}

const CAPACITIES: [usize; 7] = [1, 2, 3, 5, 8, 15, 64];

fn bytes_on_the_heap(size: usize, capacity: usize, form: Form) -> Box<dyn AnyRing> {
    match size {
        0 => form.on_the_heap::<Bytes<1>>(capacity),
        1 => form.on_the_heap::<Bytes<2>>(capacity),
        2 => form.on_the_heap::<Bytes<3>>(capacity),
        3 => form.on_the_heap::<Bytes<5>>(capacity),
        4 => form.on_the_heap::<Bytes<8>>(capacity),
        5 => form.on_the_heap::<Bytes<12>>(capacity),
        6 => form.on_the_heap::<Bytes<64>>(capacity),
        7 => form.on_the_heap::<Bytes<100>>(capacity),
        8 => form.on_the_heap::<Bytes<3, 3, AtomicU16>>(capacity),
        9 => form.on_the_heap::<Bytes<64, 64, AtomicU16>>(capacity),
        _ => form.on_the_heap::<Bytes<101, 101, AtomicU16>>(capacity),
    }
}

fn bytes_in_a_buffer(which: usize, form: Form) -> Box<dyn AnyRing> {
    match which {
        0 => in_a_buffer::<12, 1>(form),
        1 => in_a_buffer::<64, 2>(form),
        2 => in_a_buffer::<5, 3>(form),
        3 => in_a_buffer::<100, 5>(form),
        4 => in_a_buffer::<1, 8>(form),
        5 => in_a_buffer::<3, 15>(form),
        6 => in_a_buffer::<8, 64>(form),
        _ => in_a_buffer::<2, 64>(form),
    }
}

/// A sole publisher's behind an `Arc`, the others as statics.
fn in_a_buffer<const N: usize, const CAP: usize>(form: Form) -> Box<dyn AnyRing> {
    if form.is_sole {
        return form.in_a_value::<Bytes<N>, CAP>();
    }
    if form.closes {
        form.many(&*Box::leak(Box::new(RingBuffer::<N, CAP, _, _>::closing())))
    } else {
        form.many(&*Box::leak(Box::new(RingBuffer::<N, CAP, _, _>::new())))
    }
}

fn values(which: usize, capacity: usize, form: Form) -> Box<dyn AnyRing> {
    match which {
        0 => form.on_the_heap::<Typed<u8>>(capacity),
        1 => form.on_the_heap::<Typed<[u16; 3]>>(capacity),
        2 => form.on_the_heap::<Typed<[u64; 9]>>(capacity),
        3 => form.on_the_heap::<Typed<u8, AtomicU16>>(capacity),
        4 => form.on_the_heap::<Typed<[u16; 6], AtomicU16>>(capacity),
        5 => form.on_the_heap::<Typed<[u64; 8], AtomicU16>>(capacity),
        6 => form.in_a_value::<Typed<u32>, 7>(),
        _ => form.in_a_value::<Typed<[u8; 100]>, 16>(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1200, max_shrink_time: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_heap_ring_does_what_the_model_does(
        size in 0..11_usize, capacity in 0..CAPACITIES.len(), form in form(), operations in vec(operation(), 1..80)
    ) {
        run(bytes_on_the_heap(size, CAPACITIES[capacity], form), &operations, |answer| answer);
    }

    #[test]
    fn a_ring_buffer_does_what_the_model_does(
        which in 0..8_usize, form in form(), operations in vec(operation(), 1..80)
    ) {
        run(bytes_in_a_buffer(which, form), &operations, |answer| answer);
    }

    #[test]
    fn a_ring_of_values_does_what_the_model_does(
        which in 0..8_usize, capacity in 0..CAPACITIES.len(), form in form(), operations in vec(operation(), 1..80)
    ) {
        run(values(which, CAPACITIES[capacity], form), &operations, |answer| answer);
    }
}
