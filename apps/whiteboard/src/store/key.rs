//! The places of a store's key: in its tables, and in a file beside it, so that it exists when the tables do not.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use redb::{Database, ReadableDatabase, TableDefinition, WriteTransaction};

use super::open::DATA;
use super::seal::Key;
use crate::private;
use crate::remedy::explained;

/// The one key.
pub(super) const KEY: TableDefinition<'static, (), &'static [u8; Key::LEN]> = TableDefinition::new("key");

/// The key's file in the data directory.
pub(crate) fn file_in(directory: &Path) -> PathBuf {
    directory.join("board.key")
}

/// Makes a new key from the system's randomness.
pub(super) fn fresh() -> anyhow::Result<Key> {
    let mut secret = [0; Key::LEN];
    getrandom::fill(&mut secret).context("the system gives no randomness for a key")?;
    Ok(Key::new(secret))
}

/// The key in the data directory's file; `None` if there is no such file.
pub(super) fn read(directory: &Path) -> anyhow::Result<Option<Key>> {
    let path = file_in(directory);
    let file = match private::open(OpenOptions::new().read(true), &path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(explained(format!("cannot read the key in {}", path.display()), &error, DATA)),
    };
    let mut text = String::new();
    let read = file.take(256).read_to_string(&mut text);
    let secret = read.ok().and_then(|_| URL_SAFE_NO_PAD.decode(text.trim()).ok()?.try_into().ok());
    let Some(secret) = secret else {
        bail!("{} holds no key; move it away, or put the one there that was made with the store", path.display());
    };
    Ok(Some(Key::new(secret)))
}

/// Refuses a key that was `found` in the data directory's file and is not the store's.
pub(super) fn check(directory: &Path, key: &Key, found: Option<&Key>) -> anyhow::Result<()> {
    if found.is_some_and(|found| found != key) {
        bail!(
            "{0} is not the key of the store beside it; move it away, and the store makes its own anew, or put the one \
             there that belongs to it",
            file_in(directory).display()
        );
    }
    Ok(())
}

/// Puts the store's key into the data directory's file if none is there; it must equal the key `found` there.
pub(super) fn keep(directory: &Path, key: &Key, found: Option<&Key>) -> anyhow::Result<()> {
    check(directory, key, found)?;
    if found.is_some() {
        return Ok(());
    }
    let path = file_in(directory);
    let failed = || format!("cannot write the store's key to {}", path.display());
    let mut part =
        tempfile::Builder::new().prefix("board.").suffix(".part").tempfile_in(directory).with_context(failed)?;
    writeln!(part, "{}", URL_SAFE_NO_PAD.encode(key.secret())).with_context(failed)?;
    part.as_file().sync_all().with_context(failed)?;
    part.persist_noclobber(&path).map_err(|error| error.error).with_context(failed)?;
    private::sync(directory);
    Ok(())
}

/// Puts a key into the tables.
pub(super) fn put(transaction: &WriteTransaction, key: &Key) -> Result<(), redb::Error> {
    transaction.open_table(KEY)?.insert((), key.secret())?;
    Ok(())
}

/// The key in the tables of a store.
pub(super) fn of(database: &Database) -> anyhow::Result<Key> {
    let table = database.begin_read()?.open_table(KEY)?;
    let secret = table.get(())?.context("it says nothing of its key")?;
    Ok(Key::new(*secret.value()))
}
