//! Many threads on the production size classes, with self-checking events and books kept by the test itself.
//!
//! `RUSTED_RING_DEEP=1` runs a hundred times the events, of the smallest size class a thousand times.

#![cfg(all(feature = "std", not(loom)))]

mod crowd;
#[path = "../common/deadline.rs"]
mod deadline;
#[path = "../common/payload.rs"]
mod payload;
mod races;
#[path = "../common/rng.rs"]
mod rng;
mod snapshots;
mod tally;

use std::{env, sync::Arc, time::Instant};

use rusted_ring::{Bytes, HeapRing, Publisher, RingBuffer, SharedRing, Sole, SolePublisher};

/// How many times the events are run when asked to go deep.
const DEEP: u64 = 100;
/// Of the smallest size class: 10^10.
const DEEP_XS: u64 = 1000;

/// `events`, more of them when asked to go deep, a hundredth in a debug build.
fn scaled(events: u64) -> u64 {
    scaled_by(DEEP, events)
}

fn scaled_by(deep: u64, events: u64) -> u64 {
    match env::var("RUSTED_RING_DEEP").as_deref() {
        Ok("1") => events * deep,
        _ if cfg!(debug_assertions) => events / 100,
        _ => events,
    }
}

/// 1, 2 and 3 publishers and a sole one publish `events` in all through rings of one size, with that many Consumers.
fn crowds<const N: usize, const CAP: usize>(consumers: usize, events: u64) {
    let begun = Instant::now();
    let share = events / 4;
    let mut found = (1..=3).fold((0, 0), |(laps, holes), publishers| {
        let ring = HeapRing::<N>::new(CAP);
        let publisher = Publisher::join(ring.clone()).expect("open");
        let found = crowd::run(&ring, vec![publisher; publishers], share / publishers as u64, consumers);
        (laps + found.0, holes + found.1)
    });
    let ring = Arc::new(RingBuffer::<N, CAP, Sole, _>::closing());
    let publisher = SolePublisher::join(ring.clone()).expect("open");
    let (laps, holes) = crowd::run(&ring, vec![publisher], share, consumers);
    assert_eq!(holes, 0, "a sole publisher makes no holes");
    found.0 += laps;
    println!("{CAP} x {N} B, {consumers} consumers: (laps, holes) = {found:?} in {:?}", begun.elapsed());
    assert!(found.0 > 0, "a reader that pauses for a lap was lapped");
}

#[test]
fn xs_events_are_conserved() {
    crowds::<64, 2000>(0, scaled_by(DEEP_XS, 5_000_000));
    crowds::<64, 2000>(2, scaled_by(DEEP_XS, 5_000_000));
}

#[test]
fn s_events_are_conserved() {
    crowds::<256, 1000>(0, scaled(5_000_000));
    crowds::<256, 1000>(2, scaled(5_000_000));
}

#[test]
fn m_events_are_conserved() {
    crowds::<1024, 300>(0, scaled(5_000_000));
    crowds::<1024, 300>(2, scaled(5_000_000));
}

#[test]
fn l_events_are_conserved() {
    crowds::<4096, 60>(0, scaled(500_000));
    crowds::<4096, 60>(2, scaled(500_000));
}

#[test]
fn xl_events_are_conserved() {
    crowds::<16384, 15>(0, scaled(500_000));
    crowds::<16384, 15>(2, scaled(500_000));
}

/// So few slots that readers are overtaken in the middle of a copy all the time.
#[test]
fn rings_of_one_two_and_three_slots_are_never_torn() {
    crowds::<4096, 1>(0, scaled(400_000));
    crowds::<1024, 2>(0, scaled(1_000_000));
    crowds::<60, 3>(0, scaled(1_000_000));
    crowds::<4096, 1>(2, scaled(20_000));
    crowds::<1024, 2>(2, scaled(20_000));
    crowds::<60, 3>(2, scaled(20_000));
}

/// As [`crowds`], of events of all lengths up to four slots.
fn crowds_of_long_events<const N: usize, const SLOT: usize>(capacity: usize, consumers: usize, events: u64) {
    let begun = Instant::now();
    let share = events / 4;
    let mut found = (1..=3).fold((0, 0), |(laps, holes), publishers| {
        let ring = SharedRing::<Bytes<N, SLOT>>::new(capacity);
        let publisher = Publisher::join(ring.clone()).expect("open");
        let found = crowd::run(&ring, vec![publisher; publishers], share / publishers as u64, consumers);
        (laps + found.0, holes + found.1)
    });
    let ring = SharedRing::<Bytes<N, SLOT>, Sole>::sole(capacity);
    let publisher = SolePublisher::join(ring.clone()).expect("open");
    let (laps, holes) = crowd::run(&ring, vec![publisher], share, consumers);
    found = (found.0 + laps, found.1 + holes);
    println!("{capacity} x {SLOT} of {N} B, {consumers} consumers: (laps, holes) = {found:?} in {:?}", begun.elapsed());
    assert!(found.0 > 0, "a reader that pauses for a lap was lapped");
}

#[test]
fn long_events_are_conserved() {
    crowds_of_long_events::<256, 64>(16, 0, scaled(400_000));
    crowds_of_long_events::<256, 64>(300, 2, scaled(400_000));
    crowds_of_long_events::<500, 60>(50, 2, scaled(200_000));
    crowds_of_long_events::<65536, 16384>(16, 2, scaled(20_000));
}
