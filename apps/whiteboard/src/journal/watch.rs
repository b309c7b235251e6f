//! Logs when the journal loses entries, and when it goes on.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;

use crate::hub::Hub;
use crate::terminal;

/// How often it looks.
const LOOK: Duration = Duration::from_secs(1);

/// Watches the journal, if there is one, until the server ends or the journal does.
pub(crate) async fn watch(hub: Arc<Hub>) {
    let Some(journal) = &hub.journal else { return };
    let (mut was_full, mut told) = (false, 0);
    loop {
        let status = journal.status();
        if status.has_failed {
            tracing::error!("the journal has failed: nothing more is kept in it until a restart; the store goes on");
            return;
        }
        match (was_full, status.is_full) {
            (false, true) => tracing::warn!(
                "there is no room for the journal: what is drawn now is saved, but may be missing in the history"
            ),
            (true, false) => tracing::info!(
                "there is room for the journal again; {} of the history are missing",
                terminal::count(status.lost - told, "action")
            ),
            _ => {}
        }
        if !status.is_full {
            told = status.lost;
        }
        was_full = status.is_full;
        sleep(LOOK).await;
    }
}
