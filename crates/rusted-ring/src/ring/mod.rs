//! The ring: two dense planes, tags and payloads, behind a header, and the protocols that decide who may touch what.
//!
//! This module is the trusted kernel: all `unsafe` of the library is here and in [`words`](crate::words), and its
//! crate-private interface is sound from safe code. The endpoints above it add waiting, errors and accounting.
//!
//! # Invariants
//!
//! * **O (one owner).** Where many write, only the claim whose exchange put `WRITING(s)` into a slot writes its head and
//!   payload, until that claim puts `DONE` or `HOLE` there; a slot that is held is entered by nobody. Where one writes, only its
//!   seat does, in the slots of sequences it has not published.
//! * **G (gate).** A claim enters the slot of `s` only if `s < limit`, and then each Consumer either left `s - C` by a
//!   Release that this claim has acquired, or joined at or after `horizon - C`. So a slot that a Consumer has not
//!   left is never written, and may be lent as plain bytes.
//! * **P (place).** The memory that a ring was given is its own for as long as any handle on the ring lives.
//! * **W (words).** Everybody else touches payloads by atomic words of one size only (see [`words`](crate::words)).
//! * **N (notes).** The bytes of a slot's notes are touched as these notes alone, which are atomic integers.

mod batch;
mod cache_line;
mod claim;
mod entry;
mod event;
mod gate;
mod header;
#[cfg(feature = "alloc")]
mod heap;
mod held;
mod home;
mod inline;
mod layout;
mod lifecycle;
mod loan;
mod lookup;
mod notes;
mod payload;
#[cfg(not(any(loom, shuttle)))]
mod placed;
mod planes;
#[cfg(feature = "std")]
mod progress;
mod protocol;
mod seat;
mod slot;
mod sole;
mod table;
mod tag;
#[cfg(all(test, feature = "alloc", not(any(loom, shuttle))))]
mod taking_tests;
#[cfg(all(test, feature = "std", not(any(loom, shuttle))))]
mod tests;
mod version;

pub use batch::{Batch, BatchEvent, BatchIter};
pub use event::{Event, PooledEvent};
#[cfg(feature = "alloc")]
pub use heap::{HeapNotedRing, HeapRing, HeapTypedRing, SharedRing};
pub use home::{Many, Mode, RingRef, Sole};
pub use inline::{InlineRing, MAX_STACK_BYTES, RingBuffer, TypedRing};
pub use lifecycle::{ClosePolicy, Closes, Closing, Open};
pub use loan::Loan;
pub use notes::Notes;
#[cfg(not(any(loom, shuttle)))]
pub use placed::{BorrowedRing, BorrowedTypedRing, LentMemory, PlaceError, PlacedRing};
#[cfg(feature = "std")]
pub use progress::Checkpoint;
pub use slot::{Bytes, Slot, Typed, Whole};
pub use table::Name;

pub(crate) use claim::{Claim, ClaimRun, GivenUp, NoRoom};
pub(crate) use entry::Entry;
pub(crate) use held::Draft;
pub(crate) use home::PlanesOf;
pub(crate) use lifecycle::{Membership, Refused};
pub(crate) use lookup::Lookup;
pub(crate) use planes::{Place, Planes};
pub(crate) use protocol::Seen;
pub(crate) use seat::{ConsumerSeat, Found, Nothing};
#[cfg(all(any(loom, shuttle), test))]
pub(crate) use sole::modelled as modelled_sole;
pub(crate) use sole::{SoleClaim, SoleRun, SoleSeat};
#[cfg(all(feature = "std", not(any(loom, shuttle))))]
pub(crate) use table::TABLE_LEN;
pub(crate) use table::{Counters, Snapshot};
pub(crate) use tag::Head;
