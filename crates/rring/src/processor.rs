//! Which processor this is.

use std::{env, fs};

/// Its name, and what it is a member of: figures of two processors are comparable if their family is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Processor {
    pub(crate) name: String,
    /// Vendor, family and model on x86, implementer and part on Arm, such as `intel-6-207`; else the architecture.
    pub(crate) family: String,
}

/// This machine's.
pub(crate) fn here() -> Processor {
    of(&fs::read_to_string("/proc/cpuinfo").unwrap_or_default())
}

/// The one that `/proc/cpuinfo` tells of.
fn of(info: &str) -> Processor {
    let value = |key: &str| {
        let pairs = info.lines().filter_map(|line| line.split_once(':'));
        pairs.map(|(name, value)| (name.trim(), value.trim())).find(|(name, _)| *name == key).map(|(_, value)| value)
    };
    let words = match (value("vendor_id"), value("CPU implementer")) {
        (Some(vendor), _) => {
            let vendor = match vendor {
                "AuthenticAMD" => "amd",
                "GenuineIntel" => "intel",
                other => other,
            };
            [Some(vendor), value("cpu family"), value("model")]
        }
        (None, Some(implementer)) => [Some("arm"), Some(implementer), value("CPU part")],
        _ => [None; 3],
    };
    let family = match words {
        [Some(vendor), Some(family), Some(model)] => format!("{vendor}-{family}-{model}").to_lowercase(),
        _ => env::consts::ARCH.to_owned(),
    };
    Processor { name: value("model name").unwrap_or(env::consts::ARCH).to_owned(), family }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_processor_has_a_family_whatever_the_system_tells_of_it() {
        let family = |info: &str| of(info).family;
        let intel = "vendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 207\nmodel name\t: Intel(R) Xeon(R)\n";
        assert_eq!(of(intel), Processor { name: "Intel(R) Xeon(R)".to_owned(), family: "intel-6-207".to_owned() });
        assert_eq!(family("vendor_id\t: AuthenticAMD\ncpu family\t: 25\nmodel\t\t: 1\n"), "amd-25-1");
        assert_eq!(family("CPU implementer\t: 0x41\nCPU part\t: 0xd0c\n"), "arm-0x41-0xd0c");
        assert_eq!(family(""), env::consts::ARCH);
    }
}
