//! One line of results.

use crate::cli::Name;
use common::machine::Machine;
use serde::{Deserialize, Serialize};

/// What a sample found out.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Measured {
    pub(crate) figures: Vec<Figure>,
    /// Counts that do not come out.
    pub(crate) faults: Vec<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Figure {
    pub(crate) name: String,
    pub(crate) unit: Unit,
    pub(crate) value: f64,
}

impl Figure {
    pub(crate) fn new(name: impl Into<String>, unit: Unit, value: f64) -> Self {
        Figure { name: name.into(), unit, value }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Unit {
    #[serde(rename = "ns")]
    Nanos,
    #[serde(rename = "events/s")]
    Rate,
    #[serde(rename = "events")]
    Events,
    #[serde(rename = "calls")]
    Calls,
}

/// A sample, as it is kept.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Sample {
    pub(crate) workload: Name,
    pub(crate) contender: &'static str,
    pub(crate) version: &'static str,
    pub(crate) round: u32,
    /// A smoke test, whose figures mean nothing.
    pub(crate) tiny: bool,
    #[serde(flatten)]
    pub(crate) ending: Ending,
    pub(crate) machine: Machine,
}

/// How a sample ended.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub(crate) enum Ending {
    Measured(Measured),
    /// It crashed or hung.
    Failed {
        reason: String,
    },
}

impl Ending {
    /// Everything that is wrong with it.
    pub(crate) fn faults(&self) -> &[String] {
        match self {
            Ending::Measured(measured) => &measured.faults,
            Ending::Failed { reason } => std::slice::from_ref(reason),
        }
    }

    pub(crate) fn figures(&self) -> &[Figure] {
        match self {
            Ending::Measured(measured) => &measured.figures,
            Ending::Failed { .. } => &[],
        }
    }
}
