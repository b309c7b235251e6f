//! The journal: every action of every board, in its order, with its time and its author's name, in files beside the store.
//!
//! ```text
//! storage --entry--> ring --> journal's thread --> DIR/journal
//!    '----batch----> store, and then the position "store" of the journal
//! ```

mod complete;
mod entry;
mod keeper;
mod names;
mod options;
mod past;
mod watch;

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context, anyhow};
use rusted_ring::subscriber::Kept;
use rusted_ring::{Consumer, HeapRing, Sequence, Sole, SolePublisher, Start};
use rusted_ring_journal::{FullDisk, OpenError, Status, SyncPolicy, Watch};
use rusted_ring_metrics::{NameTaken, RingCollector};
use serde_json::json;

use crate::protocol::BoardName;
use crate::store::Store;
use crate::terminal;
use entry::{BEGAN, LONGEST, began};
pub(crate) use keeper::Keeper;
use names::Names;
pub(crate) use options::Options;
use past::Past;
pub(crate) use past::{Part, Place};
pub(crate) use watch::watch;

/// In the data directory.
const DIRECTORY: &str = "journal";
/// What the store confirmed.
const POSITION: &str = "store";
/// Entries that may wait to be written; storage waits for the journal's thread when they are so many.
const WAITING: usize = 256;
/// How often it is synced. The store's own sync is what an acknowledgement waits for.
const SYNC: Duration = Duration::from_secs(1);
/// How long a reader waits for what the store has already. A disk without room writes nothing.
const BEHIND: Duration = Duration::from_millis(250);
/// What can be done where it is not readable.
const REMEDY: &str = "; or move the directory of the journal away: the store has all that was acknowledged";
/// It is removed in parts of this many.
const PARTS: u64 = 16;

/// The ring between storage and the journal.
type Ring = HeapRing<LONGEST, Sole>;

/// What is known of the journal beside who writes it.
#[derive(Debug)]
pub(crate) struct Journal {
    ring: Ring,
    watch: Watch,
    names: Arc<Names>,
    past: Past,
    /// Behind the last entry of this run that the store has.
    stored: Arc<AtomicU64>,
    /// Actions that the store got from it at the start.
    completed: u64,
}

/// A journal that was opened, and gave the store what that lacked.
#[derive(Debug)]
pub(crate) struct Opened {
    journal: rusted_ring_journal::Journal,
    completed: u64,
}

/// Opens the journal of the store in this directory, if it is to be kept or an earlier run has left one, and completes the store from it.
pub(crate) fn open(options: &Options, directory: &Path, store: &Store) -> anyhow::Result<Option<Opened>> {
    let directory = directory.join(DIRECTORY);
    if !options.is_kept && !directory.is_dir() {
        return Ok(None);
    }
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&directory)
        .with_context(|| directory.display().to_string())?;
    let kept = rusted_ring_journal::Options::default()
        .segment_bytes((options.max() / PARTS).max(LONGEST as u64))
        .keep_bytes(options.max())
        .keep_for(options.keep())
        .sync(SyncPolicy::Every(SYNC))
        .full_disk(FullDisk::GoOn);
    let journal = rusted_ring_journal::Journal::open(&directory, kept).map_err(|error| {
        let remedy = if matches!(error, OpenError::InUse(_)) { "" } else { REMEDY };
        anyhow!("the journal: {error}{remedy}")
    })?;
    let completed = complete::complete(store, &journal)?;
    tell(&journal, completed);
    if options.is_kept {
        return Ok(Some(Opened { journal, completed }));
    }
    if let Err(error) = mark(journal, store) {
        tracing::warn!(
            "the journal does not know of this run, and may show later what this store never had: {error:#}"
        );
    }
    Ok(None)
}

/// Notes for later readers what the store has when a run begins of which nothing else is kept; once for the same.
fn mark(journal: rusted_ring_journal::Journal, store: &Store) -> anyhow::Result<()> {
    let mark = began(store.number(), store.last_revision()?);
    if let Some(last) = journal.epochs().last().filter(|last| last.oldest < last.end) {
        let mut bytes = [0; LONGEST];
        let at = Sequence::new(last.end.get() - 1);
        if let Kept::Event { len, event_type: BEGAN } = journal.reader(last.number).read(at, last.end, &mut bytes)?
            && bytes.get(..len) == Some(&mark[..])
        {
            return Ok(());
        }
    }
    let ring = Ring::sole(1);
    let recording = journal.record(Consumer::join(ring.clone(), Start::Oldest)?.named("journal"))?;
    SolePublisher::join(ring)?.publish(&mark, BEGAN)?;
    recording.stop()?;
    Ok(())
}

/// Logs what was found.
fn tell(journal: &rusted_ring_journal::Journal, completed: u64) {
    if completed > 0 {
        tracing::info!(
            "{} that the store did not have yet came from the journal",
            terminal::count(completed, "action")
        );
    }
    if let Some(cut) = &journal.found().cut {
        tracing::info!("the journal's last write was not whole: {} bytes of it were cut off", cut.bytes);
    }
    for damage in &journal.found().damaged {
        tracing::warn!("{}", damaged(&damage.path, damage.to - damage.from));
    }
}

/// What is told of a damaged file, of which so many entries are known to be lost.
fn damaged(path: &Path, lost: u64) -> String {
    let what = match lost {
        0 => "a file of the journal is damaged, and what cannot be read of it is no part of the history".to_owned(),
        1 => "1 entry of the journal is damaged, and no part of the history".to_owned(),
        lost => format!("{lost} entries of the journal are damaged, and no part of the history"),
    };
    format!("{what}: {}", terminal::line(&path.display().to_string()))
}

impl Opened {
    /// From now on the returned keeper's entries are written.
    pub(crate) fn keep(self, store: &Arc<Store>) -> anyhow::Result<(Keeper, Arc<Journal>)> {
        let Opened { journal, completed } = self;
        let mut past = Past::of(&journal, Arc::clone(store));
        let ring = Ring::sole(WAITING);
        let consumer = Consumer::join(ring.clone(), Start::Oldest)?.named("journal");
        let recording = journal.record(consumer).context("the journal")?;
        past.goes_on(recording.epoch(), recording.history());
        let names = Arc::new(Names::default());
        let watch = recording.watch();
        let stored = Arc::<AtomicU64>::default();
        let keeper = Keeper::new(ring.clone(), recording, store, Arc::clone(&names), Arc::clone(&stored))?;
        Ok((keeper, Arc::new(Journal { ring, watch, names, past, stored, completed })))
    }
}

impl Journal {
    /// Shows it in the metrics.
    pub(crate) fn show(&self, rings: &RingCollector) -> Result<(), NameTaken> {
        rings.register_journal("whiteboard", (self.ring.clone(), self.watch.clone()))
    }

    /// For `/health`.
    pub(crate) fn report(&self) -> serde_json::Value {
        let Status { written, durable, lost, bytes, is_full, has_failed, .. } = self.status();
        json!({
            "written": written.get(),
            "durable": durable.get(),
            "lost": lost,
            "bytes": bytes,
            "max": self.watch.keep_bytes(),
            "full": is_full,
            "failed": has_failed,
            "completed": self.completed,
        })
    }

    fn status(&self) -> Status {
        self.watch.status()
    }

    /// A person says who they are.
    pub(crate) fn here(&self, author: u64, frame: &[u8]) {
        self.names.here(author, frame);
    }

    /// A part of a board's past, from there on, of actions up to `committed`. The journal's thread may write what the store has a moment later: then it is waited for.
    pub(crate) fn past(&self, board: &BoardName, from: Place, committed: u64) -> anyhow::Result<Part> {
        // Whoever asks knows of the commit by the watermark, which rises behind this.
        self.past.wait(self.stored.load(Ordering::Relaxed), BEHIND);
        Ok(self.past.part(board, from, committed)?)
    }
}

#[cfg(test)]
mod tests;
