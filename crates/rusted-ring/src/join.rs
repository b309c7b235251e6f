//! Why an endpoint could not join its ring.

use core::{error::Error, fmt};

use crate::ring::Refused;

/// Why a publisher or a Consumer did not join a ring. A Subscriber always can.
///
/// ```
/// use rusted_ring::{HeapRing, JoinError, Publisher, Sole, SolePublisher};
///
/// let ring = HeapRing::<64, Sole>::sole(1024);
/// let first = SolePublisher::join(ring.clone())?;
/// assert_eq!(SolePublisher::join(ring.clone()).unwrap_err(), JoinError::Occupied);
/// drop(first); // the ring closes with its last publisher
/// assert_eq!(SolePublisher::join(ring).unwrap_err(), JoinError::Closed);
/// # Ok::<(), JoinError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum JoinError {
    /// The ring closed with its last publisher, for good; a publisher tried to join.
    Closed,
    /// The ring takes one publisher at a time, and has one.
    Occupied,
    /// A Consumer tried to join a ring whose table of readers is full.
    TooManyReaders,
    /// A Consumer was asked to come after Consumers of another ring.
    AnotherRing,
}

impl fmt::Display for JoinError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            JoinError::Closed => {
                "the ring closed when its last publisher left: make a new ring, or one that never closes"
            }
            JoinError::Occupied => {
                "the ring takes one publisher at a time and has one: drop it first, or use a ring of mode Many"
            }
            JoinError::TooManyReaders => {
                "the ring's table of 64 readers is full, and a consumer needs an entry: drop a reader, or use a \
                 Subscriber, which may be unlisted"
            }
            JoinError::AnotherRing => {
                "a consumer comes after consumers of its own ring, and one of these is on another: let it join the \
                 ring that they receive from"
            }
        })
    }
}

impl Error for JoinError {}

impl From<Refused> for JoinError {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Closed => JoinError::Closed,
            Refused::Occupied => JoinError::Occupied,
        }
    }
}
