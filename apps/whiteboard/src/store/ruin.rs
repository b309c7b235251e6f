//! A store whose file is damaged: what its user is told.

use std::cell::Cell;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::path::Path;
use std::sync::Once;

use anyhow::Context;

use super::file_in;

/// The file says of itself what cannot be.
#[derive(Debug)]
pub(super) struct Damage(pub(super) String);

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Damage {}

/// Opens the store in `directory` by `open`; when its file is damaged, the error says what to do.
///
/// The database panics when a page of its file holds what it never wrote; here that is an error like others, and what
/// the panic would print is not.
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
    let result = opened.unwrap_or_else(|panic| Err(Damage(message(&*panic)).into()));
    match result {
        Err(error) if is_damage(&error) => Err(error).with_context(|| {
            format!(
                "{} is damaged and stays where it is; copy what can be read of it to a new store by: \
                 whiteboard rescue --data {} --into NEWDIR",
                file_in(directory).display(),
                directory.display()
            )
        }),
        other => other,
    }
}

thread_local! {
    /// Whether this thread says nothing when it panics.
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

fn is_damage(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        let storage = match cause.downcast_ref::<redb::DatabaseError>() {
            Some(redb::DatabaseError::Storage(storage)) => Some(storage),
            Some(redb::DatabaseError::RepairAborted) => return true,
            _ => cause.downcast_ref::<redb::StorageError>(),
        };
        match storage {
            Some(redb::StorageError::Corrupted(_)) => true,
            Some(redb::StorageError::Io(error)) => error.kind() == std::io::ErrorKind::UnexpectedEof,
            _ => cause.is::<Damage>(),
        }
    })
}

fn message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
    text.unwrap_or("it cannot be read").to_owned()
}
