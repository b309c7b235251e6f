//! Copies what can be read of a damaged store to a new one.
//!
//! The old file is only read: every record in it that is whole and proved by the store's key is taken, wherever it lies. So
//! what a clear had hidden and what was dropped comes back, too; the clear, itself a record, hides it again. A clear that
//! was undone and dropped may come back without what undid it. Where that is possible it is undone: what is shown in vain
//! can be cleared again, and what is hidden in vain would be dropped.
//! A new store that did not become whole leaves nothing behind.
//!
//! A store of an earlier format has no key, and a key may be lost. Then everything whole is taken, nothing proves it, and
//! `rescue` says so.

use std::collections::BTreeSet;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use anyhow::{Context, bail};
use bytes::Bytes;

use super::record::{RECORD_MAX, Record};
use super::scan::{Findings, scan};
use super::{Action, Fresh, Store, file_in, key, mark};
use crate::private;
use crate::protocol::{self, ACTION_HEAD, BoardName, ClientId, Kind, REVISION_MAX};
use crate::remedy::explained;

/// How many actions are committed at a time.
const BATCH: usize = 4096;
/// How to name another directory for the new store.
pub(super) const INTO: &str = "name another directory: --into NEWDIR";
/// How many revisions are listed one by one.
const TOLD: usize = 10;

/// What was found and copied.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Rescued {
    /// Actions.
    pub(crate) actions: u64,
    /// Boards they are on.
    pub(crate) boards: u64,
    /// The last revision of all.
    pub(crate) last: u64,
    /// The last revision that the store had acknowledged, if its mark says so.
    pub(crate) acknowledged: Option<u64>,
    /// Whether the store's key proves them.
    pub(crate) is_proved: bool,
    /// Revisions with several different actions, none of which was copied. How many, and the first.
    pub(crate) disputed: (u64, Vec<u64>),
    /// Records that the key does not prove, which were not copied.
    pub(crate) unproved: u64,
    /// Clears that were undone, because it is no longer known whether they had been.
    pub(crate) undone: u64,
}

/// Clears that hide something, and that nothing later names: board and revision.
#[derive(Debug, Default)]
struct Clears {
    waiting: BTreeSet<(BoardName, u64)>,
    drawn_on: BTreeSet<BoardName>,
    found: Vec<u64>,
}

impl Clears {
    /// Notes the next of all actions.
    fn note(&mut self, board: &BoardName, frame: &[u8]) {
        let revision = protocol::revision(frame);
        self.found.push(revision);
        match protocol::kind(frame) {
            Some(Kind::Clear) if self.drawn_on.contains(board) => _ = self.waiting.insert((board.clone(), revision)),
            Some(Kind::Hide | Kind::Show) => {
                for object in protocol::targets(frame) {
                    self.waiting.remove(&(board.clone(), object));
                }
            }
            Some(Kind::Stroke | Kind::Note | Kind::Image) => _ = self.drawn_on.insert(board.clone()),
            _ => {}
        }
    }

    /// Returns the actions, after revision `last`, that undo those clears that a missing action may have undone.
    fn undoing(self, last: u64) -> Vec<Action> {
        let behind = |clear: u64| self.found.len() - self.found.partition_point(|&revision| revision <= clear);
        let open = self.waiting.iter().filter(|(_, clear)| (behind(*clear) as u64) < last - clear);
        let free = last + 1..=REVISION_MAX;
        open.zip(free).map(|((board, clear), revision)| undoing(board.clone(), *clear, revision)).collect()
    }
}

/// A `hide` of this clear.
fn undoing(board: BoardName, clear: u64, revision: u64) -> Action {
    let mut frame = vec![0; ACTION_HEAD];
    frame[0] = Kind::Hide as u8;
    protocol::set_revision(&mut frame, revision);
    // Its id, which no action of this client has.
    frame[ACTION_HEAD - 8..].copy_from_slice(&revision.to_le_bytes());
    frame.extend_from_slice(&clear.to_le_bytes());
    Action { board, client: ClientId::new([0; ClientId::LEN]), frame: frame.into() }
}

/// Copies the records of the store in `from` to a new store in `into`, a directory that has none. `progress` is told how
/// many of how many bytes were looked at.
pub(crate) fn rescue(from: &Path, into: &Path, mut progress: impl FnMut(u64, u64)) -> anyhow::Result<Rescued> {
    let old = file_in(from);
    let fresh = Fresh::begin(into, INTO)?;
    let cannot = || format!("cannot read {}", old.display());
    let mut file = private::open(OpenOptions::new().read(true), &old)
        .map_err(|error| explained(cannot(), &error, "run this as the user who has it"))?;
    // Held until the end, so that no whiteboard begins to write meanwhile. Where files have no locks, nobody can know.
    if let Err(TryLockError::WouldBlock) = file.try_lock() {
        bail!(
            "{} is in use by a whiteboard, so that it changes while it is read; to copy it as it is now: \
             whiteboard backup --data {} --into NEWDIR",
            old.display(),
            from.display()
        );
    }
    let key = key::read(from)?;
    let len = file.metadata().with_context(cannot)?.len();
    let Findings { actions, unproved } =
        scan(&mut file, len, key.as_ref(), |done| progress(done, len)).with_context(cannot)?;
    // A mark that cannot be read says nothing, and does no harm here.
    let acknowledged = key.as_ref().and_then(|key| mark::read(from, key).ok()?).map(|said| said.revision);
    let mut rescued = Rescued { is_proved: key.is_some(), unproved, acknowledged, ..Rescued::default() };
    let mut places = Vec::with_capacity(actions.len());
    for (revision, found) in actions {
        if !found.is_disputed {
            places.push(found.place);
        } else {
            rescued.disputed.0 += 1;
            if rescued.disputed.1.len() < TOLD {
                rescued.disputed.1.push(revision);
            }
        }
    }
    if places.is_empty() {
        let remedy = if unproved > 0 { format!("; {}", remedy(from)) } else { String::new() };
        bail!(
            "{} holds no action that can be read; it is left as it is, and nothing was made{remedy}. If there is a copy of \
             the store (whiteboard backup makes them), serve that: whiteboard --data COPY",
            old.display()
        );
    }
    rescued.actions = places.len() as u64;
    fresh.filled(|store| copy(&mut file, &places, store, &mut rescued))?;
    fresh.finish()?;
    Ok(rescued)
}

/// What to do about records that the key does not prove.
pub(crate) fn remedy(from: &Path) -> String {
    format!(
        "{} does not prove all that is there: records of a format before, or such as somebody has forged; to take them \
         without proof, move that file away and rescue again",
        key::file_in(from).display()
    )
}

/// Copies the records at these places.
fn copy(file: &mut File, places: &[u64], store: &Store, rescued: &mut Rescued) -> anyhow::Result<()> {
    let mut boards = BTreeSet::new();
    let mut clears = Clears::default();
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
            clears.note(&board, record.frame);
            batch.push(Action { board, client: record.client, frame: Bytes::copy_from_slice(record.frame) });
        }
        store.commit(&batch, store.now())?;
    }
    rescued.boards = boards.len() as u64;
    rescued.last = store.last_revision()?;
    let undoing = clears.undoing(rescued.last);
    rescued.undone = undoing.len() as u64;
    for batch in undoing.chunks(BATCH) {
        store.commit(batch, store.now())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::record::plain;
    use crate::store::scan::WINDOW;
    use crate::store::tests::{action, compact, revisions, stroke};

    /// Returns the bytes of a store of some strokes, whose file is torn.
    fn torn(home: &Path) -> Vec<u8> {
        let store = Store::open(home).expect("a new store");
        for first in (1..2000).step_by(50) {
            let batch: Vec<Action> = (first..first + 50).map(stroke).collect();
            store.commit(&batch, 0).expect("a commit");
        }
        drop(store);
        let old = file_in(home);
        let mut bytes = std::fs::read(&old).expect("read");
        // The part that holds the tables together.
        bytes[..4096].fill(0xff);
        bytes.truncate(bytes.len() / 3 * 2);
        std::fs::write(&old, &bytes).expect("written");
        assert!(Store::open(home).is_err());
        std::fs::write(&old, &bytes).expect("written");
        bytes
    }

    #[test]
    fn what_is_whole_in_a_torn_file_is_in_the_new_store_and_the_old_one_is_untouched() {
        let (home, new) = (tempfile::tempdir().expect("a directory"), tempfile::tempdir().expect("a directory"));
        let bytes = torn(home.path());
        let mut seen = Vec::new();
        let rescued = rescue(home.path(), new.path(), |done, all| seen.push((done, all))).expect("some");
        assert!(rescued.actions > 500 && rescued.is_proved && rescued.unproved == 0, "{rescued:?}");
        assert_eq!(rescued.boards, 1);
        assert_eq!(std::fs::read(file_in(home.path())).expect("read"), bytes);
        let all = bytes.len() as u64;
        assert_eq!((seen[0], seen[seen.len() - 1]), ((0, all), (all, all)));
        let store = Store::open(new.path()).expect("the new store");
        let found = revisions(&store, "one");
        assert_eq!((found.len() as u64, found.last()), (rescued.actions, Some(&rescued.last)));
        let id = store.revision_of(stroke(1).client, found[0] + 1000).expect("read");
        assert_eq!(id, Some(found[0]), "repeats are recognised");
    }

    #[test]
    fn without_the_key_as_much_comes_back_and_it_is_told_that_nothing_proves_it() {
        let homes = [(); 3].map(|()| tempfile::tempdir().expect("a directory"));
        let [home, with, without] = homes.each_ref().map(tempfile::TempDir::path);
        torn(home);
        let proved = rescue(home, with, |_, _| {}).expect("some");
        std::fs::remove_file(key::file_in(home)).expect("lost");
        let unproved = rescue(home, without, |_, _| {}).expect("some");
        assert_eq!((unproved.acknowledged, proved.acknowledged), (None, Some(2000)));
        assert_eq!(Rescued { is_proved: true, acknowledged: Some(2000), ..unproved }, proved);
    }

    #[test]
    fn a_store_of_a_format_before_is_rescued_without_proof_and_two_that_differ_are_told_and_left_out() {
        let (home, new) = (tempfile::tempdir().expect("a directory"), tempfile::tempdir().expect("a directory"));
        let record = |action: &Action| {
            plain(&Record { board: action.board.as_str(), client: action.client, frame: &action.frame })
        };
        let other = Action { client: crate::protocol::ClientId::new([8; 16]), ..stroke(2) };
        let file = [stroke(1), stroke(2), stroke(3), other].map(|action| record(&action)).concat();
        std::fs::write(file_in(home.path()), file).expect("written");
        let rescued = rescue(home.path(), new.path(), |_, _| {}).expect("some");
        let expected = Rescued { actions: 2, boards: 1, last: 3, disputed: (1, vec![2]), ..Rescued::default() };
        assert_eq!(rescued, expected);
        assert_eq!(revisions(&Store::open(new.path()).expect("the new store"), "one"), [1, 3]);
    }

    #[test]
    fn a_clear_hides_what_comes_back_and_records_across_windows_are_found() {
        let (home, new) = (tempfile::tempdir().expect("a directory"), tempfile::tempdir().expect("a directory"));
        let store = Store::open(home.path()).expect("a new store");
        store.commit(&[stroke(1), action(Kind::Clear, 2, b""), stroke(3)], 0).expect("a commit");
        let Action { client, frame, .. } = stroke(4);
        let record = Record { board: "one", client, frame: &frame }.bytes(&store.key);
        drop(store);
        // A record that lies across the end of a window.
        let mut bytes = std::fs::read(file_in(home.path())).expect("read");
        bytes.resize(bytes.len().next_multiple_of(WINDOW) - record.len() / 2, 0);
        bytes.extend_from_slice(&record);
        std::fs::write(file_in(home.path()), &bytes).expect("written");
        let rescued = rescue(home.path(), new.path(), |_, _| {}).expect("some");
        assert_eq!((rescued.actions, rescued.boards, rescued.last), (4, 1, 4));
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

    #[test]
    fn a_clear_is_undone_if_what_undid_it_may_be_missing_and_stays_otherwise() {
        for is_whole in [true, false] {
            let (home, new) = (tempfile::tempdir().expect("a directory"), tempfile::tempdir().expect("a directory"));
            let store = Store::open(home.path()).expect("a new store");
            let clear = action(Kind::Clear, 3, b"");
            store.commit(&[stroke(1), stroke(2), clear, stroke(4), stroke(5)], 0).expect("a commit");
            if !is_whole {
                store.commit(&[action(Kind::Hide, 6, &3u64.to_le_bytes()), stroke(7)], 0).expect("a commit");
            }
            drop(store);
            let old = file_in(home.path());
            let mut bytes = std::fs::read(&old).expect("read");
            bytes[..4096].fill(0xff);
            // The action that undid it, wherever it lies.
            let hide = Record {
                board: "one",
                client: stroke(1).client,
                frame: &action(Kind::Hide, 6, &3u64.to_le_bytes()).frame,
            };
            let frame = hide.frame.to_vec();
            while let Some(at) = bytes.windows(frame.len()).position(|window| window == frame) {
                bytes[at..at + frame.len()].fill(0);
            }
            std::fs::write(&old, &bytes).expect("written");
            let rescued = rescue(home.path(), new.path(), |_, _| {}).expect("some");
            assert_eq!(rescued.undone, u64::from(!is_whole), "{rescued:?}");
            let store = Store::open(new.path()).expect("the new store");
            compact(&store, u64::MAX);
            let strokes = if is_whole { vec![3, 4, 5] } else { vec![1, 2, 4, 5, 7] };
            let found = revisions(&store, "one");
            assert!(strokes.iter().all(|revision| found.contains(revision)), "{found:?}");
            assert_eq!(found.contains(&1), !is_whole, "{found:?}");
        }
    }
}
