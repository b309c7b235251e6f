//! The four workloads: their participants, and the published figures that each answers.

mod backpressure;
mod ffi;
mod pipeline;
mod pools;

use crate::cli::Name;
use crate::new::{New, NewBytes, NewLossless};
use crate::old::Old;
use crate::sample::Measured;
use std::path::PathBuf;
use std::time::Duration;

/// A workload, and what is known of the figures that it answers.
pub(crate) struct Workload {
    pub(crate) name: Name,
    pub(crate) title: &'static str,
    /// What is published.
    pub(crate) published: &'static str,
    /// Why both cannot be true, or what was measured.
    pub(crate) truth: &'static str,
    pub(crate) contenders: &'static [Contender],
}

impl Workload {
    pub(crate) fn named(name: Name) -> &'static Workload {
        ALL.iter().find(|workload| workload.name == name).expect("every name has a workload")
    }
}

/// A participant in a workload.
pub(crate) struct Contender {
    pub(crate) name: &'static str,
    /// Whether a fault of its is a failure of the run.
    pub(crate) is_new: bool,
    pub(crate) measure: fn(&Task) -> anyhow::Result<Measured>,
}

impl Contender {
    const fn old(name: &'static str, measure: fn(&Task) -> anyhow::Result<Measured>) -> Self {
        Contender { name, is_new: false, measure }
    }

    const fn new(name: &'static str, measure: fn(&Task) -> anyhow::Result<Measured>) -> Self {
        Contender { name, is_new: true, measure }
    }

    /// The version that was built, from the lock file: the one with a source comes from a registry, and is the old.
    pub(crate) fn version(&self) -> &'static str {
        let packages = include_str!("../../Cargo.lock").split("[[package]]");
        let mut rings = packages.filter(|package| package.contains("name = \"rusted-ring\"\n"));
        let ring = rings.find(|package| package.contains("\nsource = ") != self.is_new);
        ring.and_then(|ring| ring.split("version = \"").nth(1)?.split('"').next()).unwrap_or("unknown")
    }
}

/// What a contender is to do.
pub(crate) struct Task {
    /// Few events, to check the counts.
    pub(crate) tiny: bool,
    /// The shared library of this contender.
    pub(crate) library: PathBuf,
}

impl Task {
    /// How long a figure of one thread is taken for.
    fn time(&self) -> Duration {
        Duration::from_millis(if self.tiny { 2 } else { 200 })
    }
}

pub(crate) const ALL: [Workload; 4] = [
    Workload {
        name: Name::Ffi,
        title: "strokes of 64 bytes through a call into a shared library, in bursts of 1,000",
        published: "1.43 µs per event and 175 M events/s, which cannot both be: 1.43 µs an event is 0.7 M/s.",
        truth: "1.43 µs was a burst of 150 events, counted as 250, with no foreign call and no reader.",
        contenders: &[Contender::old("old", ffi::measure), Contender::new("new", ffi::measure)],
    },
    Workload {
        name: Name::Pools,
        title: "create and write an event as large as its slot, in each pool; and 5 bytes, auto-sized",
        published: "sub-microsecond allocation across all pool sizes.",
        truth: "XS and S were measured, M in a mix, L and XL never; only the benchmark itself allocated.",
        contenders: &[
            Contender::old("old", pools::measure::<Old>),
            Contender::new("new", pools::measure::<New>),
            Contender::new("new-bytes", pools::measure::<NewBytes>),
        ],
    },
    Workload {
        name: Name::Pipeline,
        title: "three stages on threads of their own, every event through all: 64 B, 256 B, 1 KiB",
        published: "705 ns per stage and 71 M ops/s, which cannot both be: 705 ns a stage is 1.4 M/s.",
        truth: "705 ns was a pass of one thread: 50 adds, 100 reads of stale slots, 0.83 events processed.",
        contenders: &[
            Contender::old("old", pipeline::measure::<Old>),
            Contender::new("new", pipeline::measure::<New>),
            Contender::new("new-lossless", pipeline::measure::<NewLossless>),
        ],
    },
    Workload {
        name: Name::Backpressure,
        title: "a reader at a tenth of the speed that its writer reaches alone",
        published: "2.99 µs under load and 33 M events/s, which cannot both be: 2.99 µs an event is 0.33 M/s.",
        truth: "2.99 µs was 100 times `format!` and add, then 20 reads, on one thread: nothing was slow.",
        contenders: &[
            Contender::old("old", backpressure::measure::<Old, false>),
            Contender::new("new", backpressure::measure::<New, false>),
            Contender::old("old-throttled", backpressure::measure::<Old, true>),
            Contender::new("new-throttled", backpressure::measure::<New, true>),
            Contender::new("new-lossless", backpressure::measure::<NewLossless, true>),
        ],
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lock_file_tells_the_versions() {
        let version = |is_new| ALL[0].contenders.iter().find(|c| c.is_new == is_new).map(Contender::version);
        assert_eq!(version(false), Some("0.5.6"));
        assert!(version(true).is_some_and(|version| version != "0.5.6" && version != "unknown"));
    }
}
