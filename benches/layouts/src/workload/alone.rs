//! What writing costs by itself.

use crate::sample::{Fault, Limit, joined};
use crate::wait::{Hung, Watch};
use common::pin;
use std::thread;
use std::time::{Duration, Instant};

/// Nanoseconds an event, lap after lap of a ring of this many slots with nobody reading; the first lap does not count.
pub(super) fn measure(
    limit: &Limit,
    capacity: u64,
    mut publish: impl FnMut(&Watch) -> Result<(), Hung> + Send,
) -> Result<f64, Fault> {
    let watch = limit.watch(1);
    thread::scope(|scope| {
        joined(scope.spawn(move || {
            pin::pin(0);
            let mut lap = || (0..capacity).try_for_each(|_| publish(&watch));
            lap()?;
            let (begin, mut events, mut time) = (Instant::now(), 0, Duration::ZERO);
            while !limit.is_reached(events, time) {
                lap()?;
                events += capacity;
                time = begin.elapsed();
            }
            Ok(time.as_nanos() as f64 / events as f64)
        }))
    })
}
