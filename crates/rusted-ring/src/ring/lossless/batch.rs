//! All the events that are ready, lent to a Consumer in place.

use core::{
    fmt,
    iter::FusedIterator,
    marker::PhantomData,
    ops::{Deref, Range},
};

#[cfg(not(any(loom, shuttle)))]
use crate::ring::memory::slot::Whole;
#[cfg(all(feature = "std", not(any(loom, shuttle))))]
use crate::ring::{Nothing, long::slots_of, mode::Seen};
#[cfg(not(any(loom, shuttle)))]
use crate::sync::{AtomicU64, Relaxed};
use crate::{
    Sequence,
    ring::{
        lossless::{Found, GatingPosition},
        memory::{slot::Slot, slot_ref::Lent},
        mode::Mode,
        storage::RingRef,
        view::{Place, RingView},
    },
};

/// A run of events without a gap, lent in place; it ends before the first sequence that carries no event.
///
/// Dropped, in a panic too, it releases all of them to the publishers at once. Forgotten, they are counted as received and
/// released at the Consumer's next call to receive, or when the Consumer is dropped; they are never lent twice.
#[must_use = "a batch that is dropped has received its events, and released them"]
pub struct Batch<'a, R: RingRef> {
    position: &'a mut GatingPosition<R>,
    first: Place,
    /// # Invariant: `DONE` of this many sequences from `first` on was acquired, and the position counts them as lent.
    len: u64,
    /// The slots of each of them: one, unless it is a single long event.
    slots: u64,
    /// # Invariant: what this batch has lent are slots of sequences below. The lines of those from here on are still to be taken, to
    /// be written; of none, if others want these events too.
    #[cfg(not(any(loom, shuttle)))]
    taken: AtomicU64,
}

/// One event of a [`Batch`]: its bytes or its value, its type, its number.
pub struct BatchEvent<'b, S: Slot> {
    lent: Lent<'b>,
    #[cfg(not(any(loom, shuttle)))]
    notes: &'b S::Notes,
    slot: PhantomData<S>,
    sequence: Sequence,
    event_type: u32,
}

impl<R: RingRef> GatingPosition<R> {
    /// Lends the event that a look found at the position, and those that follow it without a gap, up to `most`.
    ///
    /// # Panics
    ///
    /// If the position has moved since.
    pub(crate) fn lend_all(&mut self, found: Found, most: u64) -> Batch<'_, R> {
        const {
            assert!(
                R::LENDS,
                "events of a ring that untrusted processes may write are not lent but copied: see `Consumer::copy`"
            );
        }
        assert!(
            self.seen.covers(self.next) && self.next.sequence < found.until,
            "events are lent once the first was found"
        );
        let first = self.next;
        let view = self.entry.ring().view();
        let len = view.published_from(first, &mut self.seen, most.max(1).min(found.until - first.sequence));
        let slots = view.slots_at(first);
        self.lend_to(len * slots, slots);
        Batch {
            #[cfg(not(any(loom, shuttle)))]
            taken: AtomicU64::new(if slots == 1 && self.owning.batches && self.is_last(len) {
                first.sequence
            } else {
                u64::MAX
            }),
            position: self,
            first,
            len,
            slots,
        }
    }
}

#[cfg(feature = "std")]
impl<R: RingRef> GatingPosition<R> {
    /// Returns how many sequences there are in the events that lie without a gap from the one found at the position, up to `most` events.
    ///
    /// # Panics
    ///
    /// If the position has moved since.
    pub(crate) fn ready(&mut self, found: Found, most: u64) -> u64 {
        self.lend_all(found, most).give_back()
    }

    /// Returns whether there are `most` sequences in the events that lie without a gap from the one found at the position, or as many as there will ever be.
    ///
    /// # Panics
    ///
    /// If the position has moved since.
    #[cfg(not(any(loom, shuttle)))]
    pub(crate) fn has_whole(&mut self, found: Found, most: u64) -> bool {
        let ready = self.ready(found, most);
        let view = self.ring().view();
        // First: what is published before the ring closes is seen below.
        let is_closed = view.is_closed();
        let is_alone = R::Slot::HAS_LONG && view.slots_at(self.next) > 1;
        ready >= most
            || is_alone
            || match view.look(view.beyond(self.next, ready), &mut Seen::default()) {
                // It waits for those who come before, or was published just now; unless it is a long event, which is alone.
                Ok(head) => R::Slot::HAS_LONG && slots_of::<R::Slot>(head.len as usize) > 1,
                Err(Nothing::Empty | Nothing::Pending) => is_closed,
                Err(Nothing::Barred | Nothing::Hole | Nothing::Lapped(_)) => true,
            }
    }
}

impl<R: RingRef> Batch<'_, R> {
    /// Returns how many events it has, at least one.
    #[expect(clippy::len_without_is_empty, reason = "a batch is never empty")]
    pub fn len(&self) -> usize {
        self.len as usize
    }

    /// Returns the number of its first event. The others follow without a gap.
    pub fn first(&self) -> Sequence {
        Sequence::new(self.first.sequence)
    }

    /// Returns the sequence behind its last.
    #[cfg(all(feature = "std", not(any(loom, shuttle))))]
    pub(crate) fn end(&self) -> Sequence {
        Sequence::new(self.first.sequence + self.sequences())
    }

    /// Returns its events, in order.
    #[inline]
    pub fn iter(&self) -> BatchIter<'_, R> {
        BatchIter { left: 0..self.len(), batch: self }
    }

    /// Its events from `index` on, up to the ring's end and to a piece's length at most: there the next call goes on. Without a
    /// wrap they are walked in two thirds of the time.
    #[inline]
    pub(crate) fn piece(&self, index: usize) -> impl Iterator<Item = BatchEvent<'_, R::Slot>> {
        let view = self.position.ring().view();
        let index = (index as u64).min(self.len);
        let from = view.beyond(self.first, index);
        let end = self.piece_from(index, from);
        if end > 0 {
            // SAFETY: as for each of them below.
            unsafe { self.own_lines(from, end) };
        }
        (0..end).map(move |by| {
            // SAFETY: as in `event`, for a place that is below the length, and before the ring's end.
            unsafe { lent_at(view, Place { sequence: from.sequence + by, index: from.index + by as usize }) }
        })
    }

    /// Slots in a piece at most: what stays in the nearest cache from when its lines are taken until it is read.
    const PIECE: u64 = if R::Slot::STRIDE < 4096 { 4096 / R::Slot::STRIDE as u64 } else { 1 };

    /// How many events there are from `index` on, which is `place`, up to the ring's end and to a piece's length at most.
    #[inline]
    fn piece_from(&self, index: u64, place: Place) -> u64 {
        (self.len - index).min(self.position.ring().view().lap() - place.index as u64).min(Self::PIECE)
    }

    /// Whether the lines of the event at `place` are still to be taken.
    #[cfg(not(any(loom, shuttle)))]
    #[inline]
    fn is_untaken(&self, place: Place) -> bool {
        place.sequence >= self.taken.load(Relaxed)
    }

    /// None are, in models.
    #[cfg(any(loom, shuttle))]
    fn is_untaken(&self, _place: Place) -> bool {
        false
    }

    /// Takes the lines of those of `count` events from `first` on that are still to be taken, before they are lent.
    ///
    /// # Safety
    ///
    /// They are of this batch, before the ring's end, and one at least.
    #[cfg(not(any(loom, shuttle)))]
    #[inline]
    unsafe fn own_lines(&self, first: Place, count: u64) {
        let (taken, end) = (self.taken.load(Relaxed), first.sequence + count);
        if end <= taken {
            return;
        }
        self.taken.store(end, Relaxed);
        let view = self.position.ring().view();
        let lent = taken.saturating_sub(first.sequence);
        // SAFETY: the caller's promise; invariant G, as in `event`.
        let slot = unsafe { view.slot_at(view.beyond(first, lent)) };
        // SAFETY: as above; and the field's invariant.
        unsafe { slot.payload.own_lines((count - lent) as usize) };
    }

    /// Nothing, in models.
    #[cfg(any(loom, shuttle))]
    unsafe fn own_lines(&self, _first: Place, _count: u64) {}

    /// Releases the first `count` of its events, which are no longer of it: to the publishers, and to Consumers that come after.
    ///
    /// At least one stays; without effect, where `count` is 0.
    ///
    /// ```
    /// # use rusted_ring::{Consumer, HeapTypedRing, Publisher, Start};
    /// let ring = HeapTypedRing::<u64>::new(4);
    /// let mut store = Consumer::join(ring.clone(), Start::Newest)?;
    /// let publisher = Publisher::join(ring)?;
    /// publisher.send_batch(&[1, 2, 3, 4]);
    /// let mut batch = store.batch()?;
    /// assert!(publisher.try_send(&5).is_err(), "the ring is full");
    /// batch.release(2);
    /// assert!(publisher.try_send(&5).is_ok());
    /// assert_eq!(*batch.iter().next().unwrap(), 3);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn release(&mut self, count: usize) {
        self.leave(count.min(self.len().saturating_sub(1)));
    }

    /// Releases the first `count` of its events, which may be all of them.
    pub(crate) fn leave(&mut self, count: usize) {
        let count = (count as u64).min(self.len);
        // Its own state first: a waker may panic.
        self.first = self.position.ring().view().beyond(self.first, count * self.slots_each());
        self.len -= count;
        self.position.pass_to(self.first.sequence);
    }

    /// How many sequences were claimed from its first event on. May grow at once.
    #[cfg(all(feature = "std", not(any(loom, shuttle))))]
    pub(crate) fn lag(&self) -> u64 {
        self.position.ring().view().claimed(self.first.sequence) - self.first.sequence
    }

    /// Gives back all but the first `count` of its events, to be lent again.
    #[cfg(feature = "std")]
    pub(crate) fn keep(&mut self, count: usize) {
        self.len = self.len.min(count as u64);
        self.position.lent_to = self.first.sequence + self.sequences();
        if self.len == 0 {
            self.position.further = 0;
        }
    }

    /// Gives back all of them, to be lent again, and returns how many sequences they have.
    #[cfg(feature = "std")]
    fn give_back(mut self) -> u64 {
        let sequences = self.sequences();
        self.keep(0);
        sequences
    }

    /// The slots of each of its events.
    #[inline]
    fn slots_each(&self) -> u64 {
        if R::Slot::HAS_LONG { self.slots } else { 1 }
    }

    /// How many sequences its events have.
    #[inline]
    fn sequences(&self) -> u64 {
        self.len * self.slots_each()
    }

    /// Its event of this index.
    ///
    /// # Panics
    ///
    /// If it has no such event.
    #[inline]
    pub(crate) fn event(&self, index: usize) -> BatchEvent<'_, R::Slot> {
        assert!(index < self.len(), "a batch of {} events has none of index {index}", self.len);
        let view = self.position.ring().view();
        let place = view.beyond(self.first, index as u64);
        if self.is_untaken(place) {
            // The others are asked for next, as a rule.
            let count = self.piece_from(index as u64, place);
            // SAFETY: of this batch, as just checked, and up to the ring's end.
            unsafe { self.own_lines(place, count) };
        }
        // SAFETY: invariant G: the slot is at or beyond the position at the gate, which moves only through the `GatingPosition` that
        // this batch borrows mutably, and the result borrows the batch; `DONE` of it was acquired, by the field's invariant, because
        // its index is below the length.
        unsafe { lent_at(view, place) }
    }

    /// Returns the slots of its events as they lie in the ring, whole: one piece, or two where the ring ends.
    ///
    /// A slot of a typed ring is its value. On a ring of bytes, a slot's bytes past its event's own length are left over
    /// from earlier events.
    #[cfg(not(any(loom, shuttle)))]
    pub fn slots(&self) -> [&[<R::Slot as Whole>::Cell]; 2]
    where
        R::Slot: Whole,
    {
        let view = self.position.ring().view();
        let slots = self.sequences();
        let before_the_end = slots.min(view.lap() - self.first.index as u64);
        let pieces = [(self.first, before_the_end), (view.beyond(self.first, before_the_end), slots - before_the_end)];
        pieces.map(|(place, slots)| {
            if slots > 0 {
                // SAFETY: they lie one after the other up to the ring's end.
                unsafe { self.own_lines(place, slots) };
            }
            // SAFETY: as in `event`, for each of the slots, which lie one after the other up to the ring's end.
            bytemuck::cast_slice(unsafe { view.payload_run(place, slots as usize * R::Slot::STRIDE) })
        })
    }
}

/// The event at `place`.
///
/// # Safety
///
/// It is a place of the ring, `DONE` of it was acquired, and its slot is held at the gate (G) for as long as the result lives.
#[inline]
unsafe fn lent_at<'b, S: Slot, M: Mode>(view: RingView<'b, S, M>, place: Place) -> BatchEvent<'b, S> {
    // SAFETY: the caller's promise.
    let slot = unsafe { view.slot_at(place) };
    let head = view.head_in(slot.tag, place);
    BatchEvent {
        // SAFETY: the caller's promise.
        lent: unsafe { view.lend(place, slot, head) },
        #[cfg(not(any(loom, shuttle)))]
        notes: slot.payload.notes(),
        slot: PhantomData,
        sequence: Sequence::new(place.sequence),
        event_type: head.event_type,
    }
}

impl<'b, R: RingRef> IntoIterator for &'b Batch<'_, R> {
    type Item = BatchEvent<'b, R::Slot>;
    type IntoIter = BatchIter<'b, R>;

    #[inline]
    fn into_iter(self) -> BatchIter<'b, R> {
        self.iter()
    }
}

/// The events of a [`Batch`], in order.
#[derive(Debug)]
pub struct BatchIter<'b, R: RingRef> {
    batch: &'b Batch<'b, R>,
    left: Range<usize>,
}

impl<'b, R: RingRef> Iterator for BatchIter<'b, R> {
    type Item = BatchEvent<'b, R::Slot>;

    #[inline]
    fn next(&mut self) -> Option<BatchEvent<'b, R::Slot>> {
        self.left.next().map(|index| self.batch.event(index))
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        self.left.size_hint()
    }
}

impl<R: RingRef> ExactSizeIterator for BatchIter<'_, R> {}
impl<R: RingRef> FusedIterator for BatchIter<'_, R> {}

impl<R: RingRef> Clone for BatchIter<'_, R> {
    fn clone(&self) -> Self {
        BatchIter { batch: self.batch, left: self.left.clone() }
    }
}

impl<R: RingRef> Drop for Batch<'_, R> {
    fn drop(&mut self) {
        self.position.pass_lent();
    }
}

impl<R: RingRef> fmt::Debug for Batch<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl<S: Slot> BatchEvent<'_, S> {
    /// Returns the event's number on the ring.
    pub fn sequence(&self) -> Sequence {
        self.sequence
    }

    /// Returns the event's type, whose meaning is its users'; 0 on a typed ring.
    pub fn event_type(&self) -> u32 {
        self.event_type
    }

    /// Returns the notes in the event's slot; nothing, on a ring that has none.
    ///
    /// Relaxed loads and stores are enough between stages: one that comes after another sees what that one noted.
    #[cfg(not(any(loom, shuttle)))]
    #[inline]
    pub fn notes(&self) -> &S::Notes {
        self.notes
    }
}

impl<S: Slot> Deref for BatchEvent<'_, S> {
    type Target = S::View;

    #[inline]
    fn deref(&self) -> &S::View {
        S::view(&self.lent)
    }
}

impl<S: Slot> fmt::Debug for BatchEvent<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BatchEvent")
            .field("sequence", &self.sequence)
            .field("event_type", &self.event_type)
            .field("data", &&*self.lent)
            .finish()
    }
}
