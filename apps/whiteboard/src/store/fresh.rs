//! A store that is being made. Its file gets its name only when it is whole; until then it has another name, and is
//! removed if the work fails.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use redb::Database;
use tempfile::NamedTempFile;

use super::open::{Counted, make_database, mark_of};
use super::{Store, file_in, format, is_there, key, make_private, mark, ruin};
use crate::private;
use crate::remedy::explained;

/// Removed when it is dropped before it is finished, together with the directory if that was made for it.
#[derive(Debug)]
pub(super) struct Fresh {
    /// Missing once it is finished.
    part: Option<NamedTempFile>,
    file: PathBuf,
    made: bool,
    otherwise: &'static str,
}

impl Fresh {
    /// Begins one in `directory`, which is made if it is missing, and must not have a store.
    /// `otherwise` is how to name another.
    pub(super) fn begin(directory: &Path, otherwise: &'static str) -> anyhow::Result<Fresh> {
        let file = file_in(directory);
        if is_there(directory) {
            bail!("there is a store in {} already; {otherwise}, one that has none", directory.display());
        }
        let made = !directory.exists();
        make_private(directory, otherwise)?;
        let part = tempfile::Builder::new().prefix("board.").suffix(".part").tempfile_in(directory);
        let failed = || format!("cannot make a file in {}", directory.display());
        let part = part.map_err(|error| explained(failed(), &error, otherwise))?;
        let fresh = Fresh { part: Some(part), file, made, otherwise };
        // A key that was there before stays: it can still rescue what was lost with the file.
        let key = key::read(directory)?.map_or_else(key::fresh, Ok)?;
        fresh.open().and_then(|database| format::prepare(&database, &key)).map_err(|error| fresh.failed(error))?;
        Ok(fresh)
    }

    /// Lets `fill` do its work on the store.
    pub(super) fn filled<T>(&self, fill: impl FnOnce(&Store) -> anyhow::Result<T>) -> anyhow::Result<T> {
        let database = self.open()?;
        let key = key::of(&database)?;
        let store = Store::over(database, Arc::default(), &key, Counted::default())?;
        let filled = fill(&store)?;
        store.close().map_err(|error| self.failed(error.into()))?;
        Ok(filled)
    }

    /// Puts the file in its place, and its key beside it. Fails if another file got there meanwhile.
    pub(super) fn finish(mut self) -> anyhow::Result<()> {
        let directory = self.file.parent().context("a file is in a directory")?.to_owned();
        let database = self.open()?;
        let key = key::of(&database)?;
        let said = mark_of(&database)?;
        database.close()?;
        key::keep(&directory, &key, key::read(&directory)?.as_ref())?;
        let Some(part) = self.part.take() else { return Ok(()) };
        part.as_file().sync_all()?;
        if let Err(error) = part.persist_noclobber(&self.file) {
            let failed = format!("cannot put {} in its place", self.file.display());
            self.part = Some(error.file);
            return Err(error.error).context(failed);
        }
        private::sync(&directory);
        mark::put(&directory, &key, said)
    }

    /// Adds to this error of the new store's file what to do about it.
    pub(super) fn failed(&self, error: anyhow::Error) -> anyhow::Error {
        let directory = self.file.parent().unwrap_or(Path::new("."));
        let failed = format!("cannot write the new store in {}", directory.display());
        match ruin::io_error(&error) {
            Some(error) => explained(failed, error, self.otherwise),
            None => error.context(failed),
        }
    }

    fn open(&self) -> anyhow::Result<Database> {
        let part = self.part.as_ref().context("it is finished")?;
        Ok(make_database(part.reopen()?)?)
    }
}

impl Drop for Fresh {
    fn drop(&mut self) {
        if let Some(part) = self.part.take() {
            drop(part);
            if self.made
                && let Some(directory) = self.file.parent()
            {
                // It stays if somebody put something into it.
                let _ = std::fs::remove_dir(directory);
            }
        }
    }
}
