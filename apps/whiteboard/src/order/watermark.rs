//! How far the board is safe, as everyone but the storage actor sees it.

use std::sync::Arc;

use tokio::sync::watch;

/// What is on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Committed {
    /// This revision and all before it survive a crash.
    pub(crate) revision: u64,
    /// Something failed for good: nothing more will be committed by this process.
    pub(crate) failed: bool,
}

/// The shared mark. It only rises, and a failure stays.
#[derive(Clone, Debug)]
pub(crate) struct Watermark(Arc<watch::Sender<Committed>>);

impl Watermark {
    /// A mark at the last revision that was found on disk.
    pub(crate) fn at(revision: u64) -> Self {
        Watermark(Arc::new(watch::Sender::new(Committed { revision, failed: false })))
    }

    /// Where it is now.
    pub(crate) fn now(&self) -> Committed {
        *self.0.borrow()
    }

    /// Everything up to `revision` is on disk.
    pub(crate) fn raise(&self, revision: u64) {
        self.0.send_modify(|committed| committed.revision = committed.revision.max(revision));
    }

    /// Says on the log and in `/health` that the board cannot go on; no action is taken or acknowledged from here on.
    pub(crate) fn fail(&self, reason: &dyn std::fmt::Display) {
        self.0.send_if_modified(|committed| {
            let first = !committed.failed;
            if first {
                eprintln!("whiteboard: failed, nothing more is taken or acknowledged until a restart: {reason}");
            }
            committed.failed = true;
            first
        });
    }

    /// Wakes on every change.
    pub(crate) fn subscribe(&self) -> watch::Receiver<Committed> {
        self.0.subscribe()
    }
}
