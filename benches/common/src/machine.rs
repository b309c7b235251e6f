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
    /// The processor's family, as a directory may be called, such as `amd-25-1`: see [`family`]. Empty in lines of before it was kept.
    #[serde(default)]
    pub family: String,
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
            family: family(&info),
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

/// The family that `/proc/cpuinfo` tells of: vendor, family and model on x86, implementer and part on ARM, else the architecture. Figures
/// are kept for each, because how far cores are apart and what a line costs differs between them more than the rings do.
fn family(info: &str) -> String {
    let value = |key: &str| {
        info.lines()
            .find_map(|line| line.split_once(':').filter(|(name, _)| name.trim() == key))
            .map(|(_, value)| value.trim())
    };
    let vendor = value("vendor_id").map(|vendor| match vendor {
        "AuthenticAMD" => "amd",
        "GenuineIntel" => "intel",
        other => other,
    });
    let words = match (vendor, value("cpu family"), value("model"), value("CPU implementer"), value("CPU part")) {
        (Some(vendor), Some(family), Some(model), ..) => vec![vendor, family, model],
        (_, _, _, Some(implementer), Some(part)) => vec!["arm", implementer, part],
        _ => vec![std::env::consts::ARCH],
    };
    words
        .join("-")
        .to_ascii_lowercase()
        .replace(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-' && letter != '_', "-")
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
    fn a_family_is_named_as_a_directory_may_be() {
        let intel = "processor\t: 0\nvendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 207\nmodel name\t: Intel(R) Xeon(R)\n";
        assert_eq!(family(intel), "intel-6-207");
        assert_eq!(family("vendor_id\t: AuthenticAMD\ncpu family\t: 25\nmodel\t\t: 1\n"), "amd-25-1");
        assert_eq!(family("vendor_id\t: ../Other\ncpu family\t: 7\nmodel\t\t: 59\n"), "---other-7-59");
        assert_eq!(family("CPU implementer\t: 0x41\nCPU part\t: 0xd0c\n"), "arm-0x41-0xd0c");
        assert_eq!(family(""), std::env::consts::ARCH);
    }

    #[test]
    fn days_have_dates() {
        assert_eq!(day(0), "1970-01-01");
        assert_eq!(day(19_782), "2024-02-29");
        assert_eq!(day(20_453), "2025-12-31");
    }
}
