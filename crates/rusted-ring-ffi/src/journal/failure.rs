//! What the errors of a journal are as numbers. Their words are the journal's own.

use std::io;

use rusted_ring_journal::{OpenError, PositionError, ReadError, RecordError, StopError};

use crate::{failure::Failure, status::*};

/// What the system's refusal is.
fn of_system(cause: &io::Error) -> Status {
    match cause.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => RUSTED_RING_NO_MEMORY,
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => RUSTED_RING_NOT_FOUND,
        _ => RUSTED_RING_SYSTEM,
    }
}

impl From<OpenError> for Failure {
    fn from(error: OpenError) -> Self {
        let status = match &error {
            OpenError::InUse(_) => RUSTED_RING_IN_USE,
            OpenError::Version { .. } => RUSTED_RING_MISMATCH,
            OpenError::Io { cause, .. } => of_system(cause),
            _ => RUSTED_RING_SYSTEM,
        };
        Failure::Journal(status, error.to_string())
    }
}

impl From<RecordError> for Failure {
    fn from(error: RecordError) -> Self {
        let status = match &error {
            RecordError::Behind { .. } | RecordError::LastEpoch(_) => RUSTED_RING_MISMATCH,
            RecordError::Io { cause, .. } => of_system(cause),
            _ => RUSTED_RING_SYSTEM,
        };
        Failure::Journal(status, error.to_string())
    }
}

impl From<StopError> for Failure {
    fn from(error: StopError) -> Self {
        let status = match &error {
            StopError::Full { .. } => RUSTED_RING_NO_MEMORY,
            StopError::Io(cause) => of_system(cause),
            StopError::Corrupt => RUSTED_RING_CORRUPT,
            StopError::Panicked => RUSTED_RING_PANIC,
            _ => RUSTED_RING_SYSTEM,
        };
        Failure::Journal(status, error.to_string())
    }
}

impl From<PositionError> for Failure {
    fn from(error: PositionError) -> Self {
        let status = match &error {
            PositionError::Name(_) | PositionError::Back { .. } => RUSTED_RING_BAD_ARGUMENT,
            PositionError::InUse(_) => RUSTED_RING_OCCUPIED,
            PositionError::Damaged(_) => RUSTED_RING_MISMATCH,
            PositionError::Io { cause, .. } => of_system(cause),
            _ => RUSTED_RING_SYSTEM,
        };
        Failure::Journal(status, error.to_string())
    }
}

impl From<ReadError> for Failure {
    fn from(error: ReadError) -> Self {
        let status = match &error {
            ReadError::Io { cause, .. } => of_system(cause),
            _ => RUSTED_RING_SYSTEM,
        };
        Failure::Journal(status, error.to_string())
    }
}
