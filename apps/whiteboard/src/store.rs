//! The boards on disk: an append-only sequence of actions and the table by which repeats are recognised.

pub(crate) mod backup;
mod chat;
mod clears;
mod compact;
mod disk;
mod format;
mod fresh;
mod ids;
pub(crate) mod key;
mod marks;
mod record;
pub(crate) mod rescue;
mod ruin;
mod scan;
mod seal;
mod sums;
mod tables;
mod upgrade;

use std::fs::{DirBuilder, File, OpenOptions};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use anyhow::{Context, bail};
use bytes::Bytes;
use redb::backends::FileBackend;
use redb::{
    CompactionError, Database, DatabaseError, Durability, ReadableDatabase, ReadableTable, ReadableTableMetadata,
    StorageError, TableError,
};

use crate::clock::Clock;
use crate::private;
use crate::protocol::{self, BoardName, ClientId, REVISION_MAX};
use compact::Budget;
pub(crate) use disk::Waiting;
use disk::{Disk, Patient};
use format::{AGE, BYTES, FACTS, REVISION};
use fresh::Fresh;
use ids::IDS;
pub(crate) use marks::mark_cost;
use record::Record;
use ruin::Damage;
use seal::Key;
pub(crate) use tables::cost;
use tables::{ACTIONS, BOARDS, Board, Tables};

/// What the database may keep in memory.
const CACHE_BYTES: usize = 64 << 20;
/// So often, in seconds, the store's clock is noted while something waits for a time to pass.
const NOTE_TIME: u64 = 60;
const FILE: &str = "board.redb";

/// For how long things are kept that are gone for people, in seconds of the store's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Keep {
    /// What a clear hides: so long it can be undone.
    pub(crate) cleared: u64,
    /// The id of an action that was dropped: so long it is recognised when it is sent again.
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
    /// Whoever writes to it has it to itself, and makes its file shorter.
    database: RwLock<Database>,
    disk: Arc<Disk>,
    key: Key,
    number: u64,
    run: u32,
    clock: Clock,
    /// The clock's time on disk.
    noted: AtomicU64,
    /// So many ids of what was dropped are kept.
    most_ids: AtomicU64,
    /// What is in the tables.
    bytes: AtomicU64,
    actions: AtomicU64,
    damaged: u64,
}

impl Store {
    /// Opens the store in `directory`, making both when they are missing (the directory for its owner only), and looks
    /// at every action in it. Only one process at a time has a store open; the error says so.
    pub(crate) fn open(directory: &Path) -> anyhow::Result<Store> {
        make_private(directory).with_context(|| format!("cannot make the data directory {}", directory.display()))?;
        let file = file_in(directory);
        if !is_there(directory) {
            Fresh::begin(directory).and_then(Fresh::finish)?;
        }
        ruin::guarded(directory, || {
            format::check_is_store(&file)?;
            let found = key::read(directory)?;
            let opened = private::open(OpenOptions::new().read(true).write(true), &file);
            let opened = opened.with_context(|| format!("cannot open {}", file.display()))?;
            let (database, disk) = match open_database(opened) {
                Ok(opened) => opened,
                Err(DatabaseError::DatabaseAlreadyOpen) => bail!(
                    "the data in {} is in use by another whiteboard; stop that one, or name another directory: \
                     --data DIR",
                    directory.display()
                ),
                Err(error) => return Err(error).with_context(|| format!("cannot open {}", file.display())),
            };
            let key = found.clone().map_or_else(key::fresh, Ok)?;
            let store = Store::over(database, disk, &key).with_context(|| format!("cannot use {}", file.display()))?;
            key::keep(directory, &store.key, found.as_ref())?;
            Ok(store)
        })
    }

    /// The store in a database that is open; this is its key if it has none.
    fn over(database: Database, disk: Arc<Disk>, key: &Key) -> anyhow::Result<Store> {
        format::prepare(&database, key)?;
        let Counted { actions, damaged, last } = count(&database)?;
        let facts = format::begin(&database)?;
        if last > facts.revision || facts.revision > REVISION_MAX {
            return Err(Damage(format!("its last revision is {}, and it holds {last}", facts.revision)).into());
        }
        Ok(Store {
            key: key::of(&database)?,
            database: RwLock::new(database),
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

    /// No write waits any more: one that finds no room fails.
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

    /// What is in the tables, in bytes: actions, ids, clears. The file may be larger: what was dropped leaves room in it.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// How long the file is, in bytes.
    pub(crate) fn file_len(&self) -> u64 {
        self.disk.len()
    }

    /// Makes the file shorter, if it is much longer than what is in it; whoever reads waits meanwhile. Nothing is done
    /// while a snapshot is read that is older, as a backup's.
    pub(crate) fn shrink(&self) -> Result<(), redb::Error> {
        if self.file_len() <= file_bound(self.bytes()) {
            return Ok(());
        }
        match self.database.write().unwrap_or_else(PoisonError::into_inner).compact() {
            Ok(_) | Err(CompactionError::TransactionInProgress) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    fn database(&self) -> RwLockReadGuard<'_, Database> {
        self.database.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many actions were found damaged when the store was opened. They are shown to nobody, and stay in the file.
    pub(crate) fn damaged(&self) -> u64 {
        self.damaged
    }

    /// The last stored revision; 0 = none.
    pub(crate) fn last_revision(&self) -> Result<u64, redb::Error> {
        let facts = self.database().begin_read()?.open_table(FACTS)?;
        Ok(facts.get(REVISION)?.map_or(0, |revision| revision.value()))
    }

    /// How many actions are stored, on all boards.
    pub(crate) fn actions(&self) -> u64 {
        self.actions.load(Ordering::Relaxed)
    }

    /// The revision that this client's action got, if it was ever stored.
    pub(crate) fn revision_of(&self, client: ClientId, action: u64) -> Result<Option<u64>, redb::Error> {
        let table = self.database().begin_read()?.open_table(IDS)?;
        Ok(table.get(&ids::key(client, action))?.map(|revision| revision.value()))
    }

    /// Has the ids of what was dropped take a quarter of `max_store` at most: the first of more are forgotten early.
    pub(crate) fn bound_ids(&self, max_store: u64) {
        self.most_ids.store(max_store / 4 / (ids::ID + ids::ID_GONE), Ordering::Relaxed);
    }

    /// Whether one of these objects of the board is a clear that cannot be undone any more: what it hid was dropped.
    pub(crate) fn is_too_late(
        &self,
        board: &BoardName,
        objects: impl Iterator<Item = u64>,
    ) -> Result<bool, redb::Error> {
        clears::any_dropped(&self.database().begin_read()?, board, objects)
    }

    /// Whether one of these objects of the board is not there any more.
    pub(crate) fn is_gone(&self, board: &BoardName, objects: impl Iterator<Item = u64>) -> Result<bool, redb::Error> {
        marks::any_is_gone(&self.database().begin_read()?, board, objects)
    }

    /// Whether to hide these objects of the board, or else to show them, changes anything.
    pub(crate) fn changes_any(
        &self,
        board: &BoardName,
        objects: impl Iterator<Item = u64>,
        hides: bool,
    ) -> Result<bool, redb::Error> {
        marks::any_changes(&self.database().begin_read()?, board, objects, hides)
    }

    /// Whether something was drawn on the board since it was cleared, or is there again: so that a clear frees room.
    pub(crate) fn is_drawn_on(&self, board: &BoardName) -> Result<bool, redb::Error> {
        Ok(self.board(board)?.is_drawn_on)
    }

    /// Whoever has a part of the board that ends before this revision does not learn all the rest any more: something
    /// of which it may have only a part was dropped.
    pub(crate) fn forgotten(&self, board: &BoardName) -> Result<u64, redb::Error> {
        Ok(self.board(board)?.forgotten)
    }

    fn board(&self, board: &BoardName) -> Result<Board, redb::Error> {
        let boards = self.database().begin_read()?.open_table(BOARDS)?;
        Ok(boards.get(board.as_str())?.map_or_else(Board::default, |board| Board::of(board.value())))
    }

    /// Stores a batch of actions and their ids, all or nothing; their revisions rise, and are later than all before. Once
    /// this returns `Ok`, they survive a crash. `now` is the time by the store's clock.
    pub(crate) fn commit(&self, batch: &[Action], now: u64) -> Result<(), redb::Error> {
        let mut transaction = self.database().begin_write()?;
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
        Ok(())
    }

    fn committed(&self, bytes: u64, actions: u64, now: u64) {
        self.bytes.store(bytes, Ordering::Relaxed);
        self.actions.store(actions, Ordering::Relaxed);
        self.noted.store(now, Ordering::Relaxed);
    }

    /// Drops some of what is kept no longer: what a `clear` hides that is not hidden itself, but chat; clears that stayed
    /// hidden; hides and shows that say nothing any more; ids whose actions were dropped. Whether there is more to drop.
    pub(crate) fn compact(&self, now: u64, keep: Keep) -> Result<bool, redb::Error> {
        let transaction = self.database().begin_write()?;
        let mut budget = Budget::new();
        let (bytes, stored, something_waits);
        {
            let mut tables = Tables::of(&transaction, now, self.bytes())?;
            let most_ids = self.most_ids.load(Ordering::Relaxed);
            tables.drop_some(&mut budget, now.saturating_sub(keep.cleared), now.saturating_sub(keep.ids), most_ids)?;
            (bytes, stored) = (tables.bytes, tables.actions.len()?);
            something_waits = !tables.due.is_empty()? || !tables.gone.is_empty()?;
        }
        // A run that ends before anything is due has brought it nearer all the same.
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

    /// The board's actions from revision `from` to `to`, in order, but no more than about `bytes` of them; at least one
    /// if there is one.
    pub(crate) fn chunk(&self, board: &BoardName, from: u64, to: u64, bytes: usize) -> Result<Chunk, redb::Error> {
        let table = self.database().begin_read()?.open_table(ACTIONS)?;
        let mut frames = Vec::new();
        let mut room = bytes;
        for entry in table.range((board.as_str(), from)..=(board.as_str(), to))? {
            let (place, record) = entry?;
            let Some(Record { frame, .. }) = Record::read(record.value()) else { continue };
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

/// How long the file may be for so much in the tables before it is made shorter. The database doubles it when it has to
/// grow, and a page is rarely full.
pub(crate) fn file_bound(bytes: u64) -> u64 {
    bytes.saturating_mul(4).saturating_add(4 << 20)
}

/// Whether there is something in the place of the store's file, be it a link to nothing.
pub(crate) fn is_there(directory: &Path) -> bool {
    file_in(directory).symlink_metadata().is_ok()
}

/// The database in this file, which nobody else has open, and what decides whether its writes wait.
fn open_database(file: File) -> Result<(Database, Arc<Disk>), DatabaseError> {
    let disk = Arc::new(Disk::default());
    let backend = Patient::new(FileBackend::new(file)?, Arc::clone(&disk)).map_err(StorageError::from)?;
    let database = Database::builder().set_cache_size(CACHE_BYTES).create_with_backend(backend)?;
    Ok((database, disk))
}

/// What a look at every action found.
#[derive(Debug, Default)]
struct Counted {
    actions: u64,
    damaged: u64,
    /// The last revision of all.
    last: u64,
}

/// Looks at every action; an error if the table does not hold as many as it says.
fn count(database: &Database) -> anyhow::Result<Counted> {
    let table = match database.begin_read()?.open_table(ACTIONS) {
        Ok(table) => table,
        Err(TableError::TableDoesNotExist(_)) => return Ok(Counted::default()),
        Err(error) => return Err(error.into()),
    };
    let mut counted = Counted::default();
    for entry in table.iter()? {
        let (place, record) = entry?;
        counted.actions += 1;
        counted.damaged += u64::from(Record::read(record.value()).is_none());
        counted.last = counted.last.max(place.value().1);
    }
    let said = table.len()?;
    if counted.actions != said {
        return Err(Damage(format!("{} of {said} actions can be reached", counted.actions)).into());
    }
    Ok(counted)
}

fn make_private(directory: &Path) -> std::io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory)
}

#[cfg(test)]
mod tests;
