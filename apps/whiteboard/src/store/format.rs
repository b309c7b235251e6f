//! The facts that a file states about itself.

use std::fs::OpenOptions;
use std::hash::{BuildHasher, RandomState};
use std::io::Read;
use std::path::Path;

use anyhow::{Context, bail};
use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition, TableError, WriteTransaction};

use super::open::DATA;
use super::seal::Key;
use super::tables::Tables;
use super::{key, upgrade};
use crate::private;
use crate::remedy::explained;

/// Facts about the file, by the names below.
pub(super) const FACTS: TableDefinition<'static, &'static str, u64> = TableDefinition::new("facts");
pub(super) const FORMAT: &str = "format";
pub(super) const NUMBER: &str = "store";
pub(super) const RUN: &str = "run";
pub(super) const REVISION: &str = "revision";
pub(super) const BYTES: &str = "bytes";
pub(super) const AGE: &str = "age";

/// The format that is written. The earlier formats are described where they are upgraded.
pub(super) const NOW: u64 = 4;
/// The oldest format that is read, too.
pub(super) const OLDEST: u64 = 2;

/// How a file of the database begins.
const MAGIC: &[u8; 9] = b"redb\x1A\x0A\xA9\x0D\x0A";

/// The facts about an open file.
pub(super) struct Facts {
    pub(super) number: u64,
    pub(super) run: u32,
    pub(super) bytes: u64,
    pub(super) age: u64,
}

/// Refuses a file that is something else.
pub(super) fn check_is_store(file: &Path) -> anyhow::Result<()> {
    let mut head = Vec::new();
    let opened = private::open(OpenOptions::new().read(true), file);
    opened
        .map_err(|error| explained(format!("cannot open {}", file.display()), &error, DATA))?
        .take(MAGIC.len() as u64)
        .read_to_end(&mut head)?;
    if head == MAGIC {
        return Ok(());
    }
    let directory = file.parent().unwrap_or(Path::new(".")).display();
    if head.is_empty() {
        bail!(
            "{} is empty: what was in it is gone, if there was something. Put a copy of it there (whiteboard backup makes \
             them), name another directory by --data DIR, or move the file away to begin with empty boards",
            file.display()
        );
    }
    bail!(
        "{} is not the store of a whiteboard: it does not begin like one. It stays as it is; name another directory \
         by --data DIR, or if this was a store, copy what can be read of it to a new one by: \
         whiteboard rescue --data {directory} --into NEWDIR",
        file.display()
    )
}

/// Returns the format of the tables; `None` if there are no tables yet. Fails if another program or version made them.
pub(super) fn check(database: &Database) -> anyhow::Result<Option<u64>> {
    let transaction = database.begin_read()?;
    if transaction.list_tables()?.next().is_none() {
        return Ok(None);
    }
    let format = match transaction.open_table(FACTS) {
        Ok(facts) => facts.get(FORMAT)?.map(|fact| fact.value()),
        Err(TableError::TableTypeMismatch { .. } | TableError::TableDoesNotExist(_)) => None,
        Err(error) => return Err(error.into()),
    };
    match format {
        Some(OLDEST..=NOW) => Ok(format),
        None => bail!("it is a database of another program, and is left as it is; name another directory: --data DIR"),
        Some(other) => bail!(
            "it has format {other}, and this version reads {OLDEST} to {NOW}; it is left as it is: name another \
             directory, --data DIR, or use the version that made it"
        ),
    }
}

/// Makes the tables of a new file, or upgrades those of an old one; a file without a key gets this one.
pub(super) fn prepare(database: &Database, key: &Key) -> anyhow::Result<()> {
    let format = check(database)?;
    if format == Some(NOW) {
        return Ok(());
    }
    let transaction = database.begin_write()?;
    match format {
        Some(before) => upgrade::from(before, &transaction, key)?,
        None => make(&transaction, key)?,
    }
    Ok(transaction.commit()?)
}

fn make(transaction: &WriteTransaction, key: &Key) -> anyhow::Result<()> {
    key::put(transaction, key)?;
    let mut facts = transaction.open_table(FACTS)?;
    for (name, value) in [(FORMAT, NOW), (RUN, 0), (REVISION, 0), (BYTES, 0), (AGE, 0)] {
        facts.insert(name, value)?;
    }
    facts.insert(NUMBER, RandomState::new().hash_one(std::process::id()))?;
    Tables::of(transaction, 0, 0)?;
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
        let run =
            fact(RUN)?.checked_add(1).and_then(|run| u32::try_from(run).ok()).context("it was opened too often")?;
        found = Facts { number: fact(NUMBER)?, run, bytes: fact(BYTES)?, age: fact(AGE)? };
        facts.insert(RUN, u64::from(run))?;
    }
    transaction.commit()?;
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::super::{Store, file_in};
    use super::*;

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
