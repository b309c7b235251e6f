//! The endpoints that publish.
//!
//! Their length and type travel in the tag, the payload is copied once, into the slot, and nothing is allocated.

mod error;
mod many;
mod sole;
mod typed;

pub use error::{JoinError, PublishError, PublishTimeoutError, TryPublishError};
pub use many::Writer;
#[cfg(not(loom))]
pub(crate) use many::publish_once;
pub use sole::SoleWriter;

use crate::{
    ring::{Mode, Planes, Slot},
    wait::Waiter,
};

/// Refuses events of which one exceeds the slot.
fn check_sizes<S: Slot>(events: &[(&[u8], u32)]) -> Result<(), TryPublishError> {
    match events.iter().find(|(data, _)| data.len() > S::STRIDE) {
        None => Ok(()),
        Some((data, _)) => Err(TryPublishError::TooLarge { data_len: data.len(), max_size: S::STRIDE }),
    }
}

/// Tries until an attempt is not refused for a full ring, or the wait is over.
fn publish_waiting<S: Slot, M: Mode, T>(
    planes: Planes<'_, S, M>,
    mut waiter: Waiter,
    mut attempt: impl FnMut() -> Result<T, TryPublishError>,
) -> Result<T, TryPublishError> {
    loop {
        match attempt() {
            Err(TryPublishError::Full) if waiter.wait(|timeout| planes.sleep_at_gate(timeout)) => {}
            outcome => return outcome,
        }
    }
}
