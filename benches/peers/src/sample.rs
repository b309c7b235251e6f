//! One line of results.

use crate::payload::{Check, Faults};
use common::machine::Machine;
use serde::{Deserialize, Serialize};

/// One cell, once: what was measured, or why nothing was.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Sample {
    pub(crate) contender: String,
    pub(crate) version: String,
    pub(crate) workload: String,
    /// Bytes.
    pub(crate) payload: usize,
    /// Slots.
    pub(crate) capacity: usize,
    pub(crate) check: Check,
    pub(crate) round: u32,
    #[serde(flatten)]
    pub(crate) ending: Ending,
    pub(crate) machine: Machine,
}

/// How a cell ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub(crate) enum Ending {
    Measured(Measured),
    /// It cannot do this, by its nature.
    #[serde(rename = "n/a")]
    NotApplicable {
        reason: String,
    },
    /// It crashed or hung.
    Failed {
        reason: String,
    },
}

/// What the child of a cell prints.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Measured {
    pub(crate) events: u64,
    pub(crate) seconds: f64,
    /// Events a second, or nanoseconds, as the workload says.
    pub(crate) value: f64,
    /// p50, p99 and p99.9 in nanoseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) percentiles: Option<[f64; 3]>,
    #[serde(flatten)]
    pub(crate) faults: Faults,
    /// The distance of the cores before and after, in nanoseconds.
    pub(crate) probe: [f64; 2],
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_all_and_can_be_read_again() {
        let measured = Measured {
            events: 10,
            seconds: 0.5,
            value: 20.0,
            percentiles: None,
            faults: Faults { lost: 1, ..Faults::default() },
            probe: [115.5, 116.0],
        };
        let machine = Machine {
            processor: "p".into(),
            family: "f-1-2".into(),
            cores: 2,
            system: "s".into(),
            load: 0.1,
            date: "2026-01-01".into(),
        };
        let sample = Sample {
            contender: "c".into(),
            version: "1".into(),
            workload: "w".into(),
            payload: 64,
            capacity: 1024,
            check: Check::Full,
            round: 3,
            ending: Ending::Measured(measured),
            machine,
        };
        let line = serde_json::to_string(&sample).unwrap();
        assert!(line.contains(r#""outcome":"measured""#) && line.contains(r#""lost":1"#), "{line}");
        assert_eq!(serde_json::from_str::<Sample>(&line).unwrap(), sample);
        let ending = Ending::NotApplicable { reason: "a queue".into() };
        let line = serde_json::to_string(&Sample { ending, ..sample }).unwrap();
        assert!(line.contains(r#""outcome":"n/a""#), "{line}");
        assert!(matches!(serde_json::from_str::<Sample>(&line).unwrap().ending, Ending::NotApplicable { .. }));
    }
}
