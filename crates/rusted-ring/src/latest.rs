//! What the value of a key is now, beside the stream of what changed: [`Latest`] and its endpoints.
//!
//! A ring is for those who need every event. Who needs only the newest state of each thing, such as a page that is drawn anew, a
//! dashboard, or a reader that has just joined, asks a [`LatestReader`], and does not go through what it missed.

pub use crate::ring::latest::{Latest, LatestJoinError, LatestReader, LatestWriter, Versioned};
