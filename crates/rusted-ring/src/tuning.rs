//! What is faster on one family of processors and slower on another, and which way this machine goes.

#[cfg(not(any(loom, shuttle)))]
use crate::words::{
    processor::{self, Maker},
    restartable,
};

/// Choices that make a ring faster on one family of processors and slower on another. Events are the same by any of them.
///
/// Endpoints go by [`of_this_machine`](Self::of_this_machine), unless they are [`tuned`](crate::SolePublisher::tuned) otherwise, and show in
/// their `Debug` how they go. What was measured, and where, is in the project's record 0038.
///
/// ```
/// use rusted_ring::{Consumer, HeapRing, Start, Tuning};
///
/// let mut tuning = Tuning::of_this_machine();
/// tuning.own_events_below = 0;
/// let consumer = Consumer::join(HeapRing::<64>::new(1024), Start::Newest)?.tuned(tuning);
/// # Ok::<(), rusted_ring::JoinError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tuning {
    /// Whether a sole publisher of slots of 64 bytes to less than 1 KiB loads the cursor before it writes an event, and so gets its line back
    /// first from the readers that poll it.
    pub cursor_first: bool,
    /// Of slots smaller than this, in bytes, a Consumer pulls the lines of an event that it is lent by itself into exclusive state, if no other
    /// Consumer wants it. The publisher gets them back sooner where a line that was only read is dear to write.
    pub own_events_below: usize,
    /// The same for events that are lent in batches.
    pub own_batches_below: usize,
    /// Whether a sole publisher fetches the lines of slots that it will write soon, and a Consumer those of events that it will be lent soon,
    /// where they go one by one, as does a Subscriber of slots from 256 bytes on; not a publisher that no Consumer holds.
    pub fetch_ahead: bool,
}

impl Tuning {
    /// Nothing that depends on the processor: what endpoints do where nobody has measured.
    pub const PORTABLE: Tuning =
        Tuning { cursor_first: false, own_events_below: 0, own_batches_below: 0, fetch_ahead: false };

    /// Measured on family 25 (Milan).
    #[cfg(not(any(loom, shuttle)))]
    const AMD: Tuning =
        Tuning { cursor_first: true, own_events_below: usize::MAX, own_batches_below: usize::MAX, fetch_ahead: false };

    /// Measured on family 6, model 207 (Emerald Rapids).
    #[cfg(not(any(loom, shuttle)))]
    const INTEL: Tuning =
        Tuning { cursor_first: false, own_events_below: 0, own_batches_below: 128, fetch_ahead: true };

    /// Returns what was fastest on processors of this machine's maker; [`PORTABLE`](Self::PORTABLE), where none was measured.
    ///
    /// It asks the processor once, which takes tens of microseconds under a hypervisor.
    #[cfg(not(any(loom, shuttle)))]
    pub fn of_this_machine() -> Self {
        match processor::maker() {
            Maker::Amd => Tuning::AMD,
            Maker::Intel => Tuning::INTEL,
            Maker::Other => Tuning::PORTABLE,
        }
    }

    /// Whether one of many publishers ends its claims by a store on this machine, and not by an exchange, which may cost twice as much: on Linux, on
    /// x86-64, if the kernel and the C library have restartable sequences (the project's record 0045). Between processes it exchanges.
    #[cfg(not(any(loom, shuttle)))]
    pub fn ends_claims_by_store() -> bool {
        restartable::is_granted()
    }

    /// The tuning that the models on this thread go by.
    #[cfg(any(loom, shuttle))]
    pub fn of_this_machine() -> Self {
        modelled::tuning()
    }
}

/// Which of the two ways to the next sequence the models on this thread go.
#[cfg(any(loom, shuttle))]
pub(crate) mod modelled {
    use core::cell::Cell;

    use super::Tuning;

    std::thread_local! {
        static FROM_CURSOR: Cell<bool> = const { Cell::new(false) };
        static ASKED: Cell<bool> = const { Cell::new(false) };
    }

    pub(super) fn tuning() -> Tuning {
        Tuning { cursor_first: FROM_CURSOR.get(), ..Tuning::PORTABLE }
    }

    /// Notes that a sole publisher goes by the tuning.
    pub(crate) fn is_asked() {
        ASKED.set(true);
    }

    /// Runs `models` with sole publishers that go by the cursor, or not. Returns whether there were any.
    #[cfg(test)]
    pub(crate) fn go(from_cursor: bool, models: impl FnOnce()) -> bool {
        FROM_CURSOR.set(from_cursor);
        ASKED.set(false);
        models();
        ASKED.get()
    }
}
