//! How far the board is safe on disk, as everyone except the storage actor sees it.

use std::sync::Arc;

use tokio::sync::watch;

/// What is on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Committed {
    /// This revision and all before it survive a crash.
    pub(crate) revision: u64,
    /// Why nothing is committed now, if so.
    pub(crate) trouble: Option<Trouble>,
}

/// Why nothing is committed: no action is accepted or acknowledged meanwhile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// The disk has no room; it recovers by itself.
    Full(Arc<str>),
    /// Something failed for good: nothing more will be committed by this process.
    Failed(Arc<str>),
}

impl Trouble {
    /// For a person.
    pub(crate) fn reason(&self) -> &str {
        let (Trouble::Full(reason) | Trouble::Failed(reason)) = self;
        reason
    }
}

/// The shared mark. It only rises, and a failure stays.
#[derive(Clone, Debug)]
pub(crate) struct Watermark(Arc<watch::Sender<Committed>>);

impl Watermark {
    /// A mark at the last revision that was found on disk.
    pub(crate) fn at(revision: u64) -> Self {
        Watermark(Arc::new(watch::Sender::new(Committed { revision, trouble: None })))
    }

    /// Where it is now.
    pub(crate) fn now(&self) -> Committed {
        self.0.borrow().clone()
    }

    /// Everything up to `revision` is on disk.
    pub(crate) fn raise(&self, revision: u64) {
        self.0.send_modify(|committed| committed.revision = committed.revision.max(revision));
    }

    /// Says in the log, to pages and in `/health` that the board cannot go on until a restart.
    pub(crate) fn fail(&self, reason: &dyn std::fmt::Display) {
        let told: Arc<str> =
            format!("The server failed, and nothing is saved until it is started again: {reason}").into();
        self.change(Some(Trouble::Failed(told)));
    }

    /// Says the same of a disk without room, from which it recovers by itself.
    pub(crate) fn wait(&self, reason: &dyn std::fmt::Display) {
        let told: Arc<str> =
            format!("The server's disk has no room, and nothing is saved until it has some: {reason}").into();
        self.change(Some(Trouble::Full(told)));
    }

    /// Says that commits continue.
    pub(crate) fn go_on(&self) {
        self.change(None);
    }

    fn change(&self, trouble: Option<Trouble>) {
        // It is set before it is announced, whatever happens to the announcement.
        let is_new = self.0.send_if_modified(|committed| {
            let is_new = !matches!(committed.trouble, Some(Trouble::Failed(_))) && committed.trouble != trouble;
            if is_new {
                committed.trouble.clone_from(&trouble);
            }
            is_new
        });
        if is_new {
            match &trouble {
                Some(trouble) => tracing::error!("{}", trouble.reason()),
                None => tracing::info!("There is room on the disk again; everything taken is saved."),
            }
        }
    }

    /// Wakes on every change.
    pub(crate) fn subscribe(&self) -> watch::Receiver<Committed> {
        self.0.subscribe()
    }
}
