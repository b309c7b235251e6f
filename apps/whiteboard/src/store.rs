//! The board on disk: an append-only sequence of actions and the table by which repeats are recognised.

use std::fs::DirBuilder;
use std::hash::{BuildHasher, RandomState};
use std::path::Path;

use anyhow::{Context, bail};
use bytes::Bytes;
use redb::{
    Database, DatabaseError, Durability, ReadableDatabase, ReadableTable, ReadableTableMetadata, TableDefinition,
};

use crate::protocol::{self, ClientId};

/// Revision -> the action's frame. Revisions are contiguous from 1.
const ACTIONS: TableDefinition<'static, u64, &'static [u8]> = TableDefinition::new("actions");
/// Client and action id -> the revision that action got.
const IDS: TableDefinition<'static, &'static [u8; KEY_LEN], u64> = TableDefinition::new("ids");
/// Facts about the file, by the names below.
const FACTS: TableDefinition<'static, &'static str, u64> = TableDefinition::new("facts");

const KEY_LEN: usize = ClientId::LEN + 8;
/// What the database may keep in memory.
const CACHE_BYTES: usize = 64 << 20;
const FORMAT: u64 = 1;
const FILE: &str = "board.redb";

/// An action as the storage actor hands it over.
#[derive(Clone, Debug)]
pub(crate) struct Action {
    /// Who sent it.
    pub(crate) client: ClientId,
    /// Its frame, with author and revision filled in.
    pub(crate) frame: Bytes,
}

/// An open board. Reads never wait for a commit.
#[derive(Debug)]
pub(crate) struct Store {
    database: Database,
    board: u64,
    run: u32,
}

impl Store {
    /// Opens the board in `directory`, making both when they are missing (the directory for its owner only).
    /// Only one process at a time has a board open; the error says so.
    pub(crate) fn open(directory: &Path) -> anyhow::Result<Store> {
        make_private(directory).with_context(|| format!("cannot make the data directory {}", directory.display()))?;
        let file = directory.join(FILE);
        let database = match Database::builder().set_cache_size(CACHE_BYTES).create(&file) {
            Ok(database) => database,
            Err(DatabaseError::DatabaseAlreadyOpen) => bail!(
                "the data in {} is in use by another whiteboard; stop that one, or name another directory: --data DIR",
                directory.display()
            ),
            Err(error) => return Err(error).with_context(|| format!("cannot open {}", file.display())),
        };
        let (board, run) = begin(&database).with_context(|| format!("cannot use {}", file.display()))?;
        Ok(Store { database, board, run })
    }

    /// A number that no other board has.
    pub(crate) fn board(&self) -> u64 {
        self.board
    }

    /// How many times this board has been opened, this time included.
    pub(crate) fn run(&self) -> u32 {
        self.run
    }

    /// The last stored revision; 0 = none.
    pub(crate) fn last_revision(&self) -> Result<u64, redb::Error> {
        let table = self.database.begin_read()?.open_table(ACTIONS)?;
        Ok(table.last()?.map_or(0, |(revision, _)| revision.value()))
    }

    /// How many actions are stored.
    pub(crate) fn actions(&self) -> Result<u64, redb::Error> {
        Ok(self.database.begin_read()?.open_table(ACTIONS)?.len()?)
    }

    /// The revision that this client's action got, if it is stored.
    pub(crate) fn revision_of(&self, client: ClientId, action: u64) -> Result<Option<u64>, redb::Error> {
        let table = self.database.begin_read()?.open_table(IDS)?;
        Ok(table.get(&key(client, action))?.map(|revision| revision.value()))
    }

    /// Stores a batch of actions and their ids, all or nothing. Once this returns `Ok`, they survive a crash.
    pub(crate) fn commit(&self, batch: &[Action]) -> Result<(), redb::Error> {
        let mut transaction = self.database.begin_write()?;
        transaction.set_durability(Durability::Immediate)?;
        {
            let mut actions = transaction.open_table(ACTIONS)?;
            let mut ids = transaction.open_table(IDS)?;
            for Action { client, frame } in batch {
                let revision = protocol::revision(frame);
                actions.insert(revision, &frame[..])?;
                ids.insert(&key(*client, protocol::action(frame)), revision)?;
            }
        }
        transaction.commit()?;
        Ok(())
    }

    /// The frames of the stored actions `from..=to`, in order, but no more than about `bytes` of them; at least one if
    /// there is one.
    pub(crate) fn chunk(&self, from: u64, to: u64, bytes: usize) -> Result<Vec<Bytes>, redb::Error> {
        let table = self.database.begin_read()?.open_table(ACTIONS)?;
        let mut frames = Vec::new();
        let mut room = bytes;
        for entry in table.range(from..=to)? {
            let (_, frame) = entry?;
            let frame = Bytes::copy_from_slice(frame.value());
            room = room.saturating_sub(frame.len());
            frames.push(frame);
            if room == 0 {
                break;
            }
        }
        Ok(frames)
    }
}

fn key(client: ClientId, action: u64) -> [u8; KEY_LEN] {
    let mut key = [0; KEY_LEN];
    key[..ClientId::LEN].copy_from_slice(client.bytes());
    key[ClientId::LEN..].copy_from_slice(&action.to_be_bytes());
    key
}

/// Makes the tables, checks the format and counts this run.
fn begin(database: &Database) -> anyhow::Result<(u64, u32)> {
    let transaction = database.begin_write()?;
    let (board, run);
    {
        transaction.open_table(ACTIONS)?;
        transaction.open_table(IDS)?;
        let mut facts = transaction.open_table(FACTS)?;
        let format = facts.get("format")?.map(|fact| fact.value());
        match format {
            None => {
                facts.insert("format", FORMAT)?;
                facts.insert("board", RandomState::new().hash_one(std::process::id()))?;
                facts.insert("run", 0)?;
            }
            Some(FORMAT) => {}
            Some(other) => bail!("the board has format {other}; this version reads {FORMAT}"),
        }
        board = facts.get("board")?.context("the board has no number")?.value();
        let runs = facts.get("run")?.context("the board has no run count")?.value();
        run = u32::try_from(runs + 1).context("the board was opened too often")?;
        facts.insert("run", u64::from(run))?;
    }
    transaction.commit()?;
    Ok((board, run))
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
