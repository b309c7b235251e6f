//! Of journals and positions.

use std::ffi::CStr;

use rusted_ring_ffi::{
    api::{journal, position},
    status::Status,
    types::{Confirmed, Damage, EpochLine, Journal, JournalLine, JournalOptions, Position, Reader, Ring},
};

use super::{counted, done, stored};
use crate::handle::Entered;

pub(crate) fn journal_open(directory: &CStr, options: &JournalOptions) -> Result<*mut Journal, Status> {
    // SAFETY: F.
    stored(|out| unsafe { journal::rusted_ring_journal_open(directory.as_ptr(), options, out) })
}

/// All that `call` lists, for which it says how many there are.
fn listed<T: Copy + Default>(call: impl Fn(*mut T, usize, *mut usize) -> Status) -> Result<Vec<T>, Status> {
    let mut list = Vec::new();
    loop {
        let (count, outcome) = counted(|out| call(list.as_mut_ptr(), list.len(), out));
        outcome?;
        let is_whole = count <= list.len();
        list.resize(count, T::default());
        if is_whole {
            return Ok(list);
        }
    }
}

pub(crate) fn journal_found(of: &Entered<'_, Journal>) -> Result<Vec<Damage>, Status> {
    // SAFETY: F.
    listed(|to, room, count| unsafe { journal::rusted_ring_journal_found(of.raw(), to, room, count) })
}

pub(crate) fn journal_epochs(of: &Entered<'_, Journal>) -> Result<Vec<EpochLine>, Status> {
    // SAFETY: F.
    listed(|to, room, count| unsafe { journal::rusted_ring_journal_epochs(of.raw(), to, room, count) })
}

pub(crate) fn journal_since(of: &Entered<'_, Journal>, epoch: u32, time: u64) -> Result<u64, Status> {
    // SAFETY: F.
    stored(|out| unsafe { journal::rusted_ring_journal_since(of.raw(), epoch, time, out) })
}

pub(crate) fn journal_record(
    by: &Entered<'_, Journal>,
    ring: &Entered<'_, Ring>,
    name: &CStr,
    from: u64,
) -> Result<(), Status> {
    // SAFETY: F.
    done(unsafe { journal::rusted_ring_journal_record(by.raw(), ring.raw(), name.as_ptr(), from) })
}

pub(crate) fn journal_resume(by: &Entered<'_, Journal>, ring: &Entered<'_, Ring>, name: &CStr) -> Result<(), Status> {
    // SAFETY: F.
    done(unsafe { journal::rusted_ring_journal_resume(by.raw(), ring.raw(), name.as_ptr()) })
}

pub(crate) fn journal_stop(by: &Entered<'_, Journal>) -> Result<(), Status> {
    // SAFETY: F.
    done(unsafe { journal::rusted_ring_journal_stop(by.raw()) })
}

pub(crate) fn journal_stats(of: &Entered<'_, Journal>) -> Result<JournalLine, Status> {
    // SAFETY: F.
    stored(|out| unsafe { journal::rusted_ring_journal_stats(of.raw(), out) })
}

pub(crate) fn journal_wait_durable(of: &Entered<'_, Journal>, end: u64, timeout: u64) -> Result<(), Status> {
    // SAFETY: F.
    done(unsafe { journal::rusted_ring_journal_wait_durable(of.raw(), end, timeout) })
}

pub(crate) fn journal_replay(
    of: &Entered<'_, Journal>,
    epoch: u32,
    from: u64,
    event_bytes: usize,
) -> Result<*mut Reader, Status> {
    // SAFETY: F.
    stored(|out| unsafe { journal::rusted_ring_journal_replay(of.raw(), epoch, from, event_bytes, out) })
}

pub(crate) fn subscribe_repaired(
    to: &Entered<'_, Ring>,
    name: &CStr,
    from: u64,
    by: &Entered<'_, Journal>,
    epoch: u32,
) -> Result<*mut Reader, Status> {
    let (ring, journal, name) = (to.raw(), by.raw(), name.as_ptr());
    // SAFETY: F.
    stored(|out| unsafe { journal::rusted_ring_subscribe_repaired(ring, name, from, journal, epoch, out) })
}

pub(crate) fn position_open(of: &Entered<'_, Journal>, name: &CStr) -> Result<*mut Position, Status> {
    // SAFETY: F.
    stored(|out| unsafe { position::rusted_ring_position_open(of.raw(), name.as_ptr(), out) })
}

pub(crate) fn position_confirmed(of: &Entered<'_, Position>) -> Result<Confirmed, Status> {
    // SAFETY: F.
    stored(|out| unsafe { position::rusted_ring_position_confirmed(of.raw(), out) })
}

pub(crate) fn position_confirm(by: &Entered<'_, Position>, epoch: u32, next: u64) -> Result<(), Status> {
    // SAFETY: F.
    done(unsafe { position::rusted_ring_position_confirm(by.raw(), epoch, next) })
}
