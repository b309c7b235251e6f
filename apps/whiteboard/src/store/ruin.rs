//! What the user of a store with a damaged file is told.

use std::cell::Cell;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::path::Path;
use std::sync::Once;

use anyhow::bail;

use super::file_in;

/// What is wrong with the file, for a person.
#[derive(Debug)]
pub(super) struct Damage(pub(super) String);

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Damage {}

/// Opens the store in `directory` by `open`; if its file is damaged, the error says what to do.
///
/// The database panics when a page of its file holds something that it never wrote. Here that is an error like others, and
/// the panic prints nothing.
pub(super) fn guarded<T>(directory: &Path, open: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<T> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = take_hook();
        set_hook(Box::new(move |panic| {
            if !QUIET.get() {
                before(panic);
            }
        }));
    });
    QUIET.set(true);
    let opened = catch_unwind(AssertUnwindSafe(open));
    QUIET.set(false);
    let result = opened.unwrap_or_else(|_| Err(Damage("a part of it is not what was written there".to_owned()).into()));
    result.or_else(|error| match cause(&error) {
        Some(cause) => bail!(
            "{} is damaged: {cause}. It stays as it is; copy what can be read of it to a new store by: \
             whiteboard rescue --data {} --into NEWDIR",
            file_in(directory).display(),
            directory.display()
        ),
        None => Err(error),
    })
}

thread_local! {
    /// Whether this thread prints nothing when it panics.
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// Returns how the file is damaged, if that is the error.
fn cause(error: &anyhow::Error) -> Option<String> {
    error.chain().find_map(|cause| {
        if let Some(damage) = cause.downcast_ref::<Damage>() {
            return Some(damage.to_string());
        }
        if let Some(redb::DatabaseError::UpgradeRequired(version)) = cause.downcast_ref() {
            return Some(format!("it says to be of version {version} of the database, which no whiteboard wrote"));
        }
        match storage_error(cause)? {
            redb::StorageError::Corrupted(told) => {
                Some(format!("what is in it does not match its checksums, or its length (the database says: {told})"))
            }
            redb::StorageError::Io(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
                Some("it is shorter than it was".to_owned())
            }
            _ => None,
        }
    })
}

/// Returns the system's error behind this one, if there is one.
pub(super) fn io_error(error: &anyhow::Error) -> Option<&std::io::Error> {
    error.chain().find_map(|cause| match storage_error(cause) {
        Some(redb::StorageError::Io(error)) => Some(error),
        _ => match cause.downcast_ref() {
            Some(redb::Error::Io(error)) => Some(error),
            _ => cause.downcast_ref(),
        },
    })
}

/// The database's errors contain each other.
fn storage_error<'a>(error: &'a (dyn std::error::Error + 'static)) -> Option<&'a redb::StorageError> {
    if let Some(redb::DatabaseError::Storage(storage)) = error.downcast_ref() {
        return Some(storage);
    }
    if let Some(redb::TableError::Storage(storage)) = error.downcast_ref() {
        return Some(storage);
    }
    if let Some(redb::TransactionError::Storage(storage)) = error.downcast_ref() {
        return Some(storage);
    }
    error.downcast_ref()
}
