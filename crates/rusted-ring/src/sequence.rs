//! Event numbers.

use core::{
    fmt,
    ops::{Add, AddAssign, Rem, Sub},
};

/// The number of an event on its ring: counted from 0, one up for each claim, never reused.
///
/// Add or subtract a number of events; the difference of two sequences is such a number, and the remainder is an index into an
/// array of your own. [`get`](Self::get) returns the number itself.
///
/// ```
/// use rusted_ring::Sequence;
///
/// let first = Sequence::new(60);
/// let last = first + 9;
/// assert_eq!((last - first, last - 1, last % 64), (9, Sequence::new(68), 5));
/// assert!(last > first && last.get() == 69 && u64::from(last) == 69);
/// ```
///
/// Overflow is that of `u64`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sequence(u64);

impl Sequence {
    /// The last sequence a ring can carry, 2<sup>62</sup> - 2.
    ///
    /// A ring reaches it after 146 years of 10<sup>9</sup> events a second. A publisher that then claims or publishes once more
    /// panics and publishes nothing; readers, other publishers and the ring go on as before. The bound exists because the slot's
    /// stamp keeps four states for each sequence in 64 bits.
    pub const LAST: Sequence = Sequence((1 << 62) - 2);

    /// The sequence with this number.
    pub const fn new(number: u64) -> Self {
        Sequence(number)
    }

    /// Panics for a claim beyond the last sequence. The caller has claimed nothing yet.
    #[cold]
    #[inline(never)]
    pub(crate) fn exhausted() -> ! {
        panic!("the ring has given out its last sequence, 2^62 - 2: publish to a new ring")
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

impl From<u64> for Sequence {
    fn from(number: u64) -> Sequence {
        Sequence(number)
    }
}

/// The sequence this many events later.
impl Add<u64> for Sequence {
    type Output = Sequence;

    fn add(self, events: u64) -> Sequence {
        Sequence(self.0 + events)
    }
}

impl AddAssign<u64> for Sequence {
    fn add_assign(&mut self, events: u64) {
        self.0 += events;
    }
}

/// The sequence this many events earlier.
impl Sub<u64> for Sequence {
    type Output = Sequence;

    fn sub(self, events: u64) -> Sequence {
        Sequence(self.0 - events)
    }
}

/// The number of events from `first` to this one.
impl Sub for Sequence {
    type Output = u64;

    fn sub(self, first: Sequence) -> u64 {
        self.0 - first.0
    }
}

/// The index into an array of this length, whose places are used in turn.
impl Rem<u64> for Sequence {
    type Output = u64;

    fn rem(self, places: u64) -> u64 {
        self.0 % places
    }
}

impl From<Sequence> for u64 {
    fn from(sequence: Sequence) -> u64 {
        sequence.0
    }
}
