//! The boards on disk: an append-only sequence of actions and the table by which repeats are recognised.

mod clears;
mod record;
pub(crate) mod rescue;
mod ruin;

use std::fs::DirBuilder;
use std::hash::{BuildHasher, RandomState};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context, bail};
use bytes::Bytes;
use redb::{
    Database, DatabaseError, Durability, ReadableDatabase, ReadableTable, ReadableTableMetadata, TableDefinition,
    TableError,
};

use crate::protocol::{self, BoardName, ClientId};
use record::Record;
use ruin::Damage;

/// Board and revision -> the action's record. Revisions are given once for all boards.
const ACTIONS: TableDefinition<'static, (&'static str, u64), &'static [u8]> = TableDefinition::new("actions");
/// Client and action id -> the revision that action got.
const IDS: TableDefinition<'static, &'static [u8; KEY_LEN], u64> = TableDefinition::new("ids");
/// Facts about the file, by the names below.
const FACTS: TableDefinition<'static, &'static str, u64> = TableDefinition::new("facts");
const REVISION: &str = "revision";
const BYTES: &str = "bytes";

const KEY_LEN: usize = ClientId::LEN + 8;
/// What an action takes in the file beside its record: its keys in both tables, and its revision.
const KEYS: u64 = BoardName::MAX as u64 + 8 + KEY_LEN as u64 + 8;
/// What the database may keep in memory.
const CACHE_BYTES: usize = 64 << 20;
const FORMAT: u64 = 2;
const FILE: &str = "board.redb";

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
    database: Database,
    number: u64,
    run: u32,
    /// What the actions take, with their keys.
    bytes: AtomicU64,
    damaged: u64,
}

impl Store {
    /// Opens the store in `directory`, making both when they are missing (the directory for its owner only), and looks
    /// at every action in it. Only one process at a time has a store open; the error says so.
    pub(crate) fn open(directory: &Path) -> anyhow::Result<Store> {
        make_private(directory).with_context(|| format!("cannot make the data directory {}", directory.display()))?;
        let file = file_in(directory);
        ruin::guarded(directory, || {
            let database = match Database::builder().set_cache_size(CACHE_BYTES).create(&file) {
                Ok(database) => database,
                Err(DatabaseError::DatabaseAlreadyOpen) => bail!(
                    "the data in {} is in use by another whiteboard; stop that one, or name another directory: \
                     --data DIR",
                    directory.display()
                ),
                Err(error) => return Err(error).with_context(|| format!("cannot open {}", file.display())),
            };
            let damaged = count_damaged(&database).with_context(|| format!("cannot read {}", file.display()))?;
            let facts = begin(&database).with_context(|| format!("cannot use {}", file.display()))?;
            Ok(Store { database, number: facts.number, run: facts.run, bytes: AtomicU64::new(facts.bytes), damaged })
        })
    }

    /// A number that no other store has.
    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    /// How many times this store has been opened, this time included.
    pub(crate) fn run(&self) -> u32 {
        self.run
    }

    /// What all actions take, in bytes, with their keys. The file may be larger: what was dropped leaves room in it.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// How many actions were found damaged when the store was opened. They are shown to nobody, and stay in the file.
    pub(crate) fn damaged(&self) -> u64 {
        self.damaged
    }

    /// The last stored revision; 0 = none.
    pub(crate) fn last_revision(&self) -> Result<u64, redb::Error> {
        let facts = self.database.begin_read()?.open_table(FACTS)?;
        Ok(facts.get(REVISION)?.map_or(0, |revision| revision.value()))
    }

    /// How many actions are stored, on all boards.
    pub(crate) fn actions(&self) -> Result<u64, redb::Error> {
        Ok(self.database.begin_read()?.open_table(ACTIONS)?.len()?)
    }

    /// The revision that this client's action got, if it was ever stored.
    pub(crate) fn revision_of(&self, client: ClientId, action: u64) -> Result<Option<u64>, redb::Error> {
        let table = self.database.begin_read()?.open_table(IDS)?;
        Ok(table.get(&key(client, action))?.map(|revision| revision.value()))
    }

    /// Whether one of these objects of the board is a clear that cannot be undone any more: what it hid was dropped.
    pub(crate) fn is_too_late(
        &self,
        board: &BoardName,
        objects: impl Iterator<Item = u64>,
    ) -> Result<bool, redb::Error> {
        clears::any_dropped(&self.database.begin_read()?, board, objects)
    }

    /// Stores a batch of actions and their ids, all or nothing. Once this returns `Ok`, they survive a crash. `now` is
    /// in seconds since 1970.
    pub(crate) fn commit(&self, batch: &[Action], now: u64) -> Result<(), redb::Error> {
        let mut transaction = self.database.begin_write()?;
        transaction.set_durability(Durability::Immediate)?;
        let mut bytes = self.bytes();
        {
            let mut actions = transaction.open_table(ACTIONS)?;
            let mut ids = transaction.open_table(IDS)?;
            let mut clears = clears::Clears::of(&transaction, now)?;
            let mut last = 0;
            for Action { board, client, frame } in batch {
                let revision = protocol::revision(frame);
                let record = Record { board: board.as_str(), client: *client, frame }.bytes();
                bytes += taken_by(&record);
                actions.insert((board.as_str(), revision), &record[..])?;
                ids.insert(&key(*client, protocol::action(frame)), revision)?;
                clears.note(board, frame)?;
                last = last.max(revision);
            }
            let mut facts = transaction.open_table(FACTS)?;
            facts.insert(REVISION, last)?;
            facts.insert(BYTES, bytes)?;
        }
        transaction.commit()?;
        self.bytes.store(bytes, Ordering::Relaxed);
        Ok(())
    }

    /// Drops some of what a `clear` hides that is not hidden itself and was made before `before` (seconds since 1970);
    /// whether there is more to drop. Chat stays, and so do the ids, by which repeats are recognised.
    pub(crate) fn compact(&self, before: u64) -> Result<bool, redb::Error> {
        let transaction = self.database.begin_write()?;
        let (dropped, more) = clears::drop_some(&transaction, before)?;
        if dropped.records == 0 && !more {
            // Nothing was found, so nothing is written.
            transaction.abort()?;
            return Ok(false);
        }
        let bytes = self.bytes().saturating_sub(dropped.bytes);
        transaction.open_table(FACTS)?.insert(BYTES, bytes)?;
        transaction.commit()?;
        self.bytes.store(bytes, Ordering::Relaxed);
        Ok(more)
    }

    /// The board's actions from revision `from` to `to`, in order, but no more than about `bytes` of them; at least one
    /// if there is one.
    pub(crate) fn chunk(&self, board: &BoardName, from: u64, to: u64, bytes: usize) -> Result<Chunk, redb::Error> {
        let table = self.database.begin_read()?.open_table(ACTIONS)?;
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

/// What a record and its keys take.
fn taken_by(record: &[u8]) -> u64 {
    record.len() as u64 + KEYS
}

fn key(client: ClientId, action: u64) -> [u8; KEY_LEN] {
    let mut key = [0; KEY_LEN];
    key[..ClientId::LEN].copy_from_slice(client.bytes());
    key[ClientId::LEN..].copy_from_slice(&action.to_be_bytes());
    key
}

struct Facts {
    number: u64,
    run: u32,
    bytes: u64,
}

/// Makes the tables, checks the format and counts this run.
fn begin(database: &Database) -> anyhow::Result<Facts> {
    let transaction = database.begin_write()?;
    let found;
    {
        let mut facts = transaction.open_table(FACTS)?;
        let format = facts.get("format")?.map(|fact| fact.value());
        match format {
            None => {
                facts.insert("format", FORMAT)?;
                facts.insert("store", RandomState::new().hash_one(std::process::id()))?;
                facts.insert("run", 0)?;
                facts.insert(REVISION, 0)?;
                facts.insert(BYTES, 0)?;
            }
            Some(FORMAT) => {}
            Some(other) => bail!(
                "it has format {other}, and this version reads {FORMAT}; it is left as it is: name another directory, \
                 --data DIR, or use the version that made it"
            ),
        }
        let fact = |name| -> anyhow::Result<u64> {
            Ok(facts.get(name)?.with_context(|| format!("it says nothing of its {name}"))?.value())
        };
        let run = u32::try_from(fact("run")? + 1).context("it was opened too often")?;
        found = Facts { number: fact("store")?, run, bytes: fact(BYTES)? };
        facts.insert("run", u64::from(run))?;
        transaction.open_table(ACTIONS)?;
        transaction.open_table(IDS)?;
        clears::make_table(&transaction)?;
    }
    transaction.commit()?;
    Ok(found)
}

/// How many records are damaged; an error if the table does not hold as many as it says.
fn count_damaged(database: &Database) -> anyhow::Result<u64> {
    let table = match database.begin_read()?.open_table(ACTIONS) {
        Ok(table) => table,
        Err(TableError::TableDoesNotExist(_)) => return Ok(0),
        Err(error) => return Err(error.into()),
    };
    let (mut records, mut damaged) = (0, 0);
    for entry in table.iter()? {
        records += 1;
        damaged += u64::from(Record::read(entry?.1.value()).is_none());
    }
    let said = table.len()?;
    if records != said {
        return Err(Damage(format!("{records} of {said} actions can be reached")).into());
    }
    Ok(damaged)
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
