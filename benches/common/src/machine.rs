//! Where and when it was measured.

use crate::pin;
use serde::{Deserialize, Serialize};
use std::fs;
use std::time::{SystemTime, UNIX_EPOCH};

/// The machine, and how busy it was before the run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Machine {
    /// The processor's name, or its architecture's where it tells none.
    pub processor: String,
    /// Those that this process may use.
    pub cores: usize,
    /// The operating system and its version.
    pub system: String,
    /// Processes that ran or wanted to, on average over the minute before the run.
    pub load: f64,
    /// The day, UTC.
    pub date: String,
}

/// A load above this comes from somebody else's work.
pub const QUIET: f64 = 0.5;

impl Machine {
    /// This one, now.
    pub fn here() -> Self {
        let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
        let info = read("/proc/cpuinfo");
        let model = info.lines().find(|line| line.starts_with("model name")).and_then(|line| line.split(": ").nth(1));
        let load = read("/proc/loadavg");
        Machine {
            processor: model.unwrap_or(std::env::consts::ARCH).to_owned(),
            cores: pin::cores(),
            system: format!("{} {}", std::env::consts::OS, read("/proc/sys/kernel/osrelease").trim()),
            load: load.split(' ').next().and_then(|load| load.parse().ok()).unwrap_or(0.0),
            date: SystemTime::now().duration_since(UNIX_EPOCH).map_or(String::new(), |now| day(now.as_secs() / 86_400)),
        }
    }

    /// Whether nobody else was at work here.
    pub fn is_quiet(&self) -> bool {
        self.load <= QUIET
    }
}

/// The date of a day counted from 1970-01-01.
fn day(mut days: u64) -> String {
    let leap = |year: u64| year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let mut year = 1970;
    while days >= 365 + u64::from(leap(year)) {
        days -= 365 + u64::from(leap(year));
        year += 1;
    }
    let mut month = 1;
    for length in [31, 28 + u64::from(leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
        if days < length {
            break;
        }
        days -= length;
        month += 1;
    }
    format!("{year}-{month:02}-{:02}", days + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_have_dates() {
        assert_eq!(day(0), "1970-01-01");
        assert_eq!(day(19_782), "2024-02-29");
        assert_eq!(day(20_453), "2025-12-31");
    }
}
