//! Named positions: how far a reader came, as it confirmed it, kept in the journal's directory.

use std::ffi::c_char;

use super::opened;
use crate::{
    caller::Caller,
    exclusive::Exclusive,
    failure::Failure,
    guard::guard,
    handles::{self, Object},
    journal,
    status::Status,
    types::{Confirmed, Journal, Position},
};

/// Opens the position of this name in a journal, and stores a handle on it. `name` is 1 to 64 ASCII letters, digits, `-` and `_`; one owner at a time has it.
///
/// The journal's directory is in use until the position is closed, too.
///
/// Returns `RUSTED_RING_OK`, `RUSTED_RING_OCCUPIED` while somebody has it, `RUSTED_RING_MISMATCH` if its file is not what was written, and stays as it is, `RUSTED_RING_CLOSED` after
/// a recording that ended by an error, `RUSTED_RING_SYSTEM`, `RUSTED_RING_BAD_HANDLE`, `RUSTED_RING_BAD_ARGUMENT`, `RUSTED_RING_TOO_MANY_HANDLES`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rusted_ring_position_open(
    journal: *const Journal,
    name: *const c_char,
    position: *mut *mut Position,
) -> Status {
    // SAFETY: F, by this function's caller.
    let caller = unsafe { Caller::promises() };
    guard(|| {
        let (journal, out) = (caller.journal(journal)?, caller.out(position, "position")?);
        let name = caller.text(name, "name")?;
        opened(out, || Ok(Object::Position(Box::new(Exclusive::new(journal.position(name)?)))))
    })
}

/// Closes a position. What was confirmed stays. No thread may be using it. Null is nothing to close.
///
/// Returns `RUSTED_RING_OK`, `RUSTED_RING_BAD_HANDLE`, `RUSTED_RING_BUSY`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rusted_ring_position_close(position: *mut Position) -> Status {
    // SAFETY: F, by this function's caller.
    let caller = unsafe { Caller::promises() };
    guard(|| handles::close_position(caller, position))
}

/// Stores what was confirmed last, by this process or one before it, in whatever language.
///
/// Returns `RUSTED_RING_OK`; `RUSTED_RING_EMPTY`, if nothing ever was; `RUSTED_RING_BAD_HANDLE`, `RUSTED_RING_BAD_ARGUMENT`, `RUSTED_RING_BUSY`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rusted_ring_position_confirmed(position: *mut Position, confirmed: *mut Confirmed) -> Status {
    // SAFETY: F, by this function's caller.
    let caller = unsafe { Caller::promises() };
    guard(|| {
        let (position, out) = (caller.position(position)?, caller.out(confirmed, "confirmed")?);
        out.put(journal::confirmed(&position).ok_or(Failure::Empty)?);
        Ok(())
    })
}

/// Confirms that everything of `epoch` below the sequence `next` is dealt with, and all of the epochs before. When it returns, this outlasts the end of the process; and that of the
/// machine, unless the journal never syncs. A process that ends meanwhile leaves what was confirmed before, or this.
///
/// Writes a small file: confirm after a batch rather than after an event.
///
/// Returns `RUSTED_RING_OK`; `RUSTED_RING_BAD_ARGUMENT`, also if more was confirmed before; `RUSTED_RING_NO_MEMORY` for a full disk, `RUSTED_RING_SYSTEM`: what was confirmed before
/// stays; `RUSTED_RING_BAD_HANDLE`, `RUSTED_RING_BUSY`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rusted_ring_position_confirm(position: *mut Position, epoch: u32, next: u64) -> Status {
    // SAFETY: F, by this function's caller.
    let caller = unsafe { Caller::promises() };
    guard(|| journal::confirm(&mut *caller.position(position)?, epoch, next))
}
