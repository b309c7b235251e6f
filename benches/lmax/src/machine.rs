//! Where it was measured.

use crate::pin;
use serde::Serialize;
use std::fs;

#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Machine {
    pub(crate) processor: String,
    pub(crate) cores: usize,
    pub(crate) system: String,
    /// Processes that ran or wanted to, on average over the minute before the run.
    pub(crate) load: f64,
}

/// A load above this is somebody else at work.
const QUIET: f64 = 0.5;

impl Machine {
    pub(crate) fn here() -> Self {
        let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
        let info = read("/proc/cpuinfo");
        let model = info.lines().find(|line| line.starts_with("model name")).and_then(|line| line.split(": ").nth(1));
        let load = read("/proc/loadavg");
        Machine {
            processor: model.unwrap_or(std::env::consts::ARCH).to_owned(),
            cores: pin::cores().len(),
            system: format!("{} {}", std::env::consts::OS, read("/proc/sys/kernel/osrelease").trim()),
            load: load.split(' ').next().and_then(|load| load.parse().ok()).unwrap_or(0.0),
        }
    }

    pub(crate) fn is_quiet(&self) -> bool {
        self.load <= QUIET
    }
}
