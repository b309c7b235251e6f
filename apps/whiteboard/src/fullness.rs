//! Logs when the store becomes full, and when it has room again.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;

use crate::hub::Hub;
use crate::store::file_bound;

/// How often it looks.
const LOOK: Duration = Duration::from_secs(1);
/// The part of its bound that must be free before it has room again, so that a nearly full store says so once.
const FREE_PART: u64 = 64;

/// Whether the store accepts only what frees room.
pub(crate) fn is_full(hub: &Hub) -> bool {
    hub.store.bytes() >= hub.max_store || hub.store.file_len() > file_bound(hub.max_store)
}

/// Watches the store until the server ends.
pub(crate) async fn watch(hub: Arc<Hub>) {
    let mut was_full = false;
    loop {
        let has_room = hub.store.bytes() < hub.max_store - hub.max_store / FREE_PART;
        match (was_full, is_full(&hub)) {
            (false, true) => {
                was_full = true;
                tracing::warn!(
                    "the store is full ({} of {} bytes): nothing more is saved but what hides and clears; clear a board, \
                     or start with a larger --max-store",
                    hub.store.bytes(),
                    hub.max_store
                );
            }
            (true, false) if has_room => {
                was_full = false;
                tracing::info!("the store has room again");
            }
            _ => {}
        }
        sleep(LOOK).await;
    }
}
