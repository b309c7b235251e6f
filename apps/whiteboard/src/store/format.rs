//! What a file says of itself, and how one of an earlier format becomes one of this.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use std::io::Read;
use std::path::Path;

use anyhow::{Context, bail};
use redb::{Database, ReadableTable, ReadableTableMetadata, TableDefinition, TableError, WriteTransaction};

use super::clears::{self, CLEAR, CLEARS, DROPPED};
use super::ids::{self, Gone, ID, ID_GONE, IDS};
use super::{ACTIONS, PLACE};

/// Facts about the file, by the names below.
pub(super) const FACTS: TableDefinition<'static, &'static str, u64> = TableDefinition::new("facts");
pub(super) const FORMAT: &str = "format";
pub(super) const NUMBER: &str = "store";
pub(super) const RUN: &str = "run";
pub(super) const REVISION: &str = "revision";
pub(super) const BYTES: &str = "bytes";
pub(super) const AGE: &str = "age";

/// What is written. Format 2 kept the time of day with each clear, and every id for ever.
pub(super) const NOW: u64 = 3;
const BEFORE: u64 = 2;

/// How a file of the database begins.
const MAGIC: &[u8; 9] = b"redb\x1A\x0A\xA9\x0D\x0A";

/// What is known of an open file.
pub(super) struct Facts {
    pub(super) number: u64,
    pub(super) run: u32,
    pub(super) bytes: u64,
    pub(super) age: u64,
}

/// Refuses a file that is something else.
pub(super) fn check_is_store(file: &Path) -> anyhow::Result<()> {
    let mut head = Vec::new();
    std::fs::File::open(file)?.take(MAGIC.len() as u64).read_to_end(&mut head)?;
    if head.is_empty() || head == MAGIC {
        return Ok(());
    }
    let directory = file.parent().unwrap_or(Path::new(".")).display();
    bail!(
        "{} is not the store of a whiteboard: it does not begin like one. It stays as it is; name another directory \
         by --data DIR, or if this was a store, copy what can be read of it to a new one by: \
         whiteboard rescue --data {directory} --into NEWDIR",
        file.display()
    )
}

/// Makes the tables of a new file, or brings those of an old one up to date.
pub(super) fn prepare(database: &Database) -> anyhow::Result<()> {
    let transaction = database.begin_write()?;
    // One that holds nothing is new.
    let is_new = transaction.list_tables()?.next().is_none();
    let format = match is_new {
        true => None,
        false => match transaction.open_table(FACTS) {
            Ok(facts) => facts.get(FORMAT)?.map(|fact| fact.value()),
            Err(TableError::TableTypeMismatch { .. }) => None,
            Err(error) => return Err(error.into()),
        },
    };
    match format {
        Some(NOW) => return Ok(transaction.abort()?),
        Some(BEFORE) => upgrade(&transaction)?,
        None if is_new => make(&transaction)?,
        None => bail!("it is a database of another program, and is left as it is; name another directory: --data DIR"),
        Some(other) => bail!(
            "it has format {other}, and this version reads {BEFORE} and {NOW}; it is left as it is: name another \
             directory, --data DIR, or use the version that made it"
        ),
    }
    Ok(transaction.commit()?)
}

fn make(transaction: &WriteTransaction) -> anyhow::Result<()> {
    let mut facts = transaction.open_table(FACTS)?;
    for (name, value) in [(FORMAT, NOW), (RUN, 0), (REVISION, 0), (BYTES, 0), (AGE, 0)] {
        facts.insert(name, value)?;
    }
    facts.insert(NUMBER, RandomState::new().hash_one(std::process::id()))?;
    transaction.open_table(ACTIONS)?;
    ids::make_tables(transaction)?;
    clears::make_table(transaction)?;
    Ok(())
}

/// Counts this run.
pub(super) fn begin(database: &Database) -> anyhow::Result<Facts> {
    let transaction = database.begin_write()?;
    let found;
    {
        let mut facts = transaction.open_table(FACTS)?;
        let fact = |name| -> anyhow::Result<u64> {
            Ok(facts.get(name)?.with_context(|| format!("it says nothing of its {name}"))?.value())
        };
        let run = u32::try_from(fact(RUN)? + 1).context("it was opened too often")?;
        found = Facts { number: fact(NUMBER)?, run, bytes: fact(BYTES)?, age: fact(AGE)? };
        facts.insert(RUN, u64::from(run))?;
    }
    transaction.commit()?;
    Ok(found)
}

/// Counts time from now, for whatever waits for it: nothing goes early. Of the clears of a board whose past is gone only
/// the last matters; ids without an action go in time; and all of it is counted.
fn upgrade(transaction: &WriteTransaction) -> anyhow::Result<()> {
    let mut bytes = 0;
    let mut stored = HashSet::new();
    for entry in transaction.open_table(ACTIONS)?.iter()? {
        let (place, record) = entry?;
        stored.insert(place.value().1);
        bytes += PLACE + record.value().len() as u64;
    }
    {
        let mut gone = Gone::of(transaction, 0)?;
        for entry in transaction.open_table(IDS)?.iter()? {
            let (key, revision) = entry?;
            bytes += ID;
            if !stored.contains(&revision.value()) {
                gone.note(key.value())?;
                bytes += ID_GONE;
            }
        }
    }
    let mut clears = transaction.open_table(CLEARS)?;
    let mut known: Vec<(String, u64, u8)> = Vec::new();
    for entry in clears.iter()? {
        let (place, clear) = entry?;
        known.push((place.value().0.to_owned(), place.value().1, clear.value().1));
    }
    for (at, (board, revision, state)) in known.iter().enumerate() {
        let later = known[at + 1..].iter().take_while(|(other, ..)| other == board);
        if *state == DROPPED && later.into_iter().any(|&(_, _, state)| state == DROPPED) {
            clears.remove((&board[..], *revision))?;
        } else {
            clears.insert((&board[..], *revision), (0, *state))?;
        }
    }
    bytes += CLEAR * clears.len()?;
    let mut facts = transaction.open_table(FACTS)?;
    facts.insert(BYTES, bytes)?;
    facts.insert(AGE, 0)?;
    facts.insert(FORMAT, NOW)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::tests::{action, board, revisions, stroke};
    use super::super::{Keep, Record, Store, file_in, ids};
    use super::*;
    use crate::protocol::{self, Kind};

    /// A store of format 2 as it was written: its clears bear the time of day, and nothing tells whose ids are gone.
    fn old(home: &Path) {
        let database = Database::create(file_in(home)).expect("a file");
        let transaction = database.begin_write().expect("a transaction");
        {
            let mut facts = transaction.open_table(FACTS).expect("a table");
            for (name, value) in [("format", 2), ("store", 77), ("run", 4), ("revision", 6), ("bytes", 1)] {
                facts.insert(name, value).expect("a fact");
            }
            let mut actions = transaction.open_table(ACTIONS).expect("a table");
            let mut known = transaction.open_table(IDS).expect("a table");
            let all = [
                stroke(1),
                action(Kind::Clear, 2, b""),
                stroke(3),
                action(Kind::Clear, 4, b""),
                stroke(5),
                action(Kind::Clear, 6, b""),
            ];
            for each in all {
                let revision = protocol::revision(&each.frame);
                let record = Record { board: "one", client: each.client, frame: &each.frame }.bytes();
                if revision > 3 {
                    actions.insert(("one", revision), &record[..]).expect("an action");
                }
                known.insert(&ids::key(each.client, protocol::action(&each.frame)), revision).expect("an id");
            }
            let mut clears = transaction.open_table(CLEARS).expect("a table");
            for (revision, state) in [(2, DROPPED), (4, DROPPED), (6, 0)] {
                clears.insert(("one", revision), (1_700_000_000, state)).expect("a clear");
            }
        }
        transaction.commit().expect("a commit");
    }

    #[test]
    fn a_store_of_the_format_before_opens_with_all_it_has_and_its_clears_wait_anew() {
        let home = tempfile::tempdir().expect("a directory");
        old(home.path());
        let store = Store::open(home.path()).expect("an old store");
        assert_eq!((store.number(), store.run(), store.last_revision().expect("read")), (77, 5, 6));
        assert_eq!(revisions(&store, "one"), [4, 5, 6]);
        let client = stroke(1).client;
        assert_eq!(store.revision_of(client, 1001).expect("read"), Some(1));
        assert!(store.is_too_late(&board("one"), [4].into_iter()).expect("read"));
        let keep = Keep { cleared: 600, ids: 1000 };
        assert!(!store.compact(600, keep).expect("a commit"));
        assert_eq!(revisions(&store, "one"), [4, 5, 6], "ten minutes from now");
        let rows = |bytes: u64| bytes / 64;
        assert!(rows(store.bytes()) > 6, "{}", store.bytes());
        while store.compact(601, keep).expect("a commit") {}
        assert_eq!(revisions(&store, "one"), [6]);
        while store.compact(1602, keep).expect("a commit") {}
        assert_eq!(store.revision_of(client, 1001).expect("read"), None, "ids without an action go in time");
        let bytes = store.bytes();
        drop(store);
        // What is left is what a new store counts for it.
        let other = tempfile::tempdir().expect("a directory");
        let new = Store::open(other.path()).expect("a new store");
        new.commit(&[action(Kind::Clear, 6, b"")], 0).expect("a commit");
        assert_eq!(bytes, new.bytes());
    }

    #[test]
    fn the_database_of_another_program_is_refused_and_left_alone() {
        let home = tempfile::tempdir().expect("a directory");
        let other: TableDefinition<'_, u64, u64> = TableDefinition::new("theirs");
        let database = Database::create(file_in(home.path())).expect("a file");
        let transaction = database.begin_write().expect("a transaction");
        transaction.open_table(other).expect("a table").insert(1, 2).expect("an entry");
        transaction.commit().expect("a commit");
        drop(database);
        let error = format!("{:#}", Store::open(home.path()).expect_err("not ours"));
        assert!(error.contains("of another program") && error.contains("--data DIR"), "{error}");
        let database = Database::create(file_in(home.path())).expect("a file");
        let transaction = database.begin_write().expect("a transaction");
        assert_eq!(transaction.list_tables().expect("tables").count(), 1, "nothing was added");
    }
}
