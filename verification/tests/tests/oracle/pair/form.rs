//! The forms of a ring: modes, homes, and when it closes.

use std::sync::Arc;

use rusted_ring::{ClosePolicy, InlineRing, Many, RingRef, SharedRing, Sole, Whole};

use super::{
    content::Content,
    real::{AnyRing, Home},
};

/// How many write the ring, and whether it closes with the last of them.
#[cfg_attr(fuzzing, derive(arbitrary::Arbitrary))]
#[derive(Clone, Copy, Debug)]
pub(crate) struct Form {
    pub(crate) is_sole: bool,
    pub(crate) closes: bool,
}

impl Form {
    pub(crate) fn on_the_heap<S: Content>(self, capacity: usize) -> Box<dyn AnyRing> {
        if self.is_sole {
            self.sole(SharedRing::<S, Sole>::closing(capacity, self.policy()))
        } else {
            self.many(SharedRing::<S, Many>::closing(capacity, self.policy()))
        }
    }

    pub(crate) fn in_a_value<S: Content + Whole, const CAP: usize>(self) -> Box<dyn AnyRing> {
        match (self.is_sole, self.closes) {
            (true, true) => self.sole(Arc::new(InlineRing::<S, CAP, Sole, _>::closing())),
            (true, false) => self.sole(Arc::new(InlineRing::<S, CAP, _, _>::sole())),
            (false, true) => self.many(Arc::new(InlineRing::<S, CAP, Many, _>::closing())),
            (false, false) => self.many(Arc::new(InlineRing::<S, CAP, _, _>::new())),
        }
    }

    pub(crate) fn policy(self) -> ClosePolicy {
        if self.closes { ClosePolicy::WithLastPublisher } else { ClosePolicy::Never }
    }

    pub(crate) fn many<R: RingRef<Mode = Many, Slot: Content> + 'static>(self, ring: R) -> Box<dyn AnyRing> {
        Box::new(Home { ring, join: R::Slot::many, closes: self.closes })
    }

    fn sole<R: RingRef<Mode = Sole, Slot: Content> + 'static>(self, ring: R) -> Box<dyn AnyRing> {
        Box::new(Home { ring, join: R::Slot::sole, closes: self.closes })
    }
}
