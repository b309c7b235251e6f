//! How far the shutdown is. Everything that must end watches it.

use tokio::sync::watch;

/// The phases of a run, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Phase {
    /// Actions are accepted.
    Running,
    /// No more actions are accepted; those accepted are on their way to the disk.
    Stopping,
    /// The disk has everything; connections say so to their pages and close.
    Drained,
    /// Network and analytics have ended; nobody waits for validation any more.
    Over,
}

impl Phase {
    /// Waits until the run has come to this phase or beyond.
    pub(crate) async fn reached(self, watch: &mut watch::Receiver<Phase>) {
        // The sender lives as long as the run, so an error is the end of everything too.
        let _ = watch.wait_for(|&now| now >= self).await;
    }
}
