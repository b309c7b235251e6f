//! What goes wrong when publishing.

use core::{error::Error, fmt, time::Duration};

use super::never;
use crate::{
    Corrupt, Sequence,
    ring::{Incident, Name, NoRoom, RingRef},
};

/// The ring has no room for the next event; nothing was published. Nothing was claimed either, but by a [long event](crate::Bytes#long-events) that
/// met others: what it claimed in vain, at most some laps, is holes.
///
/// It names the Consumer that is in the way, because it has not left the slot that is needed. A publisher may try again at any time.
///
/// ```
/// use rusted_ring::{Consumer, HeapTypedRing, Publisher, Start};
///
/// let ring = HeapTypedRing::<u64>::new(4);
/// let mut archive = Consumer::join(ring.clone(), Start::Newest)?.named("archive");
/// let publisher = Publisher::join(ring)?;
/// publisher.send_batch(&[1, 2, 3, 4]);
///
/// let full = publisher.try_send(&5).unwrap_err();
/// let blocker = full.blocker.unwrap();
/// assert_eq!((blocker.name.as_str(), blocker.position.get(), blocker.lag), ("archive", 0, 4));
/// println!("{full}");
///
/// archive.batch()?; // received, and released at once
/// assert!(publisher.try_send(&5).is_ok());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Full {
    /// The Consumer that holds the next slot, or of a long event one of its slots; of several Consumers, one.
    ///
    /// None, if it had gone on by the time it was looked for, if publishers that stopped in the middle of a publish hold every slot,
    /// or if others came between the slots of a long event again and again.
    pub blocker: Option<Blocker>,
    /// How long the publisher has waited for room, if it was to wait.
    pub waited: Option<Duration>,
    /// If there will never be room, because a ring between processes is corrupt: why.
    pub corrupt: Option<Corrupt>,
}

/// A Consumer that a publisher found in its way. It may have gone on since.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Blocker {
    /// What it calls itself; empty if it gave no name.
    pub name: Name,
    /// Its entry in the ring's table: [`ReaderStatus::entry`](crate::ledger::ReaderStatus::entry) of the ledger.
    pub entry: usize,
    /// The first sequence that it had not released.
    pub position: Sequence,
    /// How many sequences there are from there to the one that was to be claimed.
    pub lag: u64,
}

impl Full {
    /// Makes the error of `refused`, with the name of the Consumer in the way. Only an attempt that fails pays for that.
    #[cold]
    #[inline(never)]
    pub(crate) fn of<R: RingRef>(ring: &R, refused: NoRoom, waited: Option<Duration>) -> Self {
        if let corrupt @ Some(_) = never::<R>(refused) {
            ring.note(Incident::Corrupt);
            return Full { blocker: None, waited, corrupt };
        }
        let blocker = ring.view().holder(refused).map(|holder| Blocker {
            name: holder.name,
            entry: holder.entry,
            position: Sequence::new(holder.position),
            lag: holder.lag,
        });
        Full { blocker, waited, corrupt: None }
    }

    /// The error, of what a program in another language knows of it: a Consumer's name, entry, position and lag.
    #[doc(hidden)]
    pub fn told(blocker: Option<(&str, usize, Sequence, u64)>, waited: Option<Duration>) -> Self {
        let blocker =
            blocker.map(|(name, entry, position, lag)| Blocker { name: Name::new(name), entry, position, lag });
        Full { blocker, waited, corrupt: None }
    }
}

impl fmt::Display for Full {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(corrupt) = self.corrupt {
            return corrupt.fmt(f);
        }
        f.write_str("the ring is full")?;
        if let Some(waited) = self.waited {
            write!(f, ", and no room came in {waited:.1?}")?;
        }
        match self.blocker {
            Some(Blocker { name, entry, position, lag }) => {
                match name.as_str() {
                    "" => write!(f, ": a consumer without a name (entry {entry})")?,
                    name => write!(f, ": consumer `{name}` (entry {entry})")?,
                }
                write!(
                    f,
                    " has not left sequence {position}, {lag} behind; it was expected to receive: speed it up, drop it, or \
                     read with a Subscriber, which nobody waits for"
                )
            }
            None => f.write_str(
                ": the consumer that held the next slot has just gone on, publishers that stopped in the middle of a publish hold \
                 every slot, or others came between the slots of a long event; try again",
            ),
        }
    }
}

impl Error for Full {}

/// Bytes exceed the room there is for them; nothing of them was written or published.
///
/// ```
/// use rusted_ring::{HeapRing, Publisher};
///
/// let publisher = Publisher::join(HeapRing::<8>::new(16))?;
/// let refused = publisher.publish(b"nine bytes", 0).unwrap_err();
/// assert_eq!((refused.data_len, refused.max_size), (10, 8));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TooLarge {
    /// Bytes offered.
    pub data_len: usize,
    /// Bytes that an event of the ring may have; for a claim that is appended to, what is left of its slot.
    pub max_size: usize,
}

impl TooLarge {
    /// Refuses bytes that exceed the room.
    #[inline]
    pub(crate) fn unless(data_len: usize, max_size: usize) -> Result<(), Self> {
        if data_len <= max_size { Ok(()) } else { Err(TooLarge { data_len, max_size }) }
    }
}

impl fmt::Display for TooLarge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let TooLarge { data_len, max_size } = self;
        write!(
            f,
            "{data_len} bytes were given, and there is room for {max_size}: use a larger size class, a ring of long events, or split them"
        )
    }
}

impl Error for TooLarge {}

/// Why bytes were not published by a call that does not wait, or not for ever.
///
/// ```
/// use rusted_ring::{HeapRing, Publisher, publisher::PublishError};
///
/// let publisher = Publisher::join(HeapRing::<8>::new(16))?;
/// match publisher.try_publish(b"a stroke", 1) {
///     Ok(sequence) => println!("published as {sequence}"),
///     Err(PublishError::Full(full)) => println!("try again later: {full}"),
///     Err(error) => return Err(error.into()),
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PublishError {
    /// The ring has no room now, or had none until the time was over.
    Full(Full),
    /// The ring is one between processes, and corrupt.
    Corrupt(Corrupt),
    /// The data exceeds what an event of the ring may have.
    TooLarge(TooLarge),
}

impl fmt::Display for PublishError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PublishError::Full(full) => full.fmt(f),
            PublishError::Corrupt(corrupt) => corrupt.fmt(f),
            PublishError::TooLarge(too_large) => too_large.fmt(f),
        }
    }
}

impl Error for PublishError {}

impl From<Full> for PublishError {
    fn from(full: Full) -> Self {
        match full.corrupt {
            Some(corrupt) => PublishError::Corrupt(corrupt),
            None => PublishError::Full(full),
        }
    }
}

impl From<TooLarge> for PublishError {
    fn from(too_large: TooLarge) -> Self {
        PublishError::TooLarge(too_large)
    }
}

/// The claim took too long: readers that waited for its sequence gave it up, and the sequence is a hole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Revoked {
    /// The sequence that was claimed, and carries no event.
    pub sequence: Sequence,
}

impl fmt::Display for Revoked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the claim of sequence {} was held for too long, others went on, and its event was given up: claim and write it again",
            self.sequence
        )
    }
}

impl Error for Revoked {}
