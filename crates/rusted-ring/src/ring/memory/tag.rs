//! A slot's line in the tag plane: what the slot keeps beside its payload.

use core::fmt;

use crate::{
    stamp::AtomicStamp,
    sync::{AtomicU64, Relaxed},
};

/// Length and type of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Bytes.
    pub len: u32,
    /// What the event means, to its users.
    pub event_type: u32,
}

impl Head {
    /// What stands in a slot in which no event begins: one goes on there, the ring ends before the next, or a sole publisher skipped it.
    pub(in crate::ring) const NO_EVENT: Head = Head { len: u32::MAX, event_type: 0 };
}

/// A slot's tag: its state where many write, its event's head where slots hold bytes, and nothing that is not needed, for
/// whatever is there moves between cores.
#[repr(C)]
#[derive(Debug)]
pub(in crate::ring) struct Tag<T, H> {
    pub(in crate::ring) stamp: T,
    pub(in crate::ring) head: H,
}

/// One of the two parts of a tag; all zero to begin with.
pub trait TagPart: fmt::Debug + Send + Sync {
    /// The part of an empty slot.
    #[cfg(not(any(loom, shuttle)))]
    const FRESH: Self;
    /// The part of an empty slot.
    #[cfg(any(loom, shuttle))]
    fn fresh() -> Self;
}

/// Declares a part's beginning, as a constant, and as a function in models, whose memory is made at run time.
macro_rules! fresh {
    ($value:expr) => {
        #[cfg(not(any(loom, shuttle)))]
        const FRESH: Self = $value;
        #[cfg(any(loom, shuttle))]
        fn fresh() -> Self {
            $value
        }
    };
}

impl<T: TagPart, H: TagPart> TagPart for Tag<T, H> {
    #[cfg(not(any(loom, shuttle)))]
    const FRESH: Self = Tag { stamp: T::FRESH, head: H::FRESH };
    #[cfg(any(loom, shuttle))]
    fn fresh() -> Self {
        Tag { stamp: T::fresh(), head: H::fresh() }
    }
}

impl TagPart for AtomicStamp {
    fresh!(AtomicStamp::fresh());
}

/// No stamp: with one publisher, its cursor says what is published.
#[derive(Debug)]
pub struct Stampless;

impl TagPart for Stampless {
    fresh!(Stampless);
}

/// Where a tag keeps the head.
pub trait HeadCell: TagPart {
    /// Whether it keeps a length.
    const HAS_LENGTH: bool;
    /// The head of an event of `most` bytes at most. In memory that somebody else can write, its length is not to be
    /// trusted with a slice, and is cut to that.
    fn load(&self, most: usize) -> Head;
    /// Keeps the head of an event being written.
    fn store(&self, head: Head);
}

/// A head as one word.
#[derive(Debug)]
pub struct HeadWord(AtomicU64);

impl TagPart for HeadWord {
    fresh!(HeadWord(AtomicU64::new(0)));
}

impl HeadCell for HeadWord {
    const HAS_LENGTH: bool = true;

    #[inline]
    fn load(&self, most: usize) -> Head {
        let bits = self.0.load(Relaxed);
        Head { len: (bits as u32).min(most as u32), event_type: (bits >> 32) as u32 }
    }

    #[inline]
    fn store(&self, head: Head) {
        let bits = u64::from(head.event_type) << 32 | u64::from(head.len);
        // Events are often of one length and type: a line of heads that says so already stays in every reader's cache.
        if self.0.load(Relaxed) != bits {
            self.0.store(bits, Relaxed);
        }
    }
}

/// No head: every event fills its slot.
#[derive(Debug)]
pub struct Headless;

impl TagPart for Headless {
    fresh!(Headless);
}

impl HeadCell for Headless {
    const HAS_LENGTH: bool = false;

    #[inline]
    fn load(&self, most: usize) -> Head {
        Head { len: most as u32, event_type: 0 }
    }

    #[inline]
    fn store(&self, _head: Head) {}
}
