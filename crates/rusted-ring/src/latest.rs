//! The current value of each key, beside the stream of changes: [`Latest`] and its endpoints.
//!
//! A ring is for readers that need every event. A reader that needs only the newest state of each thing, such as a page that is
//! redrawn, a dashboard, or a reader that has just joined, uses a [`LatestReader`], and skips what it missed.

pub use crate::ring::latest::{Latest, LatestJoinError, LatestReader, LatestRef, LatestWriter, Versioned};
#[cfg(not(any(loom, shuttle)))]
pub use crate::ring::latest::{LatestPlaceError, MappedLatest};
