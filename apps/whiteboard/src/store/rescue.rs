//! Copies what can be read of a damaged store to a new one.
//!
//! The old file is only read, from its first byte to its last: each record in it that is whole is taken, wherever it
//! lies. So also that comes back which a clear had hidden and which was dropped; the clear, a record too, hides it again.
//! Nothing is left of a new store that did not become whole.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, TryLockError};
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use anyhow::{Context, bail};
use bytes::Bytes;

use super::record::Record;
use super::{Action, Fresh, Store, file_in};
use crate::protocol::{self, ACTION_MAX};

/// So much of the file is looked at at a time.
const WINDOW: usize = 16 << 20;
/// No record is longer: an action, and what a record has beside it.
const RECORD_MAX: usize = ACTION_MAX + 128;
/// So many actions are committed at a time.
const BATCH: usize = 4096;

/// What was found and copied.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Rescued {
    /// Actions.
    pub(crate) actions: u64,
    /// Boards they are on.
    pub(crate) boards: u64,
    /// The last revision of all.
    pub(crate) last: u64,
}

/// Copies the whole records of the store in `from` to a new store in `into`, a directory that has none. `progress` is
/// told how many of how many bytes were looked at.
pub(crate) fn rescue(from: &Path, into: &Path, mut progress: impl FnMut(u64, u64)) -> anyhow::Result<Rescued> {
    let old = file_in(from);
    let fresh = Fresh::begin(into)?;
    let mut file = File::open(&old).with_context(|| format!("cannot read {}", old.display()))?;
    // Held until the end, so that no whiteboard begins to write meanwhile. Where files have no locks, nobody knows.
    if let Err(TryLockError::WouldBlock) = file.try_lock() {
        bail!(
            "{} is in use by a whiteboard, so that it changes while it is read; to copy it as it is now: \
             whiteboard backup --data {} --into NEWDIR",
            old.display(),
            from.display()
        );
    }
    let len = file.metadata().with_context(|| format!("cannot read {}", old.display()))?.len();
    let mut found = BTreeMap::new();
    let mut window = Vec::with_capacity(WINDOW + RECORD_MAX);
    let mut at = 0;
    while at < len {
        progress(at, len);
        file.seek(SeekFrom::Start(at))?;
        window.clear();
        // Records that begin in this window may end behind it.
        (&mut file).take((WINDOW + RECORD_MAX) as u64).read_to_end(&mut window)?;
        for (offset, record) in Record::all_in(&window) {
            if offset < WINDOW && protocol::check_action(record.frame).is_ok() && record.board().is_some() {
                found.insert(protocol::revision(record.frame), at + offset as u64);
            }
        }
        at += WINDOW as u64;
    }
    progress(len, len);
    if found.is_empty() {
        bail!("{} holds no action that can be read; it is left as it is, and nothing was made", old.display());
    }
    let rescued = fresh.filled(|store| copy(&mut file, found.into_values().collect(), store))?;
    fresh.finish()?;
    Ok(rescued)
}

/// Copies the records at these places.
fn copy(file: &mut File, places: Vec<u64>, store: &Store) -> anyhow::Result<Rescued> {
    let mut boards = BTreeSet::new();
    let mut bytes = Vec::with_capacity(RECORD_MAX);
    for places in places.chunks(BATCH) {
        let mut batch = Vec::with_capacity(places.len());
        for &place in places {
            file.seek(SeekFrom::Start(place))?;
            bytes.clear();
            file.take(RECORD_MAX as u64).read_to_end(&mut bytes)?;
            let record = Record::read(&bytes).context("the file changes while it is read; nothing was made")?;
            let board = record.board().context("a board without a name")?;
            boards.insert(record.board.to_owned());
            batch.push(Action { board, client: record.client, frame: Bytes::copy_from_slice(record.frame) });
        }
        store.commit(&batch, store.now())?;
    }
    Ok(Rescued { actions: places.len() as u64, boards: boards.len() as u64, last: store.last_revision()? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Kind;
    use crate::store::tests::{action, compact, revisions, stroke};

    #[test]
    fn what_is_whole_in_a_torn_file_is_in_the_new_store_and_the_old_one_is_untouched() {
        let (home, new) = (tempfile::tempdir().expect("a directory"), tempfile::tempdir().expect("a directory"));
        let store = Store::open(home.path()).expect("a new store");
        for first in (1..2000).step_by(50) {
            let batch: Vec<Action> = (first..first + 50).map(stroke).collect();
            store.commit(&batch, 0).expect("a commit");
        }
        drop(store);
        let old = file_in(home.path());
        let mut bytes = std::fs::read(&old).expect("read");
        // What holds the tables together.
        bytes[..4096].fill(0xff);
        bytes.truncate(bytes.len() / 3 * 2);
        std::fs::write(&old, &bytes).expect("written");
        assert!(Store::open(home.path()).is_err());
        std::fs::write(&old, &bytes).expect("written");

        let mut seen = Vec::new();
        let rescued = rescue(home.path(), new.path(), |done, all| seen.push((done, all))).expect("some");
        assert!(rescued.actions > 500, "{rescued:?}");
        assert_eq!(rescued.boards, 1);
        assert_eq!(std::fs::read(&old).expect("read"), bytes);
        let all = bytes.len() as u64;
        assert_eq!(seen, [(0, all), (all, all)]);
        let store = Store::open(new.path()).expect("the new store");
        let found = revisions(&store, "one");
        assert_eq!((found.len() as u64, found.last()), (rescued.actions, Some(&rescued.last)));
        let id = store.revision_of(stroke(1).client, found[0] + 1000).expect("read");
        assert_eq!(id, Some(found[0]), "repeats are recognised");
    }

    #[test]
    fn a_clear_hides_what_comes_back_and_records_across_windows_are_found() {
        let (home, new) = (tempfile::tempdir().expect("a directory"), tempfile::tempdir().expect("a directory"));
        let store = Store::open(home.path()).expect("a new store");
        store.commit(&[stroke(1), action(Kind::Clear, 2, b""), stroke(3)], 0).expect("a commit");
        drop(store);
        // A record that lies across the end of the first window.
        let mut bytes = std::fs::read(file_in(home.path())).expect("read");
        let Action { client, frame, .. } = stroke(4);
        let record = Record { board: "one", client, frame: &frame }.bytes();
        bytes.resize(WINDOW - record.len() / 2, 0);
        bytes.extend_from_slice(&record);
        std::fs::write(file_in(home.path()), &bytes).expect("written");
        let rescued = rescue(home.path(), new.path(), |_, _| {}).expect("some");
        assert_eq!(rescued, Rescued { actions: 4, boards: 1, last: 4 });
        let store = Store::open(new.path()).expect("the new store");
        compact(&store, u64::MAX);
        assert_eq!(revisions(&store, "one"), [2, 3, 4]);
    }

    #[test]
    fn nothing_is_made_of_nothing_and_nothing_is_overwritten() {
        let (home, new) = (tempfile::tempdir().expect("a directory"), tempfile::tempdir().expect("a directory"));
        let error = rescue(home.path(), new.path(), |_, _| {}).expect_err("no file").to_string();
        assert!(error.contains("cannot read"), "{error}");
        std::fs::write(file_in(home.path()), b"something else").expect("written");
        let error = rescue(home.path(), new.path(), |_, _| {}).expect_err("nothing in it").to_string();
        assert!(error.contains("no action that can be read"), "{error}");
        assert!(!file_in(new.path()).exists());
        let error = rescue(home.path(), home.path(), |_, _| {}).expect_err("a store is there").to_string();
        assert!(error.contains("already"), "{error}");
    }
}
