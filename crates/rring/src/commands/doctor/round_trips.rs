//! From core to core and back.

use std::{
    hint::spin_loop,
    io,
    sync::atomic::{
        AtomicU32,
        Ordering::{Acquire, Release},
    },
    thread,
    time::Instant,
};

use super::Finding;
use crate::cores;

/// Of a pair of cores the quickest of so many measurements counts: others were disturbed.
const MEASUREMENTS: u32 = 50;
/// With more cores, as many are measured, spread over all.
const MOST: usize = 64;

/// A line that travels; on lines of its own.
#[repr(align(128))]
struct Ball(AtomicU32);

/// Nanoseconds of a round trip, for each pair of cores.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Matrix {
    pub(super) cores: Vec<usize>,
    /// A row a core, as long as there are cores before it.
    pub(super) rows: Vec<Vec<f64>>,
}

impl Matrix {
    /// Between the cores at two places of the list; none from a core to itself.
    pub(super) fn between(&self, one: usize, other: usize) -> Option<f64> {
        (one != other).then(|| self.rows[one.max(other)][one.min(other)])
    }

    /// The quickest and the slowest pair, and their time.
    pub(super) fn extremes(&self) -> Option<[(usize, usize, f64); 2]> {
        let all = || {
            let pairs = self.rows.iter().enumerate();
            pairs.flat_map(|(one, row)| row.iter().enumerate().map(move |(other, time)| (other, one, *time)))
        };
        let by_time = |a: &(usize, usize, f64), b: &(usize, usize, f64)| a.2.total_cmp(&b.2);
        let named = |(one, other, time): (usize, usize, f64)| (self.cores[one], self.cores[other], time);
        Some([named(all().min_by(by_time)?), named(all().max_by(by_time)?)])
    }

    pub(super) fn finding(&self) -> Option<Finding> {
        let [(one, other, quickest), (far, away, slowest)] = self.extremes()?;
        Some(Finding::new("cores", "").advise(
            slowest > 2.0 * quickest,
            format!(
                "it takes {slowest:.0} ns from core {far} to {away} and back, and {quickest:.0} ns from {one} to {other}: give a publisher \
                 and the reader that matters most cores that are close, as by `taskset`"
            ),
        ))
    }
}

/// The cores that this process may use; at most [`MOST`].
pub(super) fn usable() -> Vec<usize> {
    let all = cores::usable();
    let step = all.len().div_ceil(MOST).max(1);
    all.into_iter().step_by(step).collect()
}

/// Measures each pair by so many round trips.
pub(super) fn measure(rounds: u32) -> io::Result<Matrix> {
    let cores = usable();
    let row = |(place, core): (usize, &usize)| {
        cores[..place].iter().map(|other| measure_pair(*core, *other, rounds)).collect::<io::Result<Vec<_>>>()
    };
    let rows = cores.iter().enumerate().map(row).collect::<io::Result<_>>()?;
    Ok(Matrix { cores, rows })
}

/// Two threads change a number in turn: one makes it odd, the other even.
fn measure_pair(one: usize, other: usize, rounds: u32) -> io::Result<f64> {
    let ball = &Ball(AtomicU32::new(0));
    let quickest = thread::scope(|scope| {
        let back = scope.spawn(move || {
            let pinned = cores::pin(other);
            // Also if it could not be pinned, or the other would wait for ever.
            for round in 0..MEASUREMENTS * rounds {
                await_and_set(ball, 2 * round + 1);
            }
            pinned
        });
        let there = scope.spawn(move || {
            let pinned = cores::pin(one);
            let measurements = (0..MEASUREMENTS).map(|measurement| {
                let begun = Instant::now();
                for round in measurement * rounds..(measurement + 1) * rounds {
                    let odd = 2 * round + 1;
                    ball.0.store(odd, Release);
                    while ball.0.load(Acquire) == odd {
                        spin_loop();
                    }
                }
                begun.elapsed()
            });
            let quickest = measurements.min().expect("there is one at least");
            pinned.map(|()| quickest)
        });
        let (there, back) = (there.join().expect("it does not panic"), back.join().expect("it does not panic"));
        back?;
        there
    })?;
    Ok(quickest.as_nanos() as f64 / f64::from(rounds))
}

fn await_and_set(ball: &Ball, odd: u32) {
    while ball.0.load(Acquire) != odd {
        spin_loop();
    }
    ball.0.store(odd + 1, Release);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_pair_is_measured_once() {
        let matrix = measure(50).unwrap();
        assert_eq!(matrix.cores, usable());
        let lengths: Vec<usize> = matrix.rows.iter().map(Vec::len).collect();
        assert_eq!(lengths, (0..matrix.cores.len()).collect::<Vec<_>>());
        assert!(matrix.rows.iter().flatten().all(|time| time.is_finite() && *time > 0.0));
    }

    #[test]
    fn only_distances_that_differ_are_worth_an_advice() {
        let matrix = |far| Matrix { cores: vec![0, 2, 5], rows: vec![vec![], vec![80.0], vec![far, 100.0]] };
        assert_eq!(matrix(300.0).extremes(), Some([(0, 2, 80.0), (0, 5, 300.0)]));
        assert_eq!((matrix(300.0).between(0, 2), matrix(300.0).between(2, 0)), (Some(300.0), Some(300.0)));
        assert_eq!(matrix(300.0).between(1, 1), None);
        assert!(matrix(300.0).finding().unwrap().advice.unwrap().contains("300 ns from core 0 to 5"));
        assert_eq!(matrix(120.0).finding().unwrap().advice, None);
        assert_eq!(Matrix { cores: vec![3], rows: vec![vec![]] }.finding(), None);
    }
}
