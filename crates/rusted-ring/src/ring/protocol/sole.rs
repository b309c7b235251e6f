//! One publisher: a claim is a store and a fence, and a store publishes; no read-modify-write but the gate's. A reader goes by the
//! publisher's cursor.

use bytemuck::bytes_of;

use crate::{
    Sequence, Tuning,
    foreign::FirstPanic,
    ring::{
        long::{pieces, slots_of},
        memory::{
            slot::{Slot, TypedSlot},
            slot_ref::{Draft, OwnedSlot},
            tag::{Head, Stampless},
        },
        mode::{Protocol, Seen, Sole},
        protocol::{
            lifecycle::{Membership, Refused},
            many::NoRoom,
        },
        storage::{RingRef, ViewOf},
        view::{Place, RingView},
    },
    stamp::Standing,
    sync::{Acquire, Relaxed, Release, fence},
};

/// The one right to publish to a ring of mode [`Sole`]: it claims the sequences in order.
#[derive(Debug)]
pub(crate) struct SoleSequencer<R: RingRef<Mode = Sole>> {
    membership: Membership<R>,
    /// # Invariant: the next sequence to be published, which the cursor shows.
    kept: u64,
    /// A limit of the gate once granted; grants are never taken back.
    limit: u64,
    /// How far this sequencer has raised the gate's horizon.
    asked: u64,
    /// # Invariant: as the type says.
    stretch: Stretch,
    /// Whether the next sequence is taken from the cursor, where that may be.
    cursor_first: bool,
    fetch_ahead: bool,
    /// The sequence below which a publish fetches lines ahead, of slots of the same stretch; 0, if no Consumer reads the ring, for where only
    /// Subscribers do it costs more than it gains.
    fetches_below: u64,
}

/// Sequences that may be published without a look at anything else: they are below the limit and of one lap, and nothing beyond was announced.
#[derive(Debug, Default)]
struct Stretch {
    /// The sequence whose slot is the ring's first, in the lap of these.
    origin: u64,
    /// They end before this one.
    end: u64,
}

impl<R: RingRef<Mode = Sole>> SoleSequencer<R> {
    pub(crate) fn join(ring: R) -> Result<Self, Refused> {
        // The count admits one publisher at a time, and entering acquires what the one before it left.
        let membership = Membership::enter(ring)?;
        // Whatever another process left there, it is a number from which nothing overflows.
        let kept = membership.ring().view().header().cursor.0.load(Relaxed).min(Sequence::LAST.get() + 1);
        #[cfg(any(loom, shuttle))]
        crate::tuning::modelled::is_asked();
        let Tuning { cursor_first, fetch_ahead, .. } = Tuning::of_this_machine();
        let stretch = Stretch::default();
        let mut joined = SoleSequencer {
            membership,
            kept,
            limit: 0,
            asked: 0,
            stretch,
            cursor_first,
            fetch_ahead,
            fetches_below: 0,
        };
        joined.end_skip();
        Ok(joined)
    }

    /// Ends a skip of more than a lap in which the publisher before it was killed: no Subscriber sees what is published below the sequence that was
    /// announced, and no Consumer that has joined since begins more than a lap before it. No other announcement goes so far.
    fn end_skip(&mut self) {
        let announced = self.view().header().intent.0.load(Relaxed).min(Sequence::LAST.get());
        if R::Slot::HAS_LENGTH && announced > self.sequence() + self.view().lap() {
            let mut panics = FirstPanic::default();
            // It was announced once it was granted; a Consumer that is in the way nevertheless was put there by who writes what he should not.
            let _ = self.skip_all_to(announced, &mut panics);
            panics.pass_on();
        }
    }

    /// Goes by `tuning` from here on.
    pub(crate) fn tune(&mut self, tuning: Tuning) {
        self.cursor_first = tuning.cursor_first;
        self.fetch_ahead = tuning.fetch_ahead;
        self.fetches_below = 0;
    }

    #[inline]
    pub(crate) fn ring(&self) -> &R {
        self.membership.ring()
    }

    /// Publishes one event; `data` must fit the slot. Wait-free.
    #[inline(always)]
    pub(crate) fn publish(&mut self, data: &[u8], event_type: u32) -> Result<Sequence, NoRoom> {
        let next = self.enter_next()?;
        // SAFETY: just entered.
        unsafe { self.slot(next) }.fill(data, event_type);
        Ok(self.show_entered(next))
    }

    /// Publishes one event of `len` bytes that `write` makes in its slot. If that panics, nothing is published.
    #[cfg(not(any(loom, shuttle)))]
    #[inline(always)]
    pub(crate) fn publish_with(
        &mut self,
        len: usize,
        event_type: u32,
        write: impl FnOnce(&mut [u8]),
    ) -> Result<Sequence, NoRoom> {
        let next = self.enter_next()?;
        // SAFETY: just entered.
        let mut slot = unsafe { self.slot(next) };
        // SAFETY: the slot is lent to `write`, which reaches it by the result alone.
        write(&mut unsafe { slot.plain() }[..len]);
        slot.head(len, event_type);
        Ok(self.show_entered(next))
    }

    /// Announces the next sequence, and returns its place: the stretch has it below the limit, or `begin_stretch` saw it there.
    // Not a method that is given a closure: the compiler made a call of that, with all of an event's arguments in memory.
    #[inline(always)]
    fn enter_next(&mut self) -> Result<Place, NoRoom> {
        let s = self.sequence();
        if s >= self.stretch.end {
            return self.begin_stretch();
        }
        self.announce_all(s + 1);
        Ok(Place { sequence: s, index: (s - self.stretch.origin) as usize })
    }

    /// Publishes the event in the slot that was entered.
    #[inline(always)]
    fn show_entered(&mut self, entered: Place) -> Sequence {
        self.show(entered.sequence + 1);
        if entered.sequence < self.fetches_below {
            self.view().fetch_to_write(entered);
        }
        Sequence::new(entered.sequence)
    }

    /// Announces the next sequence, if it may be published, finds out how many after it may be, and returns its place.
    #[cold]
    fn begin_stretch(&mut self) -> Result<Place, NoRoom> {
        self.reserve(1)?;
        let next = self.next_place();
        self.announce(next.sequence + 1);
        // Behind a run that was given up each announcement looks first: none may be taken back.
        if !R::Slot::HAS_SUBSCRIBERS || self.view().header().intent.0.load(Relaxed) == next.sequence + 1 {
            let origin = next.sequence - next.index as u64;
            self.stretch = Stretch { origin, end: self.limit.min(origin + self.view().lap()) };
            self.fetches_below = match ViewOf::<'_, R>::WRITTEN {
                Some(ahead) if self.fetch_ahead && self.view().is_gated() => self.stretch.end.saturating_sub(ahead),
                _ => 0,
            };
        }
        Ok(next)
    }

    /// Claims the next sequence. Wait-free.
    #[inline]
    pub(crate) fn claim(&mut self) -> Result<SoleClaim<'_, R>, NoRoom> {
        self.reserve(1)?;
        self.announce(self.sequence() + 1);
        Ok(SoleClaim { sequencer: self })
    }

    /// Claims as many of the next `most` sequences as there is room for, at most a quarter of the ring. Wait-free.
    #[inline]
    pub(crate) fn claim_run(&mut self, most: u64) -> Result<SoleRun<'_, R>, NoRoom> {
        let left = self.reserve(most.min(self.view().longest_run()))?;
        self.stretch.end = 0;
        self.announce(self.sequence() + left);
        Ok(SoleRun { sequencer: self, left })
    }

    /// Publishes as many of `events` as there is room for, behind one fence and one move of the cursor, and returns how many. There is
    /// at least one event, and each, as `as_event` shows it, fits the slot. No event is made that does not go out. Wait-free.
    #[inline]
    pub(crate) fn publish_some<E>(
        &mut self,
        events: impl ExactSizeIterator<Item = E>,
        as_event: impl Fn(&E) -> (&[u8], u32),
        panics: &mut FirstPanic,
    ) -> Result<usize, NoRoom> {
        self.publish_each(
            events,
            |slot, event| {
                let (data, event_type) = as_event(&event);
                slot.fill(data, event_type);
            },
            panics,
        )
    }

    /// Publishes up to `most` values, at least one, that `write` makes in their slots, as [`publish_some`](Self::publish_some) does.
    #[cfg(not(any(loom, shuttle)))]
    #[inline]
    pub(crate) fn publish_some_with(
        &mut self,
        most: usize,
        mut write: impl FnMut(&mut [u8]),
        panics: &mut FirstPanic,
    ) -> Result<usize, NoRoom> {
        self.publish_each(
            0..most,
            |slot, _| {
                // SAFETY: the slot is lent to this closure, which reaches it by the result alone.
                write(unsafe { slot.plain() });
                slot.head(R::Slot::LEN, 0);
            },
            panics,
        )
    }

    /// Publishes as many of `events` as there is room for, each as `write` makes it in its slot.
    #[inline(always)]
    fn publish_each<E>(
        &mut self,
        events: impl ExactSizeIterator<Item = E>,
        mut write: impl FnMut(&mut SoleSlot<'_, R>, E),
        panics: &mut FirstPanic,
    ) -> Result<usize, NoRoom> {
        let SoleRun { sequencer, left } = self.claim_run(events.len() as u64)?;
        let first = sequencer.next_place();
        let mut place = first;
        for event in events.take(left as usize) {
            // SAFETY: one of the sequences just claimed.
            write(&mut unsafe { sequencer.slot(place) }, event);
            place = sequencer.view().after(place);
        }
        sequencer.show_by(place.sequence, panics);
        Ok((place.sequence - first.sequence) as usize)
    }

    /// Publishes one event that takes several slots: behind those left before the ring's end, if it would go round that. Wait-free.
    pub(crate) fn publish_long(
        &mut self,
        data: &[u8],
        event_type: u32,
        panics: &mut FirstPanic,
    ) -> Result<Sequence, NoRoom> {
        let padding = self.reserve_long(slots_of::<R::Slot>(data.len()))?;
        // They are shown by themselves, so that no more is entered at a time than a run may have.
        self.publish_pieces(core::iter::repeat_n((Head::NO_EVENT, &[][..]), padding as usize), panics);
        Ok(self.publish_pieces(pieces::<R::Slot>(data, event_type), panics))
    }

    /// Reserves room for an event of `slots` slots, which are more than one, and for those to be left before the ring's end. Returns how many
    /// are to be left.
    pub(crate) fn reserve_long(&mut self, slots: u64) -> Result<u64, NoRoom> {
        let padding = self.view().padding(self.next_place(), slots);
        let last = self.sequence() + padding + slots - 1;
        if last > Sequence::LAST.get() {
            return Err(NoRoom { next: last });
        }
        if self.reserve(padding + slots)? == padding + slots { Ok(padding) } else { Err(NoRoom { next: last }) }
    }

    /// Makes holes of the sequences from the next one to `end`, which has no effect if the next is there: of all of them, or of as many as
    /// there is room for now, if that is not enough. Takes a step for each slot of the ring at most, unless Consumers read it. Wait-free.
    pub(crate) fn skip_to(&mut self, end: u64, panics: &mut FirstPanic) -> Result<(), NoRoom> {
        const {
            assert!(
                R::Slot::HAS_LENGTH,
                "a slot of a value has no room for the mark of a hole: skip on a ring of bytes"
            )
        };
        if end > Sequence::LAST.get() {
            return Err(NoRoom { next: end });
        }
        self.skip_all_to(end, panics)
    }

    /// As [`skip_to`](Self::skip_to), up to the last sequence, on slots that have room for the mark.
    fn skip_all_to(&mut self, end: u64, panics: &mut FirstPanic) -> Result<(), NoRoom> {
        while self.sequence() < end {
            self.reserve_to(end)?;
            self.skip_reserved(end.min(self.limit), panics);
        }
        Ok(())
    }

    /// Raises the limit beyond the next sequence, and up to `end` if no Consumer is in the way.
    fn reserve_to(&mut self, end: u64) -> Result<(), NoRoom> {
        let view = self.membership.ring().view();
        if end > self.limit && !view.is_gated() {
            // A grant beyond an eighth of the ring costs those that join meanwhile what lies before: holes, once all is skipped.
            view.raise_horizon(end);
            self.asked = self.asked.max(end);
            let granted = view.room(None, end);
            if granted > self.limit {
                self.limit = view.raise_limit(granted).min(Sequence::LAST.get() + 1);
            }
        }
        self.reserve(self.view().lap().min(end - self.sequence())).map(drop)
    }

    /// Makes holes of the sequences from the next one to `end`, which are reserved. Slots are marked for the last lap alone: those of
    /// earlier ones are overwritten by it.
    fn skip_reserved(&mut self, end: u64, panics: &mut FirstPanic) {
        let first = self.sequence().max(end.saturating_sub(self.view().lap()));
        self.stretch.end = 0;
        // Before CURSOR: a reader that acquires a sequence below `end` sees that it may have been skipped.
        self.view().header().gate.0.skipped.store(end, Relaxed);
        self.announce(end);
        let mut place = self.view().place(first);
        while place.sequence < end {
            // SAFETY: one of the sequences that are reserved, and that were just announced.
            unsafe { self.slot(place) }.fill_under(Head::NO_EVENT, &[]);
            place = self.view().after(place);
        }
        self.show_by(end, panics);
    }

    /// Fills the next slots, which are reserved, each with a head and a piece of payload, publishes them at once, and returns the first
    /// sequence.
    fn publish_pieces<'e>(
        &mut self,
        pieces: impl Iterator<Item = (Head, &'e [u8])> + Clone,
        panics: &mut FirstPanic,
    ) -> Sequence {
        let first = self.next_place();
        let end = first.sequence + pieces.clone().count() as u64;
        if end > first.sequence {
            self.stretch.end = 0;
            self.announce(end);
            for (by, (head, piece)) in (0..).zip(pieces) {
                // SAFETY: one of the sequences that are reserved, and that were just announced.
                unsafe { self.slot(self.view().beyond(first, by)) }.fill_under(head, piece);
            }
            self.show_by(end, panics);
        }
        Sequence::new(first.sequence)
    }

    /// Raises the limit beyond the next sequence, if it is not, and returns how many of the next `wanted` sequences are below it.
    #[inline]
    pub(crate) fn reserve(&mut self, wanted: u64) -> Result<u64, NoRoom> {
        let s = self.sequence();
        if wanted > 0 && s + wanted > self.limit {
            self.grant(wanted)?;
        }
        Ok(wanted.min(self.limit.saturating_sub(s)))
    }

    /// Raises the limit for `wanted` events, or for fewer, but at least one.
    #[cold]
    fn grant(&mut self, wanted: u64) -> Result<(), NoRoom> {
        let s = self.sequence();
        if s > Sequence::LAST.get() {
            return Err(NoRoom { next: s });
        }
        let view = self.membership.ring().view();
        while self.limit < s + wanted {
            // A grant at a time: what is announced in vain is lost to those that join at the oldest event.
            let asked = view.reach(self.limit.max(s));
            if asked > self.asked {
                view.raise_horizon(asked);
                self.asked = asked;
            }
            // A Consumer that still holds what is granted by now ends the scan: this is asked again and again while the ring is full.
            let granted = view.room(self.limit.checked_sub(view.lap()), asked);
            if granted > self.limit {
                // What another process left there may be anything.
                self.limit = view.raise_limit(granted).min(Sequence::LAST.get() + 1);
            }
            if granted < asked || asked > Sequence::LAST.get() {
                break;
            }
        }
        if s < self.limit { Ok(()) } else { Err(NoRoom { next: s }) }
    }

    #[inline]
    fn next_place(&self) -> Place {
        self.view().place(self.sequence())
    }

    /// Whether the next sequence is loaded from the cursor. Where the tuning says so, it is, for slots of one line to a few; and in models,
    /// whose slots are small, for all.
    ///
    /// A load of the cursor gets its line back from the readers that poll it, before the event is written instead of after. A smaller
    /// event is written before the line has come, and during a larger one the line is lost again (docs/adr/0013). Never
    /// from a cursor that another process may write, for a stretch is entered without a check of the index (M).
    #[inline(always)]
    fn is_from_cursor(&self) -> bool {
        let may_be =
            const { !R::SHARED && (cfg!(any(loom, shuttle)) || 64 <= R::Slot::STRIDE && R::Slot::STRIDE < 1024) };
        may_be && self.cursor_first
    }

    /// The next sequence to be published, which the cursor shows.
    #[inline]
    fn sequence(&self) -> u64 {
        if self.is_from_cursor() { self.view().header().cursor.0.load(Relaxed) } else { self.kept }
    }

    /// Tells readers that copy events, if the ring may have any, that the slots of all sequences below `end` are being entered.
    ///
    /// The intent never shrinks: what a claim wrote that was given up stays suspect.
    #[inline]
    fn announce(&self, end: u64) {
        if R::Slot::HAS_SUBSCRIBERS {
            let announced = self.view().header().intent.0.load(Relaxed);
            self.announce_all(end.max(announced));
        }
    }

    /// As [`announce`](Self::announce), where nothing beyond `end` was announced.
    #[inline]
    fn announce_all(&self, end: u64) {
        if R::Slot::HAS_SUBSCRIBERS {
            self.view().header().intent.0.store(end, Relaxed);
            // CLAIM-FENCE: with COPY-VALIDATE: a reader that loads a word of ours sees the slot entered.
            fence(Release);
        }
    }

    /// Publishes the events below `end`, which are written.
    #[inline]
    fn show(&mut self, end: u64) {
        self.move_cursor(end);
        // Last: a waker may panic.
        self.view().header().readers().notify();
    }

    /// As [`show`](Self::show), where more is to be done before a waker's panic is passed on.
    #[inline]
    fn show_by(&mut self, end: u64, panics: &mut FirstPanic) {
        self.move_cursor(end);
        self.view().header().readers().notify_by(panics);
    }

    #[inline]
    fn move_cursor(&mut self, end: u64) {
        // CURSOR: Release, with CURSOR-SEEN: a reader that sees the cursor beyond an event sees its head and payload.
        self.view().header().cursor.0.store(end, Release);
        self.kept = end;
    }

    #[inline]
    fn view(&self) -> ViewOf<'_, R> {
        self.membership.ring().view()
    }

    /// The slot at `place`, to be filled.
    ///
    /// # Safety
    ///
    /// Its sequence is this sequencer's to publish next, or after others of the same run, below the limit, and announced, where the ring may have Subscribers; it is a place
    /// of this ring.
    #[inline]
    unsafe fn slot(&self, place: Place) -> SoleSlot<'_, R> {
        // SAFETY: by the caller's promise.
        let slot = unsafe { self.view().slot_at(place) };
        // SAFETY: invariant O, because this sequencer is the ring's only publisher and has not published the sequence; invariant G, by
        // the caller's promise.
        unsafe { OwnedSlot::new(slot) }
    }
}

impl<S: TypedSlot, R: RingRef<Mode = Sole, Slot = S>> SoleSequencer<R> {
    /// Publishes as many of `values`, of which there is at least one, as there is room for, and returns how many. Without notes between
    /// the slots they are copied in one piece or two. Wait-free.
    #[inline]
    pub(crate) fn publish_values(&mut self, values: &[S::Value], panics: &mut FirstPanic) -> Result<usize, NoRoom> {
        if R::Slot::LEN != R::Slot::STRIDE {
            return self.publish_some(values.iter(), |value| (bytes_of(*value), 0), panics);
        }
        let SoleRun { sequencer, left } = self.claim_run(values.len() as u64)?;
        let first = sequencer.next_place();
        // SAFETY: O, because the sequencer is the ring's only publisher and has not published these sequences; G, as they were just
        // claimed; and a value is a slot's whole payload, as just seen.
        unsafe { sequencer.view().store_run(first, bytemuck::cast_slice(&values[..left as usize])) };
        sequencer.show_by(first.sequence + left, panics);
        Ok(left as usize)
    }
}

impl Protocol for Sole {
    #[inline]
    fn standing<S: Slot>(view: RingView<'_, S, Sole>, place: Place, seen: &mut Seen) -> Standing {
        if !seen.covers(place) {
            // CURSOR-SEEN: Acquire, with CURSOR.
            *seen = Seen::below(view.header().cursor.0.load(Acquire));
        }
        if seen.covers(place) { Standing::Done } else { Standing::Behind }
    }

    /// The limit is looked at first: it moves an eighth of the ring at a time, while the publisher's line moves at each event.
    #[inline]
    fn standing_still<S: Slot>(view: RingView<'_, S, Sole>, place: Place) -> Standing {
        let next_lap = place.sequence + view.lap();
        if next_lap >= view.granted() {
            return Standing::Done;
        }
        match view.header().intent.0.load(Relaxed) {
            entered if next_lap >= entered => Standing::Done,
            entered => Standing::Ahead(entered - 1),
        }
    }

    /// As many as the last look at the cursor showed.
    #[inline]
    fn published_from<S: Slot>(view: RingView<'_, S, Sole>, first: Place, seen: &mut Seen, most: u64) -> u64 {
        (seen.end() - first.sequence).min(view.lap()).min(most)
    }

    fn claimed<S: Slot>(view: RingView<'_, S, Sole>, at_least: u64) -> u64 {
        view.header().cursor.0.load(Relaxed).min(Sequence::LAST.get() + 1).max(at_least)
    }

    /// What is published is dense, so nothing is ever pending.
    fn is_passed<S: Slot>(_view: RingView<'_, S, Sole>, _place: Place) -> bool {
        false
    }

    fn revoke<S: Slot>(_view: RingView<'_, S, Sole>, _place: Place) -> bool {
        false
    }

    fn is_stuck<S: Slot>(_view: RingView<'_, S, Sole>, _place: Place) -> bool {
        false
    }

    /// What is not published was never claimed.
    fn is_held<S: Slot>(_view: RingView<'_, S, Sole>, _place: Place) -> bool {
        false
    }

    #[cfg(not(any(loom, shuttle)))]
    fn free_held<S: Slot>(_view: RingView<'_, S, Sole>) -> u64 {
        0
    }

    #[cfg(all(test, feature = "std", not(any(loom, shuttle))))]
    fn forget_before<S: Slot>(_view: RingView<'_, S, Sole>, _first: u64) {}
}

type SoleSlot<'a, R> = OwnedSlot<'a, <R as RingRef>::Slot, Stampless>;

/// A claimed slot. Dropped or forgotten, it never was: the next claim takes the same sequence.
pub(crate) struct SoleClaim<'a, R: RingRef<Mode = Sole>> {
    /// # Invariant: its next sequence is below the limit, and announced, where the ring may have Subscribers.
    sequencer: &'a mut SoleSequencer<R>,
}

impl<R: RingRef<Mode = Sole>> SoleClaim<'_, R> {
    #[inline]
    pub(crate) fn sequence(&self) -> Sequence {
        Sequence::new(self.sequencer.sequence())
    }

    /// Writes the whole event; `data` must fit the slot.
    #[inline(always)]
    pub(crate) fn fill(&mut self, data: &[u8], event_type: u32) {
        self.slot().fill(data, event_type);
    }

    /// Writes `bytes` behind those of `draft`, which is kept of this claim; both must fit the slot.
    #[inline]
    pub(crate) fn append(&mut self, draft: &mut Draft, bytes: &[u8]) {
        self.slot().append(draft, bytes);
    }

    /// The slot's event as plain memory, to be made there.
    #[cfg(not(any(loom, shuttle)))]
    #[inline(always)]
    pub(crate) fn plain(&mut self) -> &mut [u8] {
        // SAFETY: the slot is this claim's, which the result borrows.
        unsafe { self.slot().plain() }
    }

    /// The event as plain memory, where what `draft` is kept of is in its place.
    #[cfg(not(any(loom, shuttle)))]
    pub(crate) fn plain_behind(&mut self, draft: &Draft) -> &mut [u8] {
        self.slot().flush(draft);
        self.plain()
    }

    /// Completes the event of `draft`.
    #[inline]
    pub(crate) fn finish(&mut self, draft: &Draft, event_type: u32) {
        self.slot().finish(draft, event_type);
    }

    /// Publishes the event.
    #[inline]
    pub(crate) fn commit(self) -> Sequence {
        let sequence = self.sequence();
        self.sequencer.show(sequence.get() + 1);
        sequence
    }

    #[inline]
    fn slot(&mut self) -> SoleSlot<'_, R> {
        // SAFETY: the field's invariant.
        unsafe { self.sequencer.slot(self.sequencer.next_place()) }
    }
}

/// Claimed slots, one after the other. Those that are not published never were.
pub(crate) struct SoleRun<'a, R: RingRef<Mode = Sole>> {
    /// # Invariant: `left` sequences from its next on are claimed, each as a [`SoleClaim`]'s is.
    sequencer: &'a mut SoleSequencer<R>,
    left: u64,
}

impl<R: RingRef<Mode = Sole>> SoleRun<'_, R> {
    /// Claims not taken out.
    pub(crate) fn left(&self) -> usize {
        self.left as usize
    }

    /// The next of them: the same again, if the one before was not published.
    #[inline]
    pub(crate) fn next(&mut self) -> Option<SoleClaim<'_, R>> {
        self.left = self.left.checked_sub(1)?;
        Some(SoleClaim { sequencer: self.sequencer })
    }
}
