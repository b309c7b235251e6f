//! What a sample is.

use crate::payload::Tally;
use common::machine::Machine;
use serde::{Deserialize, Serialize};

/// What the first process found.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct First {
    pub(crate) published: u64,
    /// Round trips: the median of means, in nanoseconds.
    pub(crate) value: Option<f64>,
    /// Round trips, one by one: p50, p90, p99, p99.9 and the longest.
    pub(crate) percentiles: Option<[f64; 5]>,
    /// Round trips: what came back.
    pub(crate) back: Option<Tally>,
}

/// What the second process found.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Second {
    pub(crate) tally: Tally,
    /// Streams: from the first event to the last.
    pub(crate) seconds: f64,
}

/// A line of a run.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Sample {
    pub(crate) contender: &'static str,
    pub(crate) workload: &'static str,
    pub(crate) payload: usize,
    pub(crate) round: u32,
    #[serde(flatten)]
    pub(crate) ending: Ending,
    /// Nanoseconds in which a line goes from core to core and back, before and after.
    pub(crate) probe: [f64; 2],
    pub(crate) machine: Machine,
}

#[derive(Clone, Debug, Serialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub(crate) enum Ending {
    Measured(Measured),
    /// Events came torn or twice, or a lossless row lost some.
    Unsound {
        reason: String,
    },
    Failed {
        reason: String,
    },
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct Measured {
    /// Nanoseconds of a round trip, or events received a second.
    pub(crate) value: f64,
    pub(crate) percentiles: Option<[f64; 5]>,
    pub(crate) published: u64,
    pub(crate) received: u64,
    pub(crate) lost: u64,
}

/// Judges what the two processes of a sample found.
pub(crate) fn judged(first: &First, second: &Second, is_lossy: bool) -> Ending {
    let Tally { received, lost, .. } = second.tally;
    let tallies = [Some(second.tally), first.back];
    for tally in tallies.into_iter().flatten() {
        if !tally.is_sound() || !is_lossy && tally.lost > 0 {
            return Ending::Unsound { reason: format!("{tally:?}") };
        }
    }
    if received + lost != first.published {
        return Ending::Unsound {
            reason: format!("{received} received + {lost} lost are not {} published", first.published),
        };
    }
    let value = first.value.unwrap_or(received as f64 / second.seconds);
    let percentiles = first.percentiles;
    Ending::Measured(Measured { value, percentiles, published: first.published, received, lost })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_lost_or_torn_does_not_count() {
        let first = First { published: 10, value: None, percentiles: None, back: None };
        let second = |received, lost, torn| Second { tally: Tally { received, lost, torn, stale: 0 }, seconds: 2.0 };
        let judged = |second, is_lossy| judged(&first, &second, is_lossy);
        assert!(matches!(judged(second(10, 0, 0), false), Ending::Measured(Measured { value: 5.0, .. })));
        assert!(matches!(judged(second(4, 6, 0), true), Ending::Measured(Measured { value: 2.0, .. })));
        for (second, is_lossy) in [(second(4, 6, 0), false), (second(10, 0, 1), true), (second(9, 0, 0), true)] {
            assert!(matches!(judged(second, is_lossy), Ending::Unsound { .. }));
        }
    }
}
