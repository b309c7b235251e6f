//! Checksums of any parts of some bytes, each at the same cost.
//!
//! A checksum is linear: a part's follows from those of everything before the part's ends. So a damaged file in which a long
//! record seems to begin everywhere costs no more than another of its size.

use super::record::RECORD_MAX;

/// CRC-32's polynomial, its highest power in the lowest bit.
const POLYNOMIAL: u32 = 0xedb8_8320;
/// One, in that order of bits.
const ONE: u32 = 1 << 31;

/// The remainder of each byte.
const BYTES: [u32; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < table.len() {
        let mut rest = byte as u32;
        let mut bit = 0;
        while bit < 8 {
            rest = if rest & 1 == 1 { (rest >> 1) ^ POLYNOMIAL } else { rest >> 1 };
            bit += 1;
        }
        table[byte] = rest;
        byte += 1;
    }
    table
};

/// The sums of some bytes. Parts are at most as long as a record.
#[derive(Debug)]
pub(super) struct Sums {
    /// The sums of the first bytes, one more each, begun with nothing.
    before: Vec<u32>,
    /// By the number of following bytes: the factor of a sum.
    shifts: Vec<u32>,
}

impl Sums {
    /// Sums of nothing yet.
    pub(super) fn new() -> Self {
        let powers = std::iter::successors(Some(ONE), |&power| Some(add(power, 0)));
        Sums { before: vec![0], shifts: powers.take(RECORD_MAX + 1).collect() }
    }

    /// Covers these bytes from now on.
    pub(super) fn sum_up(&mut self, bytes: &[u8]) {
        let mut sum = 0;
        self.before.truncate(1);
        self.before.extend(bytes.iter().map(|&byte| {
            sum = add(sum, byte);
            sum
        }));
    }

    /// The CRC-32 of the `len` bytes from `from` on; `None` if that is more than a record has, or not there.
    pub(super) fn of(&self, from: usize, len: usize) -> Option<u32> {
        let shift = *self.shifts.get(len)?;
        let (before, through) = (self.before.get(from)?, self.before.get(from + len)?);
        Some(!(through ^ times(shift, before ^ u32::MAX)))
    }
}

/// The sum after one more byte.
fn add(sum: u32, byte: u8) -> u32 {
    BYTES[usize::from(sum as u8 ^ byte)] ^ (sum >> 8)
}

/// The product of two sums.
fn times(one: u32, mut other: u32) -> u32 {
    let mut product = 0;
    for bit in (0..u32::BITS).rev() {
        if one >> bit & 1 == 1 {
            product ^= other;
        }
        other = if other & 1 == 1 { (other >> 1) ^ POLYNOMIAL } else { other >> 1 };
    }
    product
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_has_the_checksum_that_it_has_alone() {
        let bytes: Vec<u8> = (0..40_000u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        let mut sums = Sums::new();
        sums.sum_up(&bytes[7..]);
        sums.sum_up(&bytes);
        for (from, len) in
            [(0, 0), (0, 1), (0, 9), (3, 5), (1000, RECORD_MAX), (39_999, 1), (40_000, 0), (12_345, 6789)]
        {
            assert_eq!(sums.of(from, len), Some(crc32fast::hash(&bytes[from..from + len])), "{len} from {from}");
        }
        assert_eq!([sums.of(0, RECORD_MAX + 1), sums.of(39_999, 2), sums.of(40_001, 0)], [None; 3]);
    }
}
