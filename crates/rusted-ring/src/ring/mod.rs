//! The ring: two dense planes, tags and payloads, behind a header, and the protocols that decide who may touch what.
//!
//! This module is the trusted kernel: all `unsafe` of the library is here and in [`words`](crate::words), and its
//! crate-private interface is sound from safe code. The endpoints above it add waiting, errors and accounting.
//!
//! It has four rooms. `memory` is what a ring is made of. `storage` is where a ring lives. `protocol` has one file for each rule of who may
//! touch what. `lossless` is a Consumer's position under these rules, and what is lent to it. Between the rooms lie the words of a ring
//! (`header`), how many write it (`mode`), and the view on which all protocols work (`view`).
//!
//! # Invariants
//!
//! * **O (one owner).** Where many write, only the claim whose exchange put `WRITING(s)` into a slot writes its head and
//!   payload, until that claim puts `DONE` or `HOLE` there; a slot that is held is entered by nobody. Where one writes, only its
//!   sequencer does, in the slots of sequences it has not published.
//! * **G (gate).** A claim enters the slot of `s` only if `s < limit`, and then each Consumer either left `s - C` by a
//!   Release that this claim has acquired, or joined at or after `horizon - C`. So a slot that a Consumer has not
//!   left is never written, and may be lent as plain bytes.
//! * **L (latest).** A slot of latest-value cells that a reader holds is not written until it lets go (see [`latest`]).
//! * **M (mapping).** Memory that other processes may write stays mapped while any handle on the ring lives, and is touched as atomics
//!   alone, unless these processes are trusted. What is found there is used as a number, never as an index or a length that was not cut.
//! * **P (place).** The memory that a ring was given is its own for as long as any handle on the ring lives.
//! * **W (words).** Everybody else touches payloads by atomic words of one size only (see [`words`](crate::words)); nobody does on a ring of
//!   [`Lossless`] slots, whose owners therefore have them as plain memory.
//! * **N (notes).** The bytes of a slot's notes are touched as these notes alone, which are atomic integers; no
//!   word of an event reaches into them, be it bytes or a value.
//! * **S (several slots).** A long event's slots lie one after the other before the ring's end, and its first is published after the
//!   others: a reader that has acquired the first has acquired them all.

mod ahead;
#[cfg(all(test, feature = "std", not(any(loom, shuttle))))]
mod ahead_tests;
mod header;
#[cfg(feature = "alloc")]
pub(crate) mod latest;
mod long;
#[cfg(all(test, feature = "std", not(any(loom, shuttle))))]
mod long_tests;
mod lossless;
mod memory;
mod mode;
mod protocol;
mod storage;
#[cfg(all(test, feature = "std", not(any(loom, shuttle))))]
mod tests;
mod view;

pub use lossless::batch::{Batch, BatchEvent, BatchIter};
pub use lossless::loan::Loan;
#[cfg(feature = "std")]
pub use lossless::upstream::Checkpoint;
pub use memory::event::{Event, PooledEvent};
pub use memory::lossless::Lossless;
pub use memory::notes::Notes;
pub use memory::slot::{Bytes, BytesSlot, Slot, Typed, TypedSlot, Whole};
pub use memory::value::Value;
pub use mode::{Many, Mode, Sole};
pub use protocol::lifecycle::{ClosePolicy, Closes, Closing, Open};
pub use protocol::name::Name;
#[cfg(feature = "alloc")]
pub use storage::heap::{
    HeapLosslessRing, HeapLosslessTypedRing, HeapNotedRing, HeapNotedTypedRing, HeapRing, HeapTypedRing, SharedRing,
};
pub use storage::incident::Incident;
pub use storage::inline::{InlineRing, MAX_STACK_BYTES, RingBuffer, TypedRing};
#[cfg(not(any(loom, shuttle)))]
pub use storage::mapped::{MappedRing, Peers};
#[cfg(not(any(loom, shuttle)))]
pub use storage::paged::{Paged, PagedRing, PagedTypedRing, Pages};
#[cfg(not(any(loom, shuttle)))]
pub use storage::placed::{BorrowedRing, BorrowedTypedRing, LentMemory, PlaceError, PlacedRing};
#[cfg(feature = "alloc")]
pub use storage::room::NoMemory;
pub use storage::{Lease, RingRef};

pub(crate) use long::slots_of;
pub(crate) use lossless::{Found, GatingPosition};
pub(crate) use memory::slot_ref::Draft;
pub(crate) use memory::tag::Head;
pub(crate) use mode::{Protocol, Seen};
pub(crate) use protocol::entry::Entry;
pub(crate) use protocol::lifecycle::{Membership, Refused};
pub(crate) use protocol::lookup::Nothing;
pub(crate) use protocol::many::{Claim, ClaimRun, GivenUp, NoRoom};
#[cfg(all(feature = "std", not(any(loom, shuttle))))]
pub(crate) use protocol::registry::TABLE_LEN;
pub(crate) use protocol::row::{Counters, Snapshot};
pub(crate) use protocol::sole::{SoleClaim, SoleRun, SoleSequencer};
pub(crate) use storage::ViewOf;
#[cfg(all(feature = "alloc", not(any(loom, shuttle))))]
pub(crate) use storage::room::given;
pub(crate) use view::{Place, RingView};

mod sealed {
    pub trait Sealed {}
}
use sealed::Sealed;
