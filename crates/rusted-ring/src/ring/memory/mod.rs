//! What a ring is made of: cache lines, slots and what they hold.

pub(super) mod cache_line;
pub(super) mod event;
pub(super) mod held;
pub(super) mod notes;
pub(super) mod payload;
pub(super) mod slot;
pub(super) mod tag;
pub(super) mod value;
