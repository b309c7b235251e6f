//! The endpoints that publish.
//!
//! Their length and type travel in the tag, the payload is copied once, into the slot, and nothing is allocated.

mod error;
mod many;
mod sole;

pub use error::{JoinError, PublishError, PublishTimeoutError, TryPublishError};
pub use many::Writer;
#[cfg(not(loom))]
pub(crate) use many::publish_once;
pub use sole::SoleWriter;

use crate::{Sequence, wait::Waiter};

/// Tries until an attempt is not refused for a full ring.
fn publish_waiting(
    mut attempt: impl FnMut() -> Result<Sequence, TryPublishError>,
    mut waiter: Waiter,
) -> Result<Sequence, TryPublishError> {
    loop {
        match attempt() {
            Err(TryPublishError::Full) if waiter.wait() => {}
            outcome => return outcome,
        }
    }
}
