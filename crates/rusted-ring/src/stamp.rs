//! The slot's stamp, on rings of many publishers: which sequence it belongs to, and in what state.

use crate::{
    permit::Permit,
    sync::{AtomicU64, Ordering, const_unless_modelled},
};

/// A slot's state for one sequence, or fresh.
///
/// `4s+1` writing, `4s+2` stuck (no event; a revoked owner still holds the payload), `4s+3` hole (no event,
/// free), `4s+4` done; 0 is fresh. A slot's stamp only grows, so a zeroed ring is a valid empty ring. Beyond the last sequence, where only
/// the words of a corrupt ring lead, they wrap.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp(u64);

/// What a stamp says to a caller that wants sequence `s` from its slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The slot has not reached `s` yet.
    Behind,
    /// `s` is being written.
    Writing,
    /// `s` carries no event.
    Hole,
    /// `s` is published.
    Done,
    /// The slot has moved on to this later sequence.
    Ahead(u64),
}

impl Stamp {
    const HELD_WRITING: u64 = 1;
    const HELD_STUCK: u64 = 2;

    pub(crate) const fn writing(s: u64) -> Self {
        Stamp(s.wrapping_mul(4) + Self::HELD_WRITING)
    }

    pub(crate) const fn stuck(s: u64) -> Self {
        Stamp(s.wrapping_mul(4) + Self::HELD_STUCK)
    }

    pub(crate) const fn hole(s: u64) -> Self {
        Stamp(s.wrapping_mul(4) + 3)
    }

    /// Wraps to the fresh stamp for the sequence after the last one, which a reader may want and nobody publishes; no
    /// slot is fresh by then.
    pub(crate) const fn done(s: u64) -> Self {
        Stamp(s.wrapping_mul(4).wrapping_add(4))
    }

    /// The sequence last claimed in this slot; none while it is fresh.
    pub(crate) const fn sequence(self) -> Option<u64> {
        match self.0.checked_sub(1) {
            Some(state) => Some(state >> 2),
            None => None,
        }
    }

    /// Whether an owner may still be writing the payload.
    pub(crate) const fn is_held(self) -> bool {
        matches!(self.0 & 3, Self::HELD_WRITING | Self::HELD_STUCK)
    }

    /// Whether an owner may be writing the payload that was not given up.
    pub(crate) const fn is_writing(self) -> bool {
        self.0 & 3 == Self::HELD_WRITING
    }

    /// Whether the slot has not reached `s` yet, and nobody holds it.
    pub(crate) const fn is_free_for(self, s: u64) -> bool {
        self.0 < Self::writing(s).0 && !self.is_held()
    }

    /// Returns the hole that a stuck slot becomes when its owner lets go; `None` if it is not stuck.
    pub(crate) const fn released(self) -> Option<Self> {
        match self.0 & 3 {
            Self::HELD_STUCK => Some(Stamp(self.0 + 1)),
            _ => None,
        }
    }

    /// The hole that a held slot becomes whose owner will never let go.
    #[cfg(not(any(loom, shuttle)))]
    pub(crate) const fn as_hole(self) -> Self {
        Stamp(self.0 | 3)
    }

    #[inline]
    pub(crate) fn standing(self, s: u64) -> Standing {
        if self == Stamp::done(s) {
            return Standing::Done;
        }
        match self.sequence() {
            None => Standing::Behind,
            Some(q) if q < s => Standing::Behind,
            Some(q) if q > s => Standing::Ahead(q),
            Some(_) if self == Stamp::writing(s) => Standing::Writing,
            Some(_) => Standing::Hole,
        }
    }
}

/// A stamp in the ring.
///
/// loom remembers only the last access to each object, so a publisher that loads before it exchanges would hide from
/// loom that its exchange races with a reader's earlier load, and loom would never explore that order. Under loom a
/// load therefore makes a relaxed exchange on a shadow first, which orders loads and synchronises nothing.
#[repr(C)]
#[derive(Debug)]
pub struct AtomicStamp {
    bits: AtomicU64,
    #[cfg(loom)]
    shadow: crate::sync::AtomicU8,
}

impl AtomicStamp {
    const_unless_modelled! {
        pub(crate) const fn fresh() -> Self {
            AtomicStamp {
                bits: AtomicU64::new(0),
                #[cfg(loom)]
                shadow: crate::sync::AtomicU8::new(0),
            }
        }
    }

    #[inline]
    pub(crate) fn load(&self, order: Ordering) -> Stamp {
        #[cfg(loom)]
        self.shadow.fetch_add(0, Ordering::Relaxed);
        Stamp(self.bits.load(order))
    }

    /// For a ring that does not begin at 0.
    #[cfg(all(test, feature = "std", not(any(loom, shuttle))))]
    pub(crate) fn store(&self, stamp: Stamp, order: Ordering) {
        self.bits.store(stamp.0, order);
    }

    /// Replaces `current` by `new` by a store, Release, if `permit` allows that. Returns whether it did.
    #[inline(always)]
    pub(crate) fn replace_by_store(&self, current: Stamp, new: Stamp, permit: &Permit) -> bool {
        permit.replace(&self.bits, current.0, new.0)
    }

    /// Replaces `current` by `new`; on failure returns the stamp found, loaded Relaxed.
    #[inline]
    pub(crate) fn replace(&self, current: Stamp, new: Stamp, order: Ordering) -> Result<(), Stamp> {
        match self.bits.compare_exchange(current.0, new.0, order, Ordering::Relaxed) {
            Ok(_) => Ok(()),
            Err(found) => Err(Stamp(found)),
        }
    }
}

#[cfg(all(test, not(any(loom, shuttle))))]
mod tests {
    use super::*;
    use crate::Sequence;

    #[test]
    fn states_of_one_sequence_grow_and_name_it() {
        for s in [0, 1, 7, u32::MAX as u64, Sequence::LAST.get()] {
            let states = [Stamp::writing(s), Stamp::stuck(s), Stamp::hole(s), Stamp::done(s)];
            assert!(states.windows(2).all(|w| w[0].0 < w[1].0));
            assert!(states.iter().all(|stamp| stamp.sequence() == Some(s)));
            assert_eq!(states.map(Stamp::is_held), [true, true, false, false]);
            assert!(Stamp::stuck(s).released() == Some(Stamp::hole(s)));
            assert!(Stamp::writing(s).released().is_none());
            assert!(Stamp::writing(s).as_hole() == Stamp::hole(s) && Stamp::stuck(s).as_hole() == Stamp::hole(s));
        }
        assert_eq!(Stamp(0).sequence(), None);
        assert!(!Stamp(0).is_held());
        assert!(Stamp(0).is_free_for(0) && Stamp::done(3).is_free_for(4) && Stamp::hole(3).is_free_for(7));
        assert!(!Stamp::done(4).is_free_for(4) && !Stamp::hole(4).is_free_for(4) && !Stamp::writing(3).is_free_for(4));
    }

    #[test]
    fn standing_is_relative_to_the_sequence_wanted() {
        assert_eq!(Stamp(0).standing(0), Standing::Behind);
        assert_eq!(Stamp::done(3).standing(4), Standing::Behind);
        assert_eq!(Stamp::done(3).standing(3), Standing::Done);
        assert_eq!(Stamp::writing(3).standing(3), Standing::Writing);
        assert_eq!(Stamp::stuck(3).standing(3), Standing::Hole);
        assert_eq!(Stamp::hole(3).standing(3), Standing::Hole);
        assert_eq!(Stamp::writing(9).standing(3), Standing::Ahead(9));
    }
}
