//! Copies an open store, as it is at one moment, to a new one: entry by entry, from a snapshot that no commit
//! changes. Between two processes the entries are written one after another:
//!
//! ```text
//! HEAD  (table u8, length of the key u16, length of the value u32, key, value)*  END u8  CRC-32 of all before it
//! ```

use std::io::{Read, Write};
use std::path::Path;

use anyhow::{Context, bail};
use redb::{Key, ReadTransaction, ReadableTable, Table, TableDefinition, Value};

use super::Store;
use super::chat::CHATS;
use super::clears::{CLEARS, DUE, JOBS};
use super::format::{FACTS, NUMBER};
use super::fresh::Fresh;
use super::ids::{GONE, IDS};
use super::key::KEY;
use super::marks::{CHANGES, MARKS, SPENT};
use super::rescue::INTO;
use super::tables::{ACTIONS, BOARDS, Place, Tables, whole};

/// The head: what follows, and in which form.
const HEAD: &[u8] = b"whiteboard backup 4\n";
const END: u8 = 0xff;

/// The tables by their number in a copy.
const ACTION: u8 = 0;
const ID: u8 = 1;
const GONE_ID: u8 = 2;
const CLEAR: u8 = 3;
const FACT: u8 = 4;
const BOARD: u8 = 5;
const DUE_CLEAR: u8 = 6;
const JOB: u8 = 7;
const MARK: u8 = 8;
const CHANGE: u8 = 9;
const SPENT_CHANGE: u8 = 10;
const CHAT: u8 = 11;
/// The table of the store's key, so that the copy's records belong to the copy, too.
const SECRET: u8 = 12;

/// Receives an entry: its table, its key, its value.
type Take<'a> = dyn FnMut(u8, &[u8], &[u8]) -> anyhow::Result<()> + 'a;

/// What was copied.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Copied {
    /// Actions.
    pub(crate) actions: u64,
    /// The last revision of all.
    pub(crate) last: u64,
    /// The damaged ones among the actions, which were copied as they are.
    pub(crate) damaged: u64,
}

/// Writes the store's present contents.
pub(crate) fn send(store: &Store, to: impl Write) -> anyhow::Result<()> {
    let mut to = Summed { inner: to, crc: crc32fast::Hasher::new() };
    to.write_all(HEAD)?;
    entries(store, &mut |table, key, value| {
        to.write_all(&[table])?;
        to.write_all(&u16::try_from(key.len())?.to_le_bytes())?;
        to.write_all(&u32::try_from(value.len())?.to_le_bytes())?;
        to.write_all(key)?;
        Ok(to.write_all(value)?)
    })?;
    to.write_all(&[END])?;
    let crc = to.crc.clone().finalize();
    to.write_all(&crc.to_le_bytes())?;
    Ok(to.flush()?)
}

/// Makes a store in `into`, a directory that has none, from what another process sends.
pub(crate) fn receive(from: impl Read, into: &Path) -> anyhow::Result<Copied> {
    const CUT: &str = "the copy is not whole; nothing was made";
    let mut from = Summed { inner: from, crc: crc32fast::Hasher::new() };
    let mut head = [0; HEAD.len()];
    from.read_exact(&mut head).context(CUT)?;
    if head != HEAD {
        bail!("the whiteboard that has the store open is of another version; stop it, and copy then");
    }
    make(into, |take| {
        let (mut key, mut value) = (Vec::new(), Vec::new());
        loop {
            let [table] = bytes(&mut from).context(CUT)?;
            if table == END {
                let crc = from.crc.clone().finalize();
                if u32::from_le_bytes(bytes(&mut from).context(CUT)?) != crc {
                    bail!(CUT);
                }
                return Ok(());
            }
            key.resize(usize::from(u16::from_le_bytes(bytes(&mut from).context(CUT)?)), 0);
            value.resize(usize::try_from(u32::from_le_bytes(bytes(&mut from).context(CUT)?))?, 0);
            from.read_exact(&mut key).context(CUT)?;
            from.read_exact(&mut value).context(CUT)?;
            take(table, &key, &value)?;
        }
    })
}

/// The same for a store that this process has open.
pub(crate) fn copy(store: &Store, into: &Path) -> anyhow::Result<Copied> {
    make(into, |take| entries(store, take))
}

/// Passes each entry of each table to `take`, all as they are at one moment.
fn entries(store: &Store, take: &mut Take<'_>) -> anyhow::Result<()> {
    let snapshot = store.read()?;
    each(&snapshot, ACTIONS, ACTION, take)?;
    each(&snapshot, IDS, ID, take)?;
    each(&snapshot, GONE, GONE_ID, take)?;
    each(&snapshot, CLEARS, CLEAR, take)?;
    each(&snapshot, FACTS, FACT, take)?;
    each(&snapshot, BOARDS, BOARD, take)?;
    each(&snapshot, DUE, DUE_CLEAR, take)?;
    each(&snapshot, JOBS, JOB, take)?;
    each(&snapshot, MARKS, MARK, take)?;
    each(&snapshot, CHANGES, CHANGE, take)?;
    each(&snapshot, SPENT, SPENT_CHANGE, take)?;
    each(&snapshot, CHATS, CHAT, take)?;
    each(&snapshot, KEY, SECRET, take)
}

fn each<K: Key + 'static, V: Value + 'static>(
    snapshot: &ReadTransaction,
    table: TableDefinition<'_, K, V>,
    number: u8,
    take: &mut Take<'_>,
) -> anyhow::Result<()> {
    for entry in snapshot.open_table(table)?.iter()? {
        let (key, value) = entry?;
        take(number, K::as_bytes(&key.value()).as_ref(), V::as_bytes(&value.value()).as_ref())?;
    }
    Ok(())
}

/// Makes a store from the entries that `give` provides.
fn make(into: &Path, give: impl FnOnce(&mut Take<'_>) -> anyhow::Result<()>) -> anyhow::Result<Copied> {
    let fresh = Fresh::begin(into, INTO)?;
    let copied = fresh.filled(|store| {
        let transaction = store.write()?;
        let (mut actions, mut damaged) = (0, 0);
        {
            let mut tables = Tables::of(&transaction, 0, 0)?;
            let mut facts = transaction.open_table(FACTS)?;
            let mut secret = transaction.open_table(KEY)?;
            give(&mut |table, key, value| {
                if table == ACTION {
                    actions += 1;
                    damaged += u64::from(whole(<Place as Value>::from_bytes(key), value).is_none());
                }
                let put = match table {
                    ACTION => put(&mut tables.actions, key, value),
                    ID => put(&mut tables.ids, key, value),
                    GONE_ID => put(&mut tables.gone, key, value),
                    CLEAR => put(&mut tables.clears, key, value),
                    FACT => put(&mut facts, key, value),
                    BOARD => put(&mut tables.boards, key, value),
                    DUE_CLEAR => put(&mut tables.due, key, value),
                    JOB => put(&mut tables.jobs, key, value),
                    MARK => put(&mut tables.marks, key, value),
                    CHANGE => put(&mut tables.changes, key, value),
                    SPENT_CHANGE => put(&mut tables.spent, key, value),
                    CHAT => put(&mut tables.chats, key, value),
                    SECRET => put(&mut secret, key, value),
                    other => bail!("table {other} is not known"),
                };
                put.map_err(|error| fresh.failed(error))
            })?;
            // A copy is another store: pages that know more than it has are told so.
            facts.insert(NUMBER, store.number())?;
        }
        transaction.commit().map_err(|error| fresh.failed(error.into()))?;
        Ok(Copied { actions, last: store.last_revision()?, damaged })
    })?;
    fresh.finish()?;
    Ok(copied)
}

fn put<K: Key + 'static, V: Value + 'static>(
    table: &mut Table<'_, K, V>,
    key: &[u8],
    value: &[u8],
) -> anyhow::Result<()> {
    table.insert(K::from_bytes(key), V::from_bytes(value))?;
    Ok(())
}

fn bytes<const N: usize>(from: &mut impl Read) -> std::io::Result<[u8; N]> {
    let mut bytes = [0; N];
    from.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// Sums up the bytes that pass.
struct Summed<T> {
    inner: T,
    crc: crc32fast::Hasher,
}

impl<T: Read> Read for Summed<T> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let read = self.inner.read(into)?;
        self.crc.update(&into[..read]);
        Ok(read)
    }
}

impl<T: Write> Write for Summed<T> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.crc.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.inner.flush()
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::tests::{action, compact, revisions, stroke};
    use super::*;
    use crate::protocol::Kind;

    fn filled(home: &Path) -> Store {
        let store = Store::open(home).expect("a new store");
        let batch: Vec<_> = (1..200).map(stroke).collect();
        store.commit(&batch, 5).expect("a commit");
        store.commit(&[action(Kind::Clear, 200, b""), stroke(201)], 5).expect("a commit");
        compact(&store, 6);
        store.commit(&[stroke(202), action(Kind::Clear, 203, b"")], 7).expect("a commit");
        store
    }

    /// Everything in the store, except its number and its run.
    pub(in super::super) fn all(store: &Store) -> Vec<(u8, Vec<u8>, Vec<u8>)> {
        let mut all = Vec::new();
        let mut take = |table: u8, key: &[u8], value: &[u8]| {
            if table != FACT || (key != NUMBER.as_bytes() && key != b"run") {
                all.push((table, key.to_vec(), value.to_vec()));
            }
            Ok(())
        };
        entries(store, &mut take).expect("entries");
        all
    }

    #[test]
    fn a_copy_holds_all_that_the_store_held_when_it_was_begun() {
        let (home, new) = (tempfile::tempdir().expect("a directory"), tempfile::tempdir().expect("a directory"));
        let store = filled(home.path());
        let mut sent = Vec::new();
        send(&store, &mut sent).expect("sent");
        let into = new.path().join("copy");
        assert_eq!(receive(&sent[..], &into).expect("made"), Copied { actions: 4, last: 203, damaged: 0 });
        let copied = Store::open(&into).expect("a store");
        assert_eq!(all(&copied), all(&store));
        assert_ne!(copied.number(), store.number(), "it is another store");
        assert_eq!((copied.bytes(), copied.run()), (store.bytes(), store.run() + 1));
        assert_eq!(revisions(&copied, "one"), [200, 201, 202, 203]);
        assert!(receive(&sent[..], &into).expect_err("there is one").to_string().contains("already"));
    }

    #[test]
    fn of_a_copy_that_does_not_become_whole_nothing_is_left() {
        let (home, new) = (tempfile::tempdir().expect("a directory"), tempfile::tempdir().expect("a directory"));
        let mut sent = Vec::new();
        send(&filled(home.path()), &mut sent).expect("sent");
        let into = new.path().join("copy");
        let mut changed = sent.clone();
        let last = changed.len() - 1;
        changed[last] ^= 1;
        for part in [&sent[..0], &sent[..HEAD.len()], &sent[..sent.len() / 2], &sent[..last], &changed] {
            let error = receive(part, &into).expect_err("not whole");
            assert!(format!("{error:#}").contains("nothing was made"), "{error:#}");
            assert!(!into.exists());
        }
    }
}
