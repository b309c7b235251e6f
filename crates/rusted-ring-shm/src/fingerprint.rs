//! What a ring's slots hold, as two programs compare it.

use std::any::type_name;

use rusted_ring::{Bytes, Notes, Slot, Typed, Value};

/// Slots that a file can describe: [`Bytes`] and [`Typed`].
pub trait Described: Slot {
    #[doc(hidden)]
    fn fingerprint() -> Fingerprint;
}

/// What must be the same in all programs of a ring.
#[derive(Clone, Debug, PartialEq, Eq)]
#[doc(hidden)]
pub struct Fingerprint {
    /// Whether its slots hold values and not bytes.
    pub(crate) typed: bool,
    /// The type's name: its path, and that of its notes.
    pub(crate) name: String,
    /// Bytes of an event in one slot, at most.
    pub(crate) len: u64,
    /// Bytes of an event, at most.
    pub(crate) longest: u64,
    /// Bytes from one slot to the next.
    pub(crate) stride: u64,
    pub(crate) align: u64,
}

impl Fingerprint {
    /// That of values, by what a tool knows of their type: its path, its bytes and its alignment.
    pub(crate) fn of_values(name: &str, bytes: u64, align: u64) -> Self {
        Fingerprint { typed: true, name: name.to_owned(), len: bytes, longest: bytes, stride: bytes, align }
    }
}

fn fingerprint<S: Slot>(typed: bool, event: &str, align: usize) -> Fingerprint {
    let notes = if size_of::<S::Notes>() == 0 { String::new() } else { format!(" with {}", type_name::<S::Notes>()) };
    Fingerprint {
        typed,
        name: format!("{event}{notes}"),
        len: S::LEN as u64,
        longest: S::LONGEST as u64,
        stride: S::STRIDE as u64,
        align: align as u64,
    }
}

impl<const N: usize, const SLOT: usize, A: Notes> Described for Bytes<N, SLOT, A> {
    fn fingerprint() -> Fingerprint {
        fingerprint::<Self>(false, "bytes", 1)
    }
}

/// A type is known by its path, such as `strokes::Point`, its size and its alignment: share the crate that defines it.
impl<T: Value, A: Notes> Described for Typed<T, A> {
    fn fingerprint() -> Fingerprint {
        fingerprint::<Self>(true, type_name::<T>(), align_of::<T>())
    }
}
