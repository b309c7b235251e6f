//! Whole numbers as people write them.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;

/// Reads a whole number in this range; the error says what is expected.
pub(crate) fn within<T: FromStr + PartialOrd + Display>(range: RangeInclusive<T>, text: &str) -> Result<T, String> {
    text.parse()
        .ok()
        .filter(|number| range.contains(number))
        .ok_or_else(|| format!("a whole number from {} to {}", range.start(), range.end()))
}

/// Reads a number of seconds.
pub(crate) fn seconds(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| "a whole number of seconds, without a unit: 600".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_such_number_is_told_what_one_is() {
        assert_eq!((within(1..=9u32, "9"), seconds("0")), (Ok(9), Ok(0)));
        for wrong in ["x", "0", "10", "-1", "1.5", ""] {
            assert_eq!(within(1..=9u32, wrong), Err("a whole number from 1 to 9".to_owned()), "{wrong}");
        }
        for wrong in ["x", "-1", "1m", ""] {
            assert!(seconds(wrong).is_err_and(|told| told.contains("seconds")), "{wrong}");
        }
    }
}
