//! Wait sets: several readers at once.

use super::{opened, time};
use crate::{
    caller::Caller,
    exclusive::Exclusive,
    failure::Failure,
    guard::guard,
    handles::{self, Object},
    status::Status,
    types::{Reader, WaitSet},
    waiting::{self, Waiting},
};

/// Makes a wait set, and stores a handle on it. It has no members of its own: each wait is given its readers.
///
/// Returns `RUSTED_RING_OK`, `RUSTED_RING_BAD_ARGUMENT`, `RUSTED_RING_TOO_MANY_HANDLES`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rusted_ring_wait_set_new(set: *mut *mut WaitSet) -> Status {
    // SAFETY: F, by this function's caller.
    let caller = unsafe { Caller::promises() };
    guard(|| {
        opened(caller.out(set, "set")?, || Ok(Object::WaitSet(Box::new(Exclusive::new(waiting::WaitSet::default())))))
    })
}

/// Closes a wait set. No thread may be using it. Null is nothing to close.
///
/// Returns `RUSTED_RING_OK`, `RUSTED_RING_BAD_HANDLE`, `RUSTED_RING_BUSY`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rusted_ring_wait_set_close(set: *mut WaitSet) -> Status {
    // SAFETY: F, by this function's caller.
    let caller = unsafe { Caller::promises() };
    guard(|| handles::close_wait_set(caller, set))
}

/// Waits until one of `count` readers, on rings of any kinds, is ready, for up to `timeout` nanoseconds: with a time of 0 it only looks. Stores in
/// `ready` which one, by its index.
///
/// A reader is ready when its next read would return something other than `RUSTED_RING_EMPTY`. That of a closed ring stays ready: leave it out. As long as the readers stay
/// the same, at the same places, each that is ready is returned after at most `count - 1` others. A reader that has lent events gets them released by this call, so it is
/// refused.
///
/// Returns `RUSTED_RING_OK`, `RUSTED_RING_EMPTY` when the time is over, `RUSTED_RING_BAD_HANDLE`, `RUSTED_RING_BAD_ARGUMENT`, `RUSTED_RING_BUSY`, also if a reader is given twice,
/// `RUSTED_RING_LENT`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rusted_ring_wait(
    set: *mut WaitSet,
    readers: *const *mut Reader,
    count: usize,
    timeout: u64,
    ready: *mut usize,
) -> Status {
    // SAFETY: F, by this function's caller.
    let caller = unsafe { Caller::promises() };
    guard(|| {
        let (mut set, out) = (caller.wait_set(set)?, caller.out(ready, "ready")?);
        let readers = caller.values(readers, count, "readers")?;
        if readers.is_empty() {
            return Err(Failure::argument("`count` is 0: there is nothing to wait for"));
        }
        let entered = readers.iter().map(|&reader| Ok(Waiting(caller.reader(reader)?)));
        let mut members = entered.collect::<Result<Vec<_>, Failure>>()?;
        if members.iter().any(|member| member.0.has_lent()) {
            return Err(Failure::Lent);
        }
        out.put(set.wait(&mut members, time(timeout)).ok_or(Failure::Empty)?);
        Ok(())
    })
}
