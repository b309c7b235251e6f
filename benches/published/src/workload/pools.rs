//! One event after the other, created and written, in each of the five pools.

use super::Task;
use crate::endpoints::{Pools, Put, Take};
use crate::laps::Laps;
use crate::sample::{Figure, Measured, Unit};
use rusted_ring::{L_CAPACITY, M_CAPACITY, S_CAPACITY, XL_CAPACITY, XS_CAPACITY};
use std::hint::black_box;
use std::time::{Duration, Instant};

pub(super) fn measure<P: Pools>(task: &Task) -> anyhow::Result<Measured> {
    let mut measured = Measured::default();
    let time = task.time();
    lap("XS, 64 B", P::xs(), &[7; 64], XS_CAPACITY, time, &mut measured);
    lap("S, 256 B", P::s(), &[7; 256], S_CAPACITY, time, &mut measured);
    lap("M, 1 KiB", P::m(), &[7; 1024], M_CAPACITY, time, &mut measured);
    lap("L, 4 KiB", P::l(), &[7; 4096], L_CAPACITY, time, &mut measured);
    lap("XL, 16 KiB", P::xl(), &[7; 16384], XL_CAPACITY, time, &mut measured);
    lap("auto-sized, 5 B", P::auto(), &[7; 5], XS_CAPACITY, time, &mut measured);
    Ok(measured)
}

/// Fills the whole pool and reads it back, again and again; the writing alone is timed.
fn lap(
    name: &str,
    (mut put, mut take): (impl Put, impl Take),
    bytes: &[u8],
    capacity: usize,
    time: Duration,
    measured: &mut Measured,
) {
    // What an earlier part left in this pool.
    while take.try_take(|_| ()) {}
    let told_before = take.told_lost();
    let mut laps = Laps::during(time);
    while laps.go_on() {
        let (start, mut accepted) = (Instant::now(), 0);
        for event_type in 0..capacity as u32 {
            accepted += usize::from(put.try_put(black_box(bytes), black_box(event_type)));
        }
        laps.push(start.elapsed());
        let mut whole = 0;
        while take.try_take(|event| whole += usize::from(event == bytes)) {}
        if (accepted, whole) != (capacity, capacity) || take.told_lost() != told_before {
            measured.faults.push(format!("{name}: of {capacity}, {accepted} were accepted and {whole} arrived"));
            return;
        }
    }
    measured.figures.push(Figure::new(name, Unit::Nanos, laps.nanos_each(capacity)));
}
