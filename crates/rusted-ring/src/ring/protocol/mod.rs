//! The protocols, one a file: what may touch what, and when.

pub(super) mod entry;
pub(super) mod gate;
pub(super) mod lifecycle;
pub(super) mod lookup;
pub(super) mod many;
pub(super) mod name;
pub(super) mod registry;
pub(super) mod row;
pub(super) mod sole;
mod succession;
pub(super) mod version;
