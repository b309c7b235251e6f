//! From core to core and back.

use core::time::Duration;
use std::{io, thread, time::Instant, vec::Vec};

use super::cores::pin;
use crate::sync::{AtomicU32, Relaxed, spin_loop};

/// Of a pair of cores the quickest of so many measurements counts: others were disturbed.
const MEASUREMENTS: u32 = 50;
/// After so many looks in vain, a thread looks whether it is over.
const LOOKS: u32 = 4096;

/// A word on lines of its own. Nothing else is said by it, so all accesses are Relaxed.
#[repr(align(128))]
struct Line(AtomicU32);

/// What two threads share while their cores are measured.
struct Court {
    /// Goes back and forth.
    ball: Line,
    /// Not 0 once nobody plays any more.
    over: Line,
    deadline: Option<Instant>,
}

/// Nanoseconds of a round trip, for each pair: a row a core, as long as there are cores before it; as many rows as the time suffices for.
pub(super) fn rows(cores: &[usize], rounds: u32, within: Duration) -> io::Result<Vec<Vec<f64>>> {
    if cores.is_empty() {
        return Err(io::Error::new(
            io::ErrorKind::Unsupported,
            "this system does not say which cores there are, so they cannot be measured: run on Linux, or give figures by `Placement::from_figures`",
        ));
    }
    // A time that the clock cannot say is for ever.
    let deadline = Instant::now().checked_add(within);
    let mut rows = Vec::with_capacity(cores.len());
    for (place, core) in cores.iter().enumerate() {
        let mut row = Vec::with_capacity(place);
        for other in &cores[..place] {
            match pair(*core, *other, rounds, deadline)? {
                Some(time) => row.push(time),
                None => return Ok(rows),
            }
        }
        rows.push(row);
    }
    Ok(rows)
}

/// Two threads change a number in turn: one makes it odd, the other even. None, if there was no time.
fn pair(one: usize, other: usize, rounds: u32, deadline: Option<Instant>) -> io::Result<Option<f64>> {
    let court = &Court { ball: Line(AtomicU32::new(0)), over: Line(AtomicU32::new(0)), deadline };
    thread::scope(|scope| {
        let back = thread::Builder::new().spawn_scoped(scope, move || {
            let pinned = pin(other);
            if pinned.is_ok() {
                let _ = (0..MEASUREMENTS * rounds).try_for_each(|round| court.answer(2 * round + 1));
            } else {
                court.end();
            }
            pinned
        })?;
        let there = thread::Builder::new().spawn_scoped(scope, move || {
            let pinned = pin(one);
            let quickest = pinned.is_ok().then(|| court.quickest(rounds)).flatten();
            court.end();
            pinned.map(|()| quickest)
        });
        let there = there.inspect_err(|_| court.end())?;
        let (quickest, pinned) = (there.join().expect("it does not panic"), back.join().expect("it does not panic"));
        pinned?;
        Ok(quickest?.map(|time: Duration| time.as_nanos() as f64 / f64::from(rounds)))
    })
}

impl Court {
    /// The quickest measurement; none, if there was no time for all.
    fn quickest(&self, rounds: u32) -> Option<Duration> {
        let mut quickest = Duration::MAX;
        for measurement in 0..MEASUREMENTS {
            let begun = Instant::now();
            if self.is_over() {
                return None;
            }
            for round in measurement * rounds..(measurement + 1) * rounds {
                self.ball.0.store(2 * round + 1, Relaxed);
                self.wait(2 * round + 2)?;
            }
            quickest = quickest.min(begun.elapsed());
        }
        Some(quickest)
    }

    fn answer(&self, odd: u32) -> Option<()> {
        self.wait(odd)?;
        self.ball.0.store(odd + 1, Relaxed);
        Some(())
    }

    /// Waits until the ball has `number`; none if it is over before.
    fn wait(&self, number: u32) -> Option<()> {
        let mut looks = 0u32;
        while self.ball.0.load(Relaxed) != number {
            spin_loop();
            looks = looks.wrapping_add(1);
            if looks.is_multiple_of(LOOKS) && self.is_over() {
                return None;
            }
        }
        Some(())
    }

    fn is_over(&self) -> bool {
        self.over.0.load(Relaxed) != 0 || self.deadline.is_some_and(|deadline| Instant::now() >= deadline)
    }

    fn end(&self) {
        self.over.0.store(1, Relaxed);
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use crate::placement::{Placement, cores::usable};

    #[test]
    fn each_pair_is_measured_once() {
        let placement = Placement::measure_with(20, Duration::from_secs(600)).unwrap();
        assert_eq!((placement.cores(), placement.left_out()), (&usable()[..], &[][..]));
        for one in placement.cores() {
            for other in placement.cores() {
                assert_eq!(placement.between(*one, *other).is_some_and(|time| time > 0.0), one != other);
            }
        }
    }

    #[test]
    fn without_time_no_pair_is_measured_and_the_first_core_is_known() {
        let cores = usable();
        let placement = Placement::measure_with(1_000_000, Duration::ZERO).unwrap();
        assert_eq!((placement.cores(), placement.left_out()), (&cores[..1], &cores[1..]));
        let begun = Instant::now();
        let placement = Placement::measure_with(1_000_000, Duration::from_millis(50)).unwrap();
        assert!(begun.elapsed() < Duration::from_secs(60), "it would have taken longer to the end");
        assert_eq!(placement.cores().len() + placement.left_out().len(), cores.len());
    }

    #[test]
    fn a_core_that_cannot_be_had_is_an_error_and_nobody_waits() {
        let mine = usable()[0];
        let for_ever = Duration::MAX;
        assert!(rows(&[mine, 1023], 100, for_ever).is_err());
        assert!(rows(&[1023, mine], 100, for_ever).is_err());
        assert_eq!(rows(&[], 100, for_ever).unwrap_err().kind(), io::ErrorKind::Unsupported);
    }
}
