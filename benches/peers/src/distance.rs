//! Which samples were taken at the distance between the cores at which most were.

use crate::sample::{Ending, Measured, Sample};

/// Two distances are the same up to this factor; those that the cores jump between are further apart.
const SAME: f64 = 1.4;

/// What was measured, of those that were.
pub(crate) fn measured(sample: &Sample) -> Option<&Measured> {
    match &sample.ending {
        Ending::Measured(measured) => Some(measured),
        _ => None,
    }
}

/// The distance at which most samples were taken: the median of all probes, in nanoseconds.
pub(crate) fn common(samples: &[Sample]) -> f64 {
    median(samples.iter().filter_map(measured).flat_map(|measured| measured.probe).collect())
}

/// Whether a sample was taken at this distance, from its beginning to its end.
pub(crate) fn is_at(measured: &Measured, common: f64) -> bool {
    measured.probe.iter().all(|probe| *probe <= common * SAME && *probe * SAME >= common)
}

/// The value in the middle; 0 of none.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    match values.len() {
        0 => 0.0,
        odd if odd % 2 == 1 => values[odd / 2],
        even => (values[even / 2 - 1] + values[even / 2]) / 2.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payload::Faults;

    fn probed(probe: [f64; 2]) -> Measured {
        Measured { events: 1, seconds: 1.0, value: 1.0, percentiles: None, faults: Faults::default(), probe }
    }

    #[test]
    fn the_distances_that_cores_jump_between_are_told_apart() {
        assert!(is_at(&probed([110.0, 120.0]), 115.0));
        assert!(!is_at(&probed([115.0, 550.0]), 115.0));
        assert!(!is_at(&probed([52.0, 115.0]), 115.0));
    }

    #[test]
    fn the_median_is_in_the_middle() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(vec![4.0, 1.0, 2.0, 3.0]), 2.5);
        assert_eq!(median(vec![]), 0.0);
    }
}
