//! Opens a store: to serve it, or only to read it.
//!
//! Every page of the file is checked, and every action is looked at, before a byte of the file is changed. A file that is
//! damaged, or that has less than was acknowledged, is refused unchanged.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, bail};
use redb::backends::FileBackend;
use redb::{
    Database, DatabaseError, ReadableDatabase, ReadableTable, ReadableTableMetadata, StorageBackend, TableError,
};

use super::disk::{Disk, Patient};
use super::format::{self, FACTS, NUMBER, REVISION};
use super::fresh::Fresh;
use super::held::{Gate, held};
use super::mark::{self, Mark, Said};
use super::ruin::{self, Damage};
use super::seal::Key;
use super::tables::{ACTIONS, whole};
use super::{Store, file_in, is_there, key, make_private};
use crate::private;
use crate::protocol::REVISION_MAX;
use crate::remedy::explained;

/// How to name another data directory.
pub(super) const DATA: &str = "name another directory: --data DIR";
/// How much the database may keep in memory.
const CACHE_BYTES: usize = 64 << 20;

/// A database that was found whole, with its file unchanged.
struct Found<B> {
    database: Database,
    gate: Gate<B>,
    /// The key beside it.
    key: Option<Key>,
    /// The contents of its mark, if it has one.
    said: Option<Said>,
    counted: Counted,
}

impl Store {
    /// Opens the store in `directory`, making both when they are missing (the directory for its owner only), and looks
    /// at everything in it. Only one process at a time has a store open; the error says so.
    pub(crate) fn open(directory: &Path) -> anyhow::Result<Store> {
        make_private(directory, DATA)?;
        let file = file_in(directory);
        if !is_there(directory) {
            refuse_to_replace(directory)?;
            Fresh::begin(directory, DATA).and_then(Fresh::finish)?;
        }
        ruin::guarded(directory, || {
            let opened = file_of(directory, OpenOptions::new().read(true).write(true))?;
            let disk = Arc::new(Disk::default());
            let found = look(directory, Patient::new(FileBackend::new(opened)?, Arc::clone(&disk))?, true)?;
            let Found { database, gate, key: beside, said, counted } = found;
            let failed = |error: anyhow::Error| match ruin::io_error(&error) {
                Some(error) => explained(format!("cannot write {}", file.display()), error, DATA),
                None => error.context(format!("cannot use {}", file.display())),
            };
            gate.open().map_err(|error| failed(error.into()))?;
            let key = beside.clone().map_or_else(key::fresh, Ok)?;
            let mut store = Store::over(database, disk, &key, counted).map_err(failed)?;
            key::keep(directory, &store.key, beside.as_ref())?;
            if said.is_none() {
                mark::put(directory, &store.key, Said { number: store.number, revision: store.last_revision()? })?;
            }
            let mark = Mark::open(directory, &store.key, store.number)?;
            mark.raise(store.last_revision()?).with_context(|| format!("cannot use {}", file.display()))?;
            store.mark = Some(mark);
            Ok(store)
        })
    }

    /// Opens the store in `directory`, which nobody else has open, to read it. Nothing in the directory changes.
    pub(crate) fn open_to_read(directory: &Path) -> anyhow::Result<Store> {
        let file = file_in(directory);
        ruin::guarded(directory, || {
            let opened = file_of(directory, OpenOptions::new().read(true))?;
            // Where files have no locks, nobody can know.
            if let Err(TryLockError::WouldBlock) = opened.try_lock() {
                return Err(in_use(directory));
            }
            let Found { database, key, counted, .. } = look(directory, FileBackend::new(opened)?, false)?;
            let key = key.map_or_else(key::fresh, Ok)?;
            Store::over(database, Arc::default(), &key, counted)
                .with_context(|| format!("cannot use {}", file.display()))
        })
    }
}

/// Refuses to begin with empty boards where a mark shows that there were others.
fn refuse_to_replace(directory: &Path) -> anyhow::Result<()> {
    let said = key::read(directory)?.map(|key| mark::read(directory, &key)).transpose()?.flatten();
    if let Some(Said { revision: revision @ 1.., .. }) = said {
        bail!(
            "{} is missing, and there was one: {} tells of actions up to revision {revision}. Put it there, or a copy of it, or \
             name another directory by --data DIR; to begin with empty boards, delete that mark",
            file_in(directory).display(),
            mark::file_in(directory).display()
        );
    }
    Ok(())
}

/// Opens the store's file, if it may be one.
fn file_of(directory: &Path, options: &OpenOptions) -> anyhow::Result<File> {
    let file = file_in(directory);
    format::check_is_store(&file)?;
    let failed = || format!("cannot open {}", file.display());
    private::open(options, &file).map_err(|error| explained(failed(), &error, DATA))
}

fn in_use(directory: &Path) -> anyhow::Error {
    anyhow::anyhow!(
        "the data in {} is in use by another whiteboard; stop that one, or name another directory: --data DIR",
        directory.display()
    )
}

/// Makes the database in a new file, which nobody else has open.
pub(super) fn make_database(file: File) -> Result<Database, DatabaseError> {
    Database::builder().set_cache_size(CACHE_BYTES).create_with_backend(FileBackend::new(file)?)
}

/// Checks everything in this file, without changing it.
fn look<B: StorageBackend>(directory: &Path, file: B, is_locked: bool) -> anyhow::Result<Found<B>> {
    let beside = key::read(directory)?;
    let (held, gate) = held(file, is_locked);
    let went_back = Arc::new(AtomicBool::new(false));
    let goes_back = Arc::clone(&went_back);
    let opened = Database::builder()
        .set_cache_size(CACHE_BYTES)
        .set_check_integrity_on_open(true)
        .set_repair_callback(move |repair| {
            // The progress is in this range only before it gives up the state that the file named as its last one.
            if (0.2..0.5).contains(&repair.progress()) {
                goes_back.store(true, Ordering::Relaxed);
            }
        })
        .create_with_backend(held);
    let database = match opened {
        Ok(database) => database,
        Err(DatabaseError::DatabaseAlreadyOpen) => return Err(in_use(directory)),
        Err(error) => return Err(error).with_context(|| format!("cannot open {}", file_in(directory).display())),
    };
    let Said { number, revision } = mark_of(&database)?;
    let said = match format::check(&database).with_context(|| format!("cannot use {}", file_in(directory).display()))? {
        Some(format::NOW) => {
            let key = key::of(&database)?;
            key::check(directory, &key, beside.as_ref())?;
            mark::read(directory, &key)?.filter(|said| said.number == number)
        }
        _ => None,
    };
    match said {
        Some(Said { revision: acknowledged, .. }) if revision < acknowledged => {
            return Err(Damage(format!(
                "it has the actions up to revision {revision}, and those up to {acknowledged} were acknowledged \
                 (if you have put an older copy there yourself, delete {})",
                mark::file_in(directory).display()
            ))
            .into());
        }
        None if went_back.load(Ordering::Relaxed) => {
            return Err(Damage(
                "what was written last cannot be read, and nothing tells whether what was before it is all".to_owned(),
            )
            .into());
        }
        _ => {}
    }
    let counted = count(&database)?;
    if counted.last > revision || revision > REVISION_MAX {
        return Err(Damage(format!("its last revision is {revision}, and it holds {}", counted.last)).into());
    }
    Ok(Found { database, gate, key: beside, said, counted })
}

/// The mark that this database would have.
pub(super) fn mark_of(database: &Database) -> anyhow::Result<Said> {
    let facts = match database.begin_read()?.open_table(FACTS) {
        Ok(facts) => facts,
        Err(TableError::TableDoesNotExist(_)) => return Ok(Said::default()),
        Err(error) => return Err(error.into()),
    };
    let fact = |name| Ok::<_, redb::StorageError>(facts.get(name)?.map_or(0, |fact| fact.value()));
    Ok(Said { number: fact(NUMBER)?, revision: fact(REVISION)? })
}

/// The result of a look at every action.
#[derive(Debug, Default)]
pub(super) struct Counted {
    pub(super) actions: u64,
    pub(super) damaged: u64,
    /// The last revision of all.
    pub(super) last: u64,
}

/// Looks at every action; fails if the table does not hold as many as it says.
pub(super) fn count(database: &Database) -> anyhow::Result<Counted> {
    let table = match database.begin_read()?.open_table(ACTIONS) {
        Ok(table) => table,
        Err(TableError::TableDoesNotExist(_)) => return Ok(Counted::default()),
        Err(error) => return Err(error.into()),
    };
    let mut counted = Counted::default();
    for entry in table.iter()? {
        let (place, record) = entry?;
        counted.actions += 1;
        counted.damaged += u64::from(whole(place.value(), record.value()).is_none());
        counted.last = counted.last.max(place.value().1);
    }
    let said = table.len()?;
    if counted.actions != said {
        return Err(Damage(format!("{} of {said} actions can be reached", counted.actions)).into());
    }
    Ok(counted)
}
