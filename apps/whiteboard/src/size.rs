//! Sizes as people write them.

use std::str::FromStr;

/// A number of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size(pub(crate) u64);

const UNITS: [(&str, u32); 4] = [("KiB", 10), ("MiB", 20), ("GiB", 30), ("TiB", 40)];

impl Size {
    /// Reads a size of at least `least`.
    pub(crate) fn at_least(least: u64, text: &str) -> Result<Self, String> {
        let size: Size = text.parse()?;
        if size.0 < least {
            return Err(format!(
                "{} bytes are too little; at least {} KiB, and a number without a unit is one of bytes",
                size.0,
                least >> 10
            ));
        }
        Ok(size)
    }
}

impl FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let unit = UNITS.iter().find_map(|&(unit, shift)| Some((text.strip_suffix(unit)?, shift)));
        let (number, shift) = unit.unwrap_or((text, 0));
        let bytes = number.parse::<u64>().ok().and_then(|number| number.checked_mul(1 << shift));
        bytes.map(Size).ok_or_else(|| "a number of bytes, or of KiB, MiB, GiB or TiB: 512MiB".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_a_whole_number_with_or_without_a_unit() {
        let bytes = |text: &str| text.parse().map(|Size(bytes)| bytes).ok();
        assert_eq!(bytes("512MiB"), Some(512 << 20));
        assert_eq!(bytes("2GiB"), Some(2 << 30));
        assert_eq!(bytes("1KiB"), Some(1024));
        assert_eq!(bytes("1TiB"), Some(1 << 40));
        assert_eq!(bytes("4096"), Some(4096));
        for wrong in ["", "GiB", "1.5GiB", "-1", "1 GiB", "1GB", "16777216TiB"] {
            assert_eq!(bytes(wrong), None, "{wrong}");
        }
    }
}
