//! Why a call did nothing: as a number, and as a text that this thread may ask for.

use std::{
    borrow::Cow,
    cell::RefCell,
    ffi::{CStr, CString, c_char},
    time::Duration,
};

use rusted_ring::{
    Corrupt, JoinError, NoMemory, Sequence,
    consumer::TryRecvError as ConsumerError,
    latest::LatestJoinError,
    publisher::{Full, PublishError, TooLarge},
    subscriber::{Lagged, TryRecvError as SubscriberError},
};
use rusted_ring_compression::UnpackError;
use rusted_ring_shm::FileError;

use crate::{
    status::*,
    types::{Blocker, RUSTED_RING_NAME_BYTES},
};

/// Why a call did nothing.
#[derive(Debug)]
pub(crate) enum Failure {
    /// And the process of the Consumer in the way.
    Full(Full, u32),
    /// An event's bytes, and how many there is room for.
    TooLarge {
        len: usize,
        longest: usize,
    },
    Empty,
    Lagged(Lagged),
    Closed,
    Corrupt(Corrupt),
    Unpack(UnpackError),
    Join(JoinError),
    Cells(LatestJoinError),
    File(FileError),
    /// The handle is none of what was expected.
    Handle(&'static str),
    TooManyHandles,
    Argument(Cow<'static, str>),
    Unsupported(&'static str),
    Busy,
    Lent,
    NotLent,
    NoMemory(NoMemory),
    /// Of a journal: what is told, and in which words.
    Journal(Status, String),
    Panic(String),
}

thread_local! {
    /// The last failure of this thread, and its text once that was asked for.
    static LAST: RefCell<Option<(Failure, Option<CString>)>> = const { RefCell::new(None) };
}

impl Failure {
    pub(crate) fn argument(text: impl Into<Cow<'static, str>>) -> Self {
        Failure::Argument(text.into())
    }

    pub(crate) fn status(&self) -> Status {
        match self {
            Failure::Full(..) => RUSTED_RING_FULL,
            Failure::TooLarge { .. } => RUSTED_RING_TOO_LARGE,
            Failure::Empty => RUSTED_RING_EMPTY,
            Failure::Lagged(_) => RUSTED_RING_LAGGED,
            Failure::Closed | Failure::Join(JoinError::Closed) => RUSTED_RING_CLOSED,
            Failure::Corrupt(_) | Failure::Cells(LatestJoinError::Corrupt(_)) => RUSTED_RING_CORRUPT,
            Failure::Join(JoinError::TooManyReaders) | Failure::Cells(LatestJoinError::TooManyReaders { .. }) => {
                RUSTED_RING_TOO_MANY_READERS
            }
            Failure::Join(_) | Failure::Cells(_) => RUSTED_RING_OCCUPIED,
            Failure::Unpack(UnpackError::TooLong { .. }) => RUSTED_RING_TOO_LARGE,
            Failure::Unpack(UnpackError::Damaged) => RUSTED_RING_BAD_ARGUMENT,
            Failure::Unpack(_) => RUSTED_RING_UNSUPPORTED,
            Failure::File(error) => of_file(error),
            Failure::Handle(_) => RUSTED_RING_BAD_HANDLE,
            Failure::TooManyHandles => RUSTED_RING_TOO_MANY_HANDLES,
            Failure::Argument(_) => RUSTED_RING_BAD_ARGUMENT,
            Failure::Unsupported(_) => RUSTED_RING_UNSUPPORTED,
            Failure::Busy => RUSTED_RING_BUSY,
            Failure::Lent => RUSTED_RING_LENT,
            Failure::NotLent => RUSTED_RING_NOT_LENT,
            Failure::NoMemory(_) => RUSTED_RING_NO_MEMORY,
            Failure::Journal(status, _) => *status,
            Failure::Panic(_) => RUSTED_RING_PANIC,
        }
    }

    /// Keeps this failure for this thread, and returns its number.
    #[cold]
    pub(crate) fn keep(self) -> Status {
        let status = self.status();
        if status != RUSTED_RING_EMPTY {
            // A thread that is ending has no place for it any more.
            let _ = LAST.try_with(|last| {
                if let Ok(mut last) = last.try_borrow_mut() {
                    *last = Some((self, None));
                }
            });
        }
        status
    }

    fn text(&self) -> String {
        match self {
            Failure::Full(full, 0) => full.to_string(),
            Failure::Full(full, process) => format!("{full} (process {process})"),
            Failure::TooLarge { len, longest } => {
                format!("{len} bytes were given, and there is room for {longest}: use a larger size class, or split them")
            }
            Failure::Empty => "no event is ready: look again later, or wait for one".to_owned(),
            Failure::Lagged(lagged) => lagged.to_string(),
            Failure::Closed => "the ring is closed, and everything in it was received: no event will come".to_owned(),
            Failure::Corrupt(corrupt) => corrupt.to_string(),
            Failure::Unpack(error) => error.to_string(),
            Failure::Join(error) => error.to_string(),
            Failure::Cells(error) => error.to_string(),
            Failure::File(error) => error.to_string(),
            Failure::Handle(expected) => format!(
                "this is no handle of {expected}: it is null, was closed, is of another kind, or was not made by this library; pass what \
                 the call that makes one has stored"
            ),
            Failure::TooManyHandles => "65,536 handles are open: close those that are not needed any more".to_owned(),
            Failure::Argument(text) => text.to_string(),
            Failure::Unsupported(text) => (*text).to_owned(),
            Failure::Busy => "another thread is using this handle, which one thread at a time may use: give each thread its own, or lock".to_owned(),
            Failure::Lent => "this handle has lent events, or a slot: give them back (rusted_ring_release, rusted_ring_commit, rusted_ring_abandon) first".to_owned(),
            Failure::NotLent => "this handle has lent nothing: borrow or claim first".to_owned(),
            Failure::NoMemory(none) => none.to_string(),
            Failure::Journal(_, text) => text.clone(),
            Failure::Panic(text) => format!("a panic was stopped at the boundary of the library, which is a fault of it: {text}"),
        }
    }

    fn blocker(&self) -> Option<Blocker> {
        let Failure::Full(full, process) = self else { return None };
        let blocker = full.blocker?;
        Some(Blocker {
            name: name_bytes(blocker.name.as_str()),
            entry: blocker.entry as u32,
            process: *process,
            position: blocker.position.get(),
            lag: blocker.lag,
            waited: full.waited.map_or(0, |waited| u64::try_from(waited.as_nanos()).unwrap_or(u64::MAX)),
        })
    }
}

/// The text of a full ring with this Consumer in the way, or with none that was found.
pub(crate) fn text_of_full(blocker: Option<&Blocker>) -> String {
    let Some(blocker) = blocker else { return Full::told(None, None).to_string() };
    let name: Vec<u8> = blocker.name.iter().map(|&char| char.cast_unsigned()).take_while(|&byte| byte != 0).collect();
    let name = String::from_utf8_lossy(&name);
    let told = (&*name, blocker.entry as usize, Sequence::new(blocker.position), blocker.lag);
    let waited = (blocker.waited > 0).then(|| Duration::from_nanos(blocker.waited));
    Failure::Full(Full::told(Some(told), waited), blocker.process).text()
}

/// A reader's name, cut to what there is room for, with a zero behind it.
pub(crate) fn name_bytes(name: &str) -> [c_char; RUSTED_RING_NAME_BYTES] {
    let mut bytes = [0; RUSTED_RING_NAME_BYTES];
    let room = bytes.len() - 1;
    for (to, from) in bytes[..room].iter_mut().zip(name.bytes()) {
        *to = from as c_char;
    }
    bytes
}

/// The text of this thread's last failure. It stays until the next failure of this thread.
pub(crate) fn last_text() -> *const c_char {
    let text = LAST.try_with(|last| {
        let mut last = last.try_borrow_mut().ok()?;
        let (failure, text) = last.as_mut()?;
        let made = text.get_or_insert_with(|| CString::new(failure.text().replace('\0', " ")).unwrap_or_default());
        Some(made.as_ptr())
    });
    text.ok().flatten().unwrap_or(c"".as_ptr())
}

/// The same, as Rust has it.
#[cfg(test)]
pub(crate) fn last_said() -> String {
    LAST.with_borrow(|last| last.as_ref().map(|(failure, _)| failure.text()).unwrap_or_default())
}

/// Who was in the way at this thread's last failure, if that was a full ring, and somebody was.
pub(crate) fn last_blocker() -> Option<Blocker> {
    LAST.try_with(|last| last.try_borrow().ok()?.as_ref()?.0.blocker()).ok().flatten()
}

pub(crate) fn status_name(status: Status) -> &'static CStr {
    name(status)
}

fn of_file(error: &FileError) -> Status {
    match error {
        FileError::Name(_) | FileError::Slots(_) | FileError::Latest(_) => RUSTED_RING_BAD_ARGUMENT,
        FileError::Exists(_) => RUSTED_RING_EXISTS,
        FileError::NotFound(_) | FileError::NoDirectory(_) => RUSTED_RING_NOT_FOUND,
        FileError::InUse(_) | FileError::Used(_) | FileError::Replaced(_) => RUSTED_RING_IN_USE,
        FileError::NoSpace { .. } => RUSTED_RING_NO_MEMORY,
        FileError::System { .. } => RUSTED_RING_SYSTEM,
        _ => RUSTED_RING_MISMATCH,
    }
}

impl From<Full> for Failure {
    fn from(full: Full) -> Self {
        match full.corrupt {
            Some(corrupt) => Failure::Corrupt(corrupt),
            None => Failure::Full(full, 0),
        }
    }
}

impl From<PublishError> for Failure {
    fn from(error: PublishError) -> Self {
        match error {
            PublishError::Full(full) => full.into(),
            PublishError::Corrupt(corrupt) => Failure::Corrupt(corrupt),
            PublishError::TooLarge(TooLarge { data_len, max_size, .. }) => {
                Failure::TooLarge { len: data_len, longest: max_size }
            }
            // What a later version of the library may add.
            _ => Failure::Panic(error.to_string()),
        }
    }
}

impl From<SubscriberError> for Failure {
    fn from(error: SubscriberError) -> Self {
        match error {
            SubscriberError::Empty => Failure::Empty,
            SubscriberError::Lagged(lagged) => Failure::Lagged(lagged),
            SubscriberError::Closed => Failure::Closed,
            _ => Failure::Panic(error.to_string()),
        }
    }
}

impl From<ConsumerError> for Failure {
    fn from(error: ConsumerError) -> Self {
        match error {
            ConsumerError::Empty => Failure::Empty,
            ConsumerError::Closed => Failure::Closed,
            ConsumerError::Corrupt(corrupt) => Failure::Corrupt(corrupt),
            _ => Failure::Panic(error.to_string()),
        }
    }
}

impl From<UnpackError> for Failure {
    fn from(error: UnpackError) -> Self {
        Failure::Unpack(error)
    }
}

impl From<JoinError> for Failure {
    fn from(error: JoinError) -> Self {
        Failure::Join(error)
    }
}

impl From<NoMemory> for Failure {
    fn from(none: NoMemory) -> Self {
        Failure::NoMemory(none)
    }
}

impl From<LatestJoinError> for Failure {
    fn from(error: LatestJoinError) -> Self {
        Failure::Cells(error)
    }
}

impl From<FileError> for Failure {
    fn from(error: FileError) -> Self {
        Failure::File(error)
    }
}
