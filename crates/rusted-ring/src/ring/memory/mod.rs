//! What a ring is made of: cache lines, slots and what they hold.

pub(super) mod cache_line;
pub(super) mod event;
pub(super) mod lossless;
#[cfg(any(loom, shuttle))]
mod modelled;
pub(super) mod notes;
#[cfg(not(any(loom, shuttle)))]
mod plane;
pub(super) mod slot;
pub(super) mod slot_ref;
pub(super) mod tag;
pub(super) mod value;

#[cfg(all(any(loom, shuttle), feature = "alloc"))]
pub(super) use modelled::Boxed;
#[cfg(any(loom, shuttle))]
pub(super) use modelled::{Inline, PayloadPlane};
#[cfg(all(not(any(loom, shuttle)), feature = "alloc"))]
pub(super) use plane::Boxed;
#[cfg(not(any(loom, shuttle)))]
pub(super) use plane::{Inline, PayloadPlane};
