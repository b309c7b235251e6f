//! Claims: sequences taken before their events are written, which is then done in place.

use core::fmt;

use bytemuck::bytes_of;

use super::{Revoked, TooLarge};
#[cfg(not(any(loom, shuttle)))]
use crate::Lossless;
use crate::{
    Sequence,
    ring::{self, BytesSlot, Draft, Many, RingRef, Slot, Sole, TypedSlot},
};

/// A sequence claimed from a ring that many write; its event is written in place, and then published.
///
/// What is written goes into the slot word by word, at the end of what is written already, because a Subscriber may be looking; where there can
/// be none, on a ring of [`Lossless`] slots, the slot is lent as plain memory. Dropped, in a panic too, the claim publishes a hole. Forgotten, it is a publisher
/// stopped for ever, which costs its slot one hole a lap.
///
/// It is one slot, also on a ring of [long events](crate::Bytes#long-events): these are published by `publish`.
///
/// Write it at once: others publish meanwhile, and a reader that waits for this sequence then gives it up after 200 µs, and a nanosecond for each
/// byte of the slot; on a ring of long events ten for each byte of its longest.
#[must_use = "a claim that is dropped is a hole"]
pub struct Claim<'a, R: RingRef<Mode = Many>> {
    claim: ring::Claim<'a, R::Slot>,
    draft: Draft,
}

/// Sequences claimed in one go from a ring that many write, without a gap: an iterator over their [`Claim`]s.
///
/// The claims are independent of each other, and of the batch. Those not taken out when it is dropped become holes.
#[must_use = "claims that are dropped are holes"]
pub struct ClaimBatch<'a, R: RingRef<Mode = Many>> {
    run: ring::ClaimRun<'a, R::Slot>,
}

/// The next sequence of a ring that one writes; its event is written in place, and then published.
///
/// What is written goes into the slot word by word, at the end of what is written already, because a Subscriber may be looking; where there can
/// be none, on a ring of [`Lossless`] slots, the slot is lent as plain memory. Dropped, in a panic too, or forgotten, the claim never was, and the next event
/// takes its sequence.
#[must_use = "a claim that is dropped publishes nothing"]
pub struct SoleClaim<'a, R: RingRef<Mode = Sole>> {
    claim: ring::SoleClaim<'a, R>,
    draft: Draft,
}

/// The next sequences of a ring that one writes, claimed in one go.
///
/// Each is published by itself, in order. Those that are not published never were claimed.
#[must_use = "claims that are dropped publish nothing"]
pub struct SoleClaimBatch<'a, R: RingRef<Mode = Sole>> {
    run: ring::SoleRun<'a, R>,
}

impl<'a, R: RingRef<Mode = Many>> Claim<'a, R> {
    #[inline]
    pub(super) fn new(claim: ring::Claim<'a, R::Slot>) -> Self {
        Claim { claim, draft: Draft::default() }
    }
}

impl<'a, R: RingRef<Mode = Many>> ClaimBatch<'a, R> {
    pub(super) fn new(run: ring::ClaimRun<'a, R::Slot>) -> Self {
        ClaimBatch { run }
    }
}

impl<'a, R: RingRef<Mode = Many>> Iterator for ClaimBatch<'a, R> {
    type Item = Claim<'a, R>;

    #[inline]
    fn next(&mut self) -> Option<Claim<'a, R>> {
        self.run.next().map(Claim::new)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.run.left(), Some(self.run.left()))
    }
}

impl<R: RingRef<Mode = Many>> ExactSizeIterator for ClaimBatch<'_, R> {}

impl<'a, R: RingRef<Mode = Sole>> SoleClaim<'a, R> {
    #[inline]
    pub(super) fn new(claim: ring::SoleClaim<'a, R>) -> Self {
        SoleClaim { claim, draft: Draft::default() }
    }
}

impl<'a, R: RingRef<Mode = Sole>> SoleClaimBatch<'a, R> {
    pub(super) fn new(run: ring::SoleRun<'a, R>) -> Self {
        SoleClaimBatch { run }
    }

    /// Returns how many claims are left.
    pub fn remaining(&self) -> usize {
        self.run.left()
    }

    /// Returns the next claim. If the one before was dropped without being published, this has its sequence.
    #[inline]
    pub fn next_claim(&mut self) -> Option<SoleClaim<'_, R>> {
        self.run.next().map(SoleClaim::new)
    }
}

/// What claims of both kinds share.
macro_rules! written_in_place {
    ($claim:ident, $batch:ident, $mode:ident) => {
        impl<R: RingRef<Mode = $mode>> $claim<'_, R> {
            /// Returns the event's number on the ring.
            pub fn sequence(&self) -> Sequence {
                self.claim.sequence()
            }
        }

        impl<S: BytesSlot, R: RingRef<Mode = $mode, Slot = S>> $claim<'_, R> {
            /// Writes `bytes` behind what is written already; all of them, or, if they do not fit the slot, none.
            ///
            /// # Errors
            ///
            /// [`TooLarge`], if they exceed what [remains](Self::remaining) of the slot. The claim can still be published.
            #[inline]
            pub fn append(&mut self, bytes: &[u8]) -> Result<(), TooLarge> {
                TooLarge::unless(bytes.len(), self.remaining())?;
                self.claim.append(&mut self.draft, bytes);
                Ok(())
            }

            /// Bytes written.
            #[inline]
            #[expect(
                clippy::len_without_is_empty,
                reason = "how far the event is written; an empty one is an event too"
            )]
            pub fn len(&self) -> usize {
                self.draft.len()
            }

            /// Bytes left in the slot.
            #[inline]
            pub fn remaining(&self) -> usize {
                S::LEN - self.len()
            }
        }

        #[cfg(not(any(loom, shuttle)))]
        impl<S: BytesSlot, R: RingRef<Mode = $mode, Slot = Lossless<S>>> $claim<'_, R> {
            /// Returns what is left of the slot behind what is written already, to be written in place; it holds anything, such as parts of
            /// earlier events. [`advance`](Self::advance) then says how much was written.
            ///
            /// ```
            /// # use rusted_ring::{Consumer, HeapLosslessRing, Publisher, Start};
            /// let ring = HeapLosslessRing::<1500>::new(64);
            /// let mut store = Consumer::join(ring.clone(), Start::Newest)?;
            /// let publisher = Publisher::join(ring)?;
            /// let mut packets = &b"a packet"[..]; // such as a socket
            /// let mut claim = publisher.claim();
            /// let received = std::io::Read::read(&mut packets, claim.spare_mut())?;
            /// claim.advance(received);
            /// claim.publish(1)?;
            /// assert_eq!(&*store.recv()?, b"a packet");
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            #[inline]
            pub fn spare_mut(&mut self) -> &mut [u8] {
                &mut self.claim.plain_behind(&self.draft)[self.draft.len()..]
            }

            /// Counts the first `count` bytes of what [`spare_mut`](Self::spare_mut) returned as written.
            ///
            /// # Panics
            ///
            /// If `count` exceeds what [remains](Self::remaining) of the slot.
            #[inline]
            pub fn advance(&mut self, count: usize) {
                let remaining = self.remaining();
                assert!(count <= remaining, "{count} bytes were written where {remaining} remain of the slot");
                self.draft.advance::<S>(self.claim.plain(), count);
            }
        }

        #[cfg(not(any(loom, shuttle)))]
        impl<S: TypedSlot, R: RingRef<Mode = $mode, Slot = Lossless<S>>> $claim<'_, R> {
            /// Returns the slot's value, to be made in place; it holds any, such as that of an earlier event.
            #[inline]
            pub fn value_mut(&mut self) -> &mut S::Value {
                bytemuck::from_bytes_mut(self.claim.plain())
            }
        }

        /// Appends as many of the bytes as fit the slot.
        #[cfg(feature = "std")]
        impl<S: BytesSlot, R: RingRef<Mode = $mode, Slot = S>> std::io::Write for $claim<'_, R> {
            #[inline]
            fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
                let fitting = bytes.len().min(self.remaining());
                self.claim.append(&mut self.draft, &bytes[..fitting]);
                Ok(fitting)
            }

            fn flush(&mut self) -> std::io::Result<()> {
                Ok(())
            }
        }

        /// Appends the text; an error if it does not fit the slot.
        impl<S: BytesSlot, R: RingRef<Mode = $mode, Slot = S>> fmt::Write for $claim<'_, R> {
            #[inline]
            fn write_str(&mut self, text: &str) -> fmt::Result {
                self.append(text.as_bytes()).map_err(|_| fmt::Error)
            }
        }

        impl<R: RingRef<Mode = $mode>> fmt::Debug for $claim<'_, R> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($claim))
                    .field("sequence", &self.sequence())
                    .field("len", &self.draft.len())
                    .finish()
            }
        }

        impl<R: RingRef<Mode = $mode>> fmt::Debug for $batch<'_, R> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($batch)).field("remaining", &self.run.left()).finish()
            }
        }
    };
}

written_in_place!(Claim, ClaimBatch, Many);
written_in_place!(SoleClaim, SoleClaimBatch, Sole);

/// Publishes the claim's event, which is written.
#[inline]
fn committed<S: Slot>(claim: ring::Claim<'_, S>) -> Result<Sequence, Revoked> {
    let sequence = claim.sequence();
    claim.commit().map_err(|ring::GivenUp| Revoked { sequence })
}

impl<S: BytesSlot, R: RingRef<Mode = Many, Slot = S>> Claim<'_, R> {
    /// Publishes what was written, and returns its sequence. Lock-free.
    ///
    /// ```
    /// # use rusted_ring::{HeapRing, Publisher};
    /// let publisher = Publisher::join(HeapRing::<64>::new(1024))?;
    /// let sequence = loop {
    ///     let mut claim = publisher.claim();
    ///     claim.append(b"a stroke")?;
    ///     match claim.publish(1) {
    ///         Ok(sequence) => break sequence,
    ///         Err(revoked) => println!("{revoked}"), // it took too long: once more
    ///     }
    /// };
    /// assert_eq!(sequence.get(), 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Revoked`], if the claim was given up meanwhile; nothing of it is published then.
    #[inline]
    pub fn publish(mut self, event_type: u32) -> Result<Sequence, Revoked> {
        self.claim.finish(&self.draft, event_type);
        committed(self.claim)
    }
}

impl<S: BytesSlot, R: RingRef<Mode = Sole, Slot = S>> SoleClaim<'_, R> {
    /// Publishes what was written.
    #[inline]
    pub fn publish(mut self, event_type: u32) -> Sequence {
        self.claim.finish(&self.draft, event_type);
        self.claim.commit()
    }
}

impl<S: TypedSlot, R: RingRef<Mode = Many, Slot = S>> Claim<'_, R> {
    /// Publishes `value`, and returns its sequence. Lock-free.
    ///
    /// # Errors
    ///
    /// [`Revoked`], if the claim was given up meanwhile; nothing is published then.
    #[inline]
    pub fn send(mut self, value: &S::Value) -> Result<Sequence, Revoked> {
        self.claim.fill(bytes_of(value), 0);
        committed(self.claim)
    }
}

#[cfg(not(any(loom, shuttle)))]
impl<S: TypedSlot, R: RingRef<Mode = Many, Slot = Lossless<S>>> Claim<'_, R> {
    /// Publishes the value as it is in the slot, where [`value_mut`](Self::value_mut) made it, and returns its sequence. Lock-free.
    ///
    /// ```
    /// # use rusted_ring::{Consumer, HeapLosslessTypedRing, Publisher, Start};
    /// let ring = HeapLosslessTypedRing::<[f32; 1024]>::new(64);
    /// let mut mixer = Consumer::join(ring.clone(), Start::Newest)?;
    /// let publisher = Publisher::join(ring)?;
    /// let mut claim = publisher.claim();
    /// claim.value_mut().fill(0.5);
    /// claim.commit()?;
    /// assert_eq!(mixer.recv()?[1023], 0.5);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Revoked`], if the claim was given up meanwhile; nothing is published then.
    #[inline]
    pub fn commit(self) -> Result<Sequence, Revoked> {
        committed(self.claim)
    }
}

#[cfg(not(any(loom, shuttle)))]
impl<S: TypedSlot, R: RingRef<Mode = Sole, Slot = Lossless<S>>> SoleClaim<'_, R> {
    /// Publishes the value as it is in the slot, where [`value_mut`](Self::value_mut) made it.
    #[inline]
    pub fn commit(self) -> Sequence {
        self.claim.commit()
    }
}

impl<S: TypedSlot, R: RingRef<Mode = Sole, Slot = S>> SoleClaim<'_, R> {
    /// Publishes `value`.
    #[inline]
    pub fn send(mut self, value: &S::Value) -> Sequence {
        self.claim.fill(bytes_of(value), 0);
        self.claim.commit()
    }
}
