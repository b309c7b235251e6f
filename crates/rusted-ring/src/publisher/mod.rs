//! The endpoints that publish.
//!
//! Their length and type travel in the tag, the payload is copied once, into the slot, and nothing is allocated.
//!
//! The functions that publish one event are always inlined: a call would hide the data's length, and data made in registers would be
//! stored twice.

mod claim;
mod error;
#[cfg(not(any(loom, shuttle)))]
mod in_place;
mod many;
#[cfg(feature = "std")]
mod room;
mod sole;
mod typed;

pub use claim::{Claim, ClaimBatch, SoleClaim, SoleClaimBatch};
pub use error::{Blocker, Full, PublishError, Revoked, TooLarge};
pub use many::Publisher;
#[cfg(not(any(loom, shuttle)))]
pub(crate) use many::publish_unjoined;
pub use sole::SolePublisher;

#[doc(no_inline)]
pub use crate::JoinError;

#[cfg(feature = "std")]
use std::time::{Duration, Instant};

use crate::{
    Corrupt, Sequence,
    ring::{Incident, NoRoom, RingRef, Slot, slots_of},
    wait::{Outcome, WaitStrategy, Waiter},
};

/// Refuses an event that exceeds what the ring takes.
#[inline]
pub(crate) fn check_size<S: Slot>(data: &[u8]) -> Result<(), TooLarge> {
    TooLarge::unless(data.len(), S::LONGEST)
}

/// Refuses events of which one exceeds what the ring takes.
pub(crate) fn check_sizes<S: Slot>(events: &[(&[u8], u32)]) -> Result<(), TooLarge> {
    events.iter().try_for_each(|(data, _)| check_size::<S>(data))
}

/// Returns how many slots the first of `events` takes: what an attempt to publish some of them needs.
#[inline]
pub(crate) fn slots_of_first<S: Slot>(events: &[(&[u8], u32)]) -> u64 {
    events.first().map_or(1, |(data, _)| slots_of::<S>(data.len()))
}

/// Returns how many of `events`, from the first on, take one slot each; 0, if the first is long.
#[inline]
fn short_events<'e, S: Slot>(events: impl ExactSizeIterator<Item = (&'e [u8], u32)>) -> usize {
    if S::HAS_LONG { events.take_while(|(data, _)| data.len() <= S::LEN).count() } else { events.len() }
}

/// Frees what Consumers hold whose processes have ended. Publishers that find no room call it, so that a dead Consumer blocks nobody.
#[inline]
fn look_after_peers(ring: &impl RingRef) {
    if ring.is_time_to_look() {
        ring.view().header().free_dead(ring);
    }
}

/// Returns what a refusal says to callers that did not wait.
fn full<R: RingRef>(ring: &R, refused: NoRoom) -> Full {
    look_after_peers(ring);
    Full::of(ring, refused, None)
}

/// Why there will never be room: a ring between processes is corrupt then, which is said by an error where there can be one.
///
/// # Panics
///
/// On a ring of one process, which has given out its last sequence.
fn never<R: RingRef>(refused: NoRoom) -> Option<Corrupt> {
    let next = refused.exhausted()?;
    if !R::SHARED {
        Sequence::exhausted();
    }
    Some(Corrupt::new(Corrupt::NEXT, next))
}

/// Ends a wait without a deadline, for which there will never be room.
#[cold]
pub(crate) fn waited_in_vain<R: RingRef>(ring: &R, refused: NoRoom) -> ! {
    match never::<R>(refused) {
        Some(corrupt) => {
            ring.note(Incident::Corrupt);
            panic!("{corrupt}")
        }
        None => unreachable!("a wait without a deadline ends only with room"),
    }
}

/// A publisher that waits attempts until there is room.
impl<T> Outcome for Result<T, NoRoom> {
    fn is_final(&self) -> bool {
        match self {
            Ok(_) => true,
            Err(refused) => refused.exhausted().is_some(),
        }
    }
}

/// Sleeps while there is no room for `slots` slots, for at most the time given.
fn park<R: RingRef, C>(ring: &R, slots: u64) -> impl FnMut(&mut C, core::time::Duration) {
    move |_, timeout| ring.view().sleep_at_gate(slots, timeout.min(R::LONGEST_SLEEP))
}

/// Attempts until there was room for `slots` slots.
fn once_there_is_room<R: RingRef, T>(
    ring: &R,
    slots: u64,
    strategy: WaitStrategy,
    mut attempt: impl FnMut() -> Result<T, NoRoom>,
) -> T {
    match attempt() {
        Ok(outcome) => outcome,
        Err(_) => attempt_later(ring, slots, strategy, attempt),
    }
}

/// Attempts once more. Where there is no room, looks after the processes that hold it.
fn attempt_again<R: RingRef, T>(ring: &R, attempt: &mut impl FnMut() -> Result<T, NoRoom>) -> Result<T, NoRoom> {
    attempt().inspect_err(|_| look_after_peers(ring))
}

/// As [`once_there_is_room`], where there was none.
#[cold]
fn attempt_later<R: RingRef, T>(
    ring: &R,
    slots: u64,
    strategy: WaitStrategy,
    mut attempt: impl FnMut() -> Result<T, NoRoom>,
) -> T {
    let again = |attempt: &mut _| attempt_again(ring, attempt);
    match Waiter::new(strategy).until(&mut attempt, again, park(ring, slots)) {
        Ok(outcome) => outcome,
        Err(refused) => waited_in_vain(ring, refused),
    }
}

/// Attempts until there was room for `slots` slots, or the time is over.
#[cfg(feature = "std")]
fn if_there_is_room_within<R: RingRef, T>(
    ring: &R,
    slots: u64,
    strategy: WaitStrategy,
    timeout: Duration,
    mut attempt: impl FnMut() -> Result<T, NoRoom>,
) -> Result<T, Full> {
    let begun = Instant::now();
    let again = |attempt: &mut _| attempt_again(ring, attempt);
    let outcome = Waiter::for_at_most(strategy, timeout).until(&mut attempt, again, park(ring, slots));
    outcome.map_err(|refused| Full::of(ring, refused, Some(begun.elapsed())))
}
