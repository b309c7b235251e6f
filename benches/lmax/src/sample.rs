//! One line of results.

use common::machine::Machine;
use serde::{Deserialize, Serialize};

/// What a child prints, the one in Java too: what it did, and what came of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Done {
    pub(crate) workload: String,
    /// Slots.
    pub(crate) ring: usize,
    pub(crate) events: u64,
    #[serde(flatten)]
    pub(crate) measured: Measured,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Measured {
    pub(crate) seconds: f64,
    pub(crate) ops_per_second: f64,
    /// One of each consumer; of stages, one of the last.
    pub(crate) checksum: Vec<i64>,
    /// How many events each consumer handled.
    pub(crate) handled: Vec<u64>,
    /// Whether each thread had a core of its own.
    #[serde(default)]
    pub(crate) pinned: bool,
    /// Java's version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) java: Option<String>,
    /// LMAX Disruptor's version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) disruptor: Option<String>,
}

/// How a sample ended.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub(crate) enum Ending {
    Measured(Measured),
    /// It ran to its end, and what came out is not what went in.
    Wrong {
        reason: String,
    },
    /// It crashed or hung.
    Failed {
        reason: String,
    },
}

/// One contender under one workload, once.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Sample {
    pub(crate) contender: &'static str,
    pub(crate) version: String,
    pub(crate) workload: &'static str,
    /// Slots.
    pub(crate) ring: usize,
    pub(crate) events: u64,
    pub(crate) round: u32,
    #[serde(flatten)]
    pub(crate) ending: Ending,
    pub(crate) machine: Machine,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_the_java_program_can_be_read() {
        let line = r#"{"workload":"unicast","ring":65536,"events":3,"seconds":0.5,"ops_per_second":6.0,"checksum":[3],
            "handled":[3],"java":"17.0.1","disruptor":"4.0.0"}"#;
        let done: Done = serde_json::from_str(line).unwrap();
        assert_eq!((done.events, done.measured.checksum[0]), (3, 3));
        assert_eq!(done.measured.disruptor.as_deref(), Some("4.0.0"));
    }

    #[test]
    fn a_sample_is_one_flat_line() {
        let machine = Machine { processor: "p".into(), family: "f-1-2".into(), cores: 2, system: "s".into(), load: 0.1, date: "d".into() };
        let ending = Ending::Wrong { reason: "the sum".into() };
        let (contender, version) = ("c", "1".to_owned());
        let sample = Sample { contender, version, workload: "w", ring: 8, events: 3, round: 1, ending, machine };
        let line = serde_json::to_string(&sample).unwrap();
        assert!(line.contains(r#""outcome":"wrong","reason":"the sum""#) && !line.contains('\n'), "{line}");
    }
}
