//! Event numbers.

use core::fmt;

/// The number of an event on its ring: from 0, one up for each claim, never reused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sequence(u64);

impl Sequence {
    /// The last sequence a ring can carry, 2<sup>62</sup> - 2; publishing past it answers `Exhausted`.
    ///
    /// The slot's stamp keeps four states for each sequence in 64 bits, hence the bound.
    pub const LAST: Sequence = Sequence((1 << 62) - 2);

    /// The sequence numbered `number`.
    pub const fn new(number: u64) -> Self {
        Sequence(number)
    }

    /// The number.
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl fmt::Display for Sequence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl From<Sequence> for u64 {
    fn from(sequence: Sequence) -> u64 {
        sequence.0
    }
}
