//! A sample: one way, one direction, one size, over and over a ring.

use super::{Copying, Direction};
use crate::payload::{difference, fill};
use crate::plane::Plane;
use crate::sample::{Fault, Limit, joined};
use common::pin;
use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

/// Memory of one's own, small enough for the first cache.
#[repr(align(64))]
struct Buffer<const W: usize>([u64; W]);

/// Nanoseconds a copy. Payload sizes become types here; those of `copies::PAYLOADS`.
pub(super) fn by<C: Copying>(direction: Direction, payload: usize, limit: &Limit) -> Result<f64, Fault> {
    match payload {
        64 => pinned::<C, 8, 1024>(direction, limit),
        256 => pinned::<C, 32, 1024>(direction, limit),
        1024 => pinned::<C, 128, 1024>(direction, limit),
        4096 => pinned::<C, 512, 256>(direction, limit),
        16384 => pinned::<C, 2048, 64>(direction, limit),
        _ => unreachable!("the tables have no other payloads"),
    }
}

fn pinned<C: Copying, const W: usize, const CAP: usize>(direction: Direction, limit: &Limit) -> Result<f64, Fault> {
    const { assert!(W.is_multiple_of(8)) };
    let ring = Plane::<[AtomicU64; W], CAP>::of(|| [const { AtomicU64::new(0) }; W]);
    thread::scope(|scope| {
        joined(scope.spawn(|| {
            pin::pin(0);
            let (mut buffer, mut wrong) = (Buffer([0; W]), 0);
            for (number, slot) in (0..).zip(ring.iter()) {
                wrong += u64::from(!arrives::<C, W>(slot, &mut buffer, number));
            }
            let value = match direction {
                Direction::Store => stores::<C, W>(&*ring, &buffer, limit),
                Direction::Load => loads::<C, W>(&*ring, &mut buffer, limit),
            };
            // Whichever way it went, the last payload is there still.
            let last = CAP as u64 - 1;
            let stored = if direction == Direction::Store { &ring[..] } else { &ring[CAP - 1..] };
            wrong += stored.iter().filter(|slot| difference(&words(slot), last) != 0).count() as u64;
            wrong += u64::from(difference(&buffer.0, last) != 0);
            if wrong == 0 { Ok(value) } else { Err(Fault::Wrong { wrong, of: 2 * CAP as u64 }) }
        }))
    })
}

/// Whether a payload comes to a slot, and back from there, as it was.
fn arrives<C: Copying, const W: usize>(slot: &[AtomicU64; W], buffer: &mut Buffer<W>, number: u64) -> bool {
    fill(&mut buffer.0, number);
    // SAFETY: only this thread has the ring, and the measuring code has asked whether the way is available.
    unsafe { C::store(slot, &buffer.0) };
    let came = difference(&words(slot), number) == 0;
    buffer.0.fill(0);
    // SAFETY: as above.
    unsafe { C::load(slot, &mut buffer.0) };
    came && difference(&buffer.0, number) == 0
}

fn words<const W: usize>(slot: &[AtomicU64; W]) -> [u64; W] {
    slot.each_ref().map(|word| word.load(Relaxed))
}

fn stores<C: Copying, const W: usize>(ring: &[[AtomicU64; W]], buffer: &Buffer<W>, limit: &Limit) -> f64 {
    laps(ring, limit, |slot| {
        // SAFETY: as in `arrives`.
        unsafe { C::store(slot, &black_box(buffer).0) };
    })
}

fn loads<C: Copying, const W: usize>(ring: &[[AtomicU64; W]], buffer: &mut Buffer<W>, limit: &Limit) -> f64 {
    laps(ring, limit, |slot| {
        // SAFETY: as in `arrives`.
        unsafe { C::load(slot, &mut black_box(&mut *buffer).0) };
        black_box(&mut *buffer);
    })
}

/// Does it with each slot, lap after lap; nanoseconds a slot.
fn laps<const W: usize>(ring: &[[AtomicU64; W]], limit: &Limit, mut copy: impl FnMut(&[AtomicU64; W])) -> f64 {
    let (begin, mut copies, mut time) = (Instant::now(), 0, Duration::ZERO);
    while !limit.is_reached(copies, time) {
        ring.iter().for_each(&mut copy);
        copies += ring.len() as u64;
        time = begin.elapsed();
    }
    time.as_nanos() as f64 / copies as f64
}

#[cfg(test)]
mod tests {
    use super::super::{ALL, PAYLOADS};
    use super::*;

    #[test]
    fn every_way_copies_every_size_both_ways() {
        let limit = Limit { time: Duration::from_secs(5), events: 100 };
        for row in ALL.iter().filter(|row| row.is_available()) {
            for payload in PAYLOADS {
                for direction in [Direction::Store, Direction::Load] {
                    let value = row.measure(direction, payload, &limit);
                    assert!(value.is_ok_and(|value| value > 0.0), "{}, {payload} B: {value:?}", row.name);
                }
            }
        }
    }
}
