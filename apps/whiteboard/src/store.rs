//! The boards on disk: an append-only sequence of actions, and the table by which repeats are recognised.

pub(crate) mod backup;
mod chat;
mod clears;
mod compact;
mod disk;
mod format;
mod fresh;
mod held;
mod ids;
pub(crate) mod key;
pub(crate) mod mark;
mod marks;
mod open;
mod record;
pub(crate) mod rescue;
mod ruin;
mod scan;
mod seal;
mod sums;
mod tables;
mod upgrade;

use std::fs::DirBuilder;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use bytes::Bytes;
use redb::{
    CompactionError, Database, Durability, ReadTransaction, ReadableDatabase, ReadableTable, ReadableTableMetadata,
    StorageError, WriteTransaction,
};

use crate::clock::Clock;
use crate::protocol::{self, BoardName, ClientId, REVISION_MAX};
use crate::remedy::explained;
use compact::Budget;
use disk::Disk;
pub(crate) use disk::Waiting;
use format::{AGE, BYTES, FACTS, REVISION};
use fresh::Fresh;
use ids::IDS;
use mark::Mark;
pub(crate) use marks::mark_cost;
use open::Counted;
use record::Record;
use seal::Key;
pub(crate) use tables::cost;
use tables::{ACTIONS, BOARDS, Board, Tables, whole};

/// How often, in seconds, the store's clock is noted while something waits for a time to pass.
const NOTE_TIME: u64 = 60;
const FILE: &str = "board.redb";

/// How long things are kept after they are gone for people, in seconds of the store's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Keep {
    /// What a clear hides: for this long it can be undone.
    pub(crate) cleared: u64,
    /// The id of a dropped action: for this long it is recognised when it is sent again.
    pub(crate) ids: u64,
}

/// An action as the storage actor hands it over.
#[derive(Clone, Debug)]
pub(crate) struct Action {
    /// The board it is on.
    pub(crate) board: BoardName,
    /// Who sent it.
    pub(crate) client: ClientId,
    /// Its frame, with author and revision filled in.
    pub(crate) frame: Bytes,
}

/// A part of a board, in order.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Chunk {
    /// The frames of its actions, without those that are damaged.
    pub(crate) frames: Vec<Bytes>,
    /// It holds all that the board has up to this revision.
    pub(crate) through: u64,
}

/// An open store. Reads never wait for a commit.
#[derive(Debug)]
pub(crate) struct Store {
    /// Write access shortens the file, or closes it: then this is `None`.
    database: RwLock<Option<Database>>,
    /// How far it has come, recorded beside its file; missing where nothing is acknowledged.
    mark: Option<Mark>,
    disk: Arc<Disk>,
    key: Key,
    number: u64,
    run: u32,
    clock: Clock,
    /// The clock's time on disk.
    noted: AtomicU64,
    /// The most ids of dropped actions to keep.
    most_ids: AtomicU64,
    /// The size of what is in the tables.
    bytes: AtomicU64,
    actions: AtomicU64,
    damaged: u64,
}

impl Store {
    /// The store in an open database, which gets this key if it has none.
    fn over(database: Database, disk: Arc<Disk>, key: &Key, counted: Counted) -> anyhow::Result<Store> {
        format::prepare(&database, key)?;
        let Counted { actions, damaged, .. } = counted;
        let facts = format::begin(&database)?;
        Ok(Store {
            key: key::of(&database)?,
            database: RwLock::new(Some(database)),
            mark: None,
            disk,
            number: facts.number,
            run: facts.run,
            clock: Clock::after(facts.age),
            noted: AtomicU64::new(facts.age),
            most_ids: AtomicU64::new(u64::MAX),
            bytes: AtomicU64::new(facts.bytes),
            actions: AtomicU64::new(actions),
            damaged,
        })
    }

    /// From now on a write that finds no room on the disk waits until there is some, and `waiting` is told.
    pub(crate) fn wait_for_room(&self, waiting: Box<dyn Waiting>) {
        self.disk.wait_with(waiting);
    }

    /// From now on no write waits: one that finds no room fails.
    pub(crate) fn give_up_waiting(&self) {
        self.disk.give_up();
    }

    /// The time by the store's own clock, in seconds.
    pub(crate) fn now(&self) -> u64 {
        self.clock.now()
    }

    /// A number that no other store has.
    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    /// How many times this store has been opened, this time included.
    pub(crate) fn run(&self) -> u32 {
        self.run
    }

    /// The bytes in the tables: actions, ids, clears. The file may be larger: what was dropped leaves room in it.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// How long the file is, in bytes.
    pub(crate) fn file_len(&self) -> u64 {
        self.disk.len()
    }

    /// Shortens the file if it is much longer than its contents; readers wait meanwhile. Does nothing while an older
    /// snapshot is read, such as a backup's.
    pub(crate) fn shrink(&self) -> Result<(), redb::Error> {
        if self.file_len() <= file_bound(self.bytes()) {
            return Ok(());
        }
        match self.database.write().unwrap_or_else(PoisonError::into_inner).as_mut().map(Database::compact) {
            None | Some(Ok(_) | Err(CompactionError::TransactionInProgress)) => Ok(()),
            Some(Err(error)) => Err(error.into()),
        }
    }

    /// Closes the file, so that the next process that opens it finds all of it and has nothing to mend. Readers are then told
    /// that it is closed. Returns an error if that was not possible; what was committed is there all the same.
    pub(crate) fn close(&self) -> Result<(), redb::Error> {
        if let Some(mark) = &self.mark {
            mark.sync().map_err(StorageError::from)?;
        }
        match self.database.write().unwrap_or_else(PoisonError::into_inner).take() {
            Some(database) => Ok(database.close()?),
            None => Ok(()),
        }
    }

    fn read(&self) -> Result<ReadTransaction, redb::Error> {
        let database = self.database.read().unwrap_or_else(PoisonError::into_inner);
        Ok(database.as_ref().ok_or(StorageError::DatabaseClosed)?.begin_read()?)
    }

    fn write(&self) -> Result<WriteTransaction, redb::Error> {
        let database = self.database.read().unwrap_or_else(PoisonError::into_inner);
        Ok(database.as_ref().ok_or(StorageError::DatabaseClosed)?.begin_write()?)
    }

    /// The number of actions found damaged when the store was opened. They are shown to nobody, and stay in the file.
    pub(crate) fn damaged(&self) -> u64 {
        self.damaged
    }

    /// The last stored revision; 0 = none.
    pub(crate) fn last_revision(&self) -> Result<u64, redb::Error> {
        let facts = self.read()?.open_table(FACTS)?;
        Ok(facts.get(REVISION)?.map_or(0, |revision| revision.value()))
    }

    /// The number of stored actions, on all boards.
    pub(crate) fn actions(&self) -> u64 {
        self.actions.load(Ordering::Relaxed)
    }

    /// The revision that this client's action got, if it was ever stored.
    pub(crate) fn revision_of(&self, client: ClientId, action: u64) -> Result<Option<u64>, redb::Error> {
        let table = self.read()?.open_table(IDS)?;
        Ok(table.get(&ids::key(client, action))?.map(|revision| revision.value()))
    }

    /// Bounds the ids of dropped actions to a quarter of `max_store`: beyond it the first are forgotten early.
    pub(crate) fn bound_ids(&self, max_store: u64) {
        self.most_ids.store(max_store / 4 / (ids::ID + ids::ID_GONE), Ordering::Relaxed);
    }

    /// Whether one of these objects of the board is a clear that cannot be undone any more, because what it hid was dropped.
    pub(crate) fn is_too_late(
        &self,
        board: &BoardName,
        objects: impl Iterator<Item = u64>,
    ) -> Result<bool, redb::Error> {
        clears::any_dropped(&self.read()?, board, objects)
    }

    /// Whether one of these objects of the board no longer exists.
    pub(crate) fn is_gone(&self, board: &BoardName, objects: impl Iterator<Item = u64>) -> Result<bool, redb::Error> {
        marks::any_is_gone(&self.read()?, board, objects)
    }

    /// Whether hiding these objects of the board, or else showing them, changes anything.
    pub(crate) fn changes_any(
        &self,
        board: &BoardName,
        objects: impl Iterator<Item = u64>,
        hides: bool,
    ) -> Result<bool, redb::Error> {
        marks::any_changes(&self.read()?, board, objects, hides)
    }

    /// Whether something was drawn on the board since its last clear, or is there again, so that a clear frees room.
    pub(crate) fn is_drawn_on(&self, board: &BoardName) -> Result<bool, redb::Error> {
        Ok(self.board(board)?.is_drawn_on)
    }

    /// A page with a part of the board that ends before this revision cannot learn all the rest any more: something was
    /// dropped of which it may have only a part.
    pub(crate) fn forgotten(&self, board: &BoardName) -> Result<u64, redb::Error> {
        Ok(self.board(board)?.forgotten)
    }

    fn board(&self, board: &BoardName) -> Result<Board, redb::Error> {
        let boards = self.read()?.open_table(BOARDS)?;
        Ok(boards.get(board.as_str())?.map_or_else(Board::default, |board| Board::of(board.value())))
    }

    /// Stores a batch of actions and their ids, all or nothing; their revisions rise, and are later than all before. Once
    /// this returns `Ok`, they survive a crash. `now` is the time by the store's clock.
    pub(crate) fn commit(&self, batch: &[Action], now: u64) -> Result<(), redb::Error> {
        let mut transaction = self.write()?;
        transaction.set_durability(Durability::Immediate)?;
        let (bytes, stored);
        {
            let mut facts = transaction.open_table(FACTS)?;
            let mut last = facts.get(REVISION)?.map_or(0, |revision| revision.value());
            let mut tables = Tables::of(&transaction, now, self.bytes())?;
            for Action { board, client, frame } in batch {
                let revision = protocol::revision(frame);
                if revision <= last || revision > REVISION_MAX {
                    return Err(StorageError::Corrupted(format!("revision {revision} comes after {last}")).into());
                }
                tables.add(board.as_str(), *client, frame, &self.key)?;
                last = revision;
            }
            (bytes, stored) = (tables.bytes, tables.actions.len()?);
            facts.insert(REVISION, last)?;
            facts.insert(BYTES, bytes)?;
            facts.insert(AGE, now)?;
        }
        transaction.commit()?;
        self.committed(bytes, stored, now);
        if let (Some(mark), Some(Action { frame, .. })) = (&self.mark, batch.last()) {
            mark.raise(protocol::revision(frame)).map_err(StorageError::from)?;
        }
        Ok(())
    }

    fn committed(&self, bytes: u64, actions: u64, now: u64) {
        self.bytes.store(bytes, Ordering::Relaxed);
        self.actions.store(actions, Ordering::Relaxed);
        self.noted.store(now, Ordering::Relaxed);
    }

    /// Drops some of what no longer has to be kept: what a `clear` hides that is not hidden itself, except chat; clears that
    /// stayed hidden; hides and shows that say nothing any more; ids of dropped actions. Returns whether there is more to drop.
    pub(crate) fn compact(&self, now: u64, keep: Keep) -> Result<bool, redb::Error> {
        if let Some(mark) = &self.mark {
            mark.sync_in_time().map_err(StorageError::from)?;
        }
        let transaction = self.write()?;
        let mut budget = Budget::new();
        let (bytes, stored, something_waits);
        {
            let mut tables = Tables::of(&transaction, now, self.bytes())?;
            let most_ids = self.most_ids.load(Ordering::Relaxed);
            tables.drop_some(&mut budget, now.saturating_sub(keep.cleared), now.saturating_sub(keep.ids), most_ids)?;
            (bytes, stored) = (tables.bytes, tables.actions.len()?);
            something_waits = !tables.due.is_empty()? || !tables.gone.is_empty()?;
        }
        // A run that ends before anything is due has still brought it nearer.
        let is_late = now >= self.noted.load(Ordering::Relaxed).saturating_add(NOTE_TIME) && something_waits;
        if budget.is_whole() && !is_late {
            transaction.abort()?;
            return Ok(false);
        }
        {
            let mut facts = transaction.open_table(FACTS)?;
            facts.insert(BYTES, bytes)?;
            facts.insert(AGE, now)?;
        }
        transaction.commit()?;
        self.committed(bytes, stored, now);
        Ok(budget.is_spent())
    }

    /// The board's actions from revision `from` to `to`, in order, but at most about `bytes` of them, and at least one
    /// if there is one.
    pub(crate) fn chunk(&self, board: &BoardName, from: u64, to: u64, bytes: usize) -> Result<Chunk, redb::Error> {
        let table = self.read()?.open_table(ACTIONS)?;
        let mut frames = Vec::new();
        let mut room = bytes;
        for entry in table.range((board.as_str(), from)..=(board.as_str(), to))? {
            let (place, record) = entry?;
            let Some(Record { frame, .. }) = whole(place.value(), record.value()) else { continue };
            frames.push(Bytes::copy_from_slice(frame));
            room = room.saturating_sub(frame.len());
            if room == 0 {
                return Ok(Chunk { frames, through: place.value().1 });
            }
        }
        Ok(Chunk { frames, through: to })
    }
}

/// The store's file in its directory.
pub(crate) fn file_in(directory: &Path) -> PathBuf {
    directory.join(FILE)
}

/// The length that a file with this much in the tables may have before it is shortened. The database doubles it when it has
/// to grow, and a page is rarely full.
pub(crate) fn file_bound(bytes: u64) -> u64 {
    bytes.saturating_mul(4).saturating_add(4 << 20)
}

/// Whether anything is in the place of the store's file, even a dangling link.
pub(crate) fn is_there(directory: &Path) -> bool {
    file_in(directory).symlink_metadata().is_ok()
}

/// Makes a directory for its owner only, if it is missing; `otherwise` is how to name another.
fn make_private(directory: &Path, otherwise: &str) -> anyhow::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    let failed = || format!("cannot make the directory {}", directory.display());
    builder.create(directory).map_err(|error| explained(failed(), &error, otherwise))
}

#[cfg(test)]
mod flips;
#[cfg(test)]
mod tests;
