//! What the kernel writes of cores, limits and mappings, understood.

use core::str::FromStr;
use std::vec::Vec;

/// Numbers of a list such as `0-3,8`; what is no number is left out.
pub(super) fn list(text: &str) -> Vec<usize> {
    let mut numbers = Vec::new();
    for range in text.trim().split(',') {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        if let (Ok(first), Ok(last)) = (first.parse::<usize>(), last.parse::<usize>()) {
            // No system has more cores or nodes, and a text that says so is none of the kernel's.
            numbers.extend(first..=last.min(first.saturating_add(1 << 16)));
        }
    }
    numbers
}

/// The word in brackets: how the kernel shows what is chosen.
pub(super) fn in_brackets(text: &str) -> Option<&str> {
    Some(text.split_once('[')?.1.split_once(']')?.0)
}

/// What stands behind `name`, of lines such as `HugePages_Total:  0`.
pub(super) fn behind<T: FromStr>(text: &str, name: &str) -> Option<T> {
    text.lines().find_map(|line| line.strip_prefix(name)?.split_whitespace().next()?.parse().ok())
}

/// Processors of whose time a control group may use as much, of `quota period`; none without a quota.
pub(super) fn quota(text: &str) -> Option<f64> {
    let (quota, period) = text.trim().split_once(' ')?;
    let processors = quota.parse::<f64>().ok()? / period.parse::<f64>().ok()?;
    (processors.is_finite() && processors > 0.0).then_some(processors)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_cores_and_nodes_are_understood() {
        assert_eq!(list("0-3,8\n"), [0, 1, 2, 3, 8]);
        assert_eq!(list("0\n"), [0]);
        assert_eq!(list("0-1,64-65"), [0, 1, 64, 65]);
        assert!(list("\n").is_empty() && list("").is_empty() && list("a-b,-,3-").is_empty());
        assert!(list("5-2").is_empty());
        assert!(list("0-18446744073709551615").len() < 100_000, "no memory is spent on nonsense");
        assert_eq!(list("18446744073709551615"), [usize::MAX]);
    }

    #[test]
    fn choices_numbers_and_quotas_are_understood() {
        assert_eq!(in_brackets("always within_size [advise] never\n"), Some("advise"));
        assert_eq!(in_brackets("tsc"), None);
        assert_eq!(behind("MemFree: 5 kB\nHugePages_Total:      12\n", "HugePages_Total:"), Some(12));
        assert_eq!(behind::<u64>("Max locked memory         unlimited   unlimited   bytes", "Max locked memory"), None);
        assert_eq!(behind("Max locked memory         8388608   8388608   bytes", "Max locked memory"), Some(8_388_608));
        assert_eq!((quota("150000 100000\n"), quota("max 100000\n")), (Some(1.5), None));
    }
}
