//! Many publishers: a claim is one compare-exchange on the slot, refused before anything is taken; a reader goes by the slot's stamp.

use core::mem::ManuallyDrop;

use crate::{
    Sequence,
    foreign::FirstPanic,
    ring::{
        header::Header,
        long::{pieces, slots_of},
        memory::{
            cache_line::CacheLine,
            slot::Slot,
            slot_ref::{Draft, OwnedSlot},
        },
        mode::{Many, Protocol, Seen, TagOf},
        view::{Place, RingView},
    },
    stamp::{AtomicStamp, Stamp, Standing},
    sync::{Acquire, Relaxed, Release, fence, spin_loop},
    wait::Notifier,
};

/// No sequence was claimed: a Consumer gates the next slot, or stopped owners hold every slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NoRoom {
    /// The sequence that would have been next; the last of a long event. Beyond the last that there can be, there will never be room.
    pub(super) next: u64,
}

impl NoRoom {
    /// On a ring whose cursor was found at `next`, to which no claim leads.
    pub(crate) fn beyond_all(next: u64) -> Self {
        NoRoom { next }
    }

    /// The sequence that does not exist, if that is why there is no room, and never will be.
    #[inline]
    pub(crate) fn exhausted(self) -> Option<u64> {
        (self.next > Sequence::LAST.get()).then_some(self.next)
    }
}

/// A claimed slot. Dropped without [`commit`](Claim::commit), it publishes a hole; forgotten, it is an owner stopped for ever.
pub(crate) struct Claim<'a, S: Slot> {
    header: &'a Header,
    /// # Invariant: its slot was entered by exchanging a free stamp for `WRITING(sequence)` (O), below the limit (G),
    /// and has not been let go of.
    slot: OwnedSlot<'a, S, AtomicStamp>,
    sequence: u64,
}

/// A reader that waited for the claim's event gave its slot up. Nothing was published.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct GivenUp;

impl<'a, S: Slot> RingView<'a, S, Many> {
    /// Claims the next sequence. Lock-free, and never waits.
    // A call, and a claim handed over in memory, would cost a third of a publish.
    #[inline(always)]
    pub(crate) fn claim(self) -> Result<Claim<'a, S>, NoRoom> {
        let s = self.header().cursor.0.load(Relaxed);
        let mut walk = Walk { s, limit: self.header().gate.0.limit_seen(), skipped: 0, contended: 0 };
        loop {
            let s = walk.s;
            let slot = self.slot(self.place(s));
            let found = slot.tag.stamp.load(Relaxed);
            if !found.is_free_for(s) || s >= walk.limit {
                walk = self.walk_on(walk, found)?;
                continue;
            }
            // CLAIM: Acquire, with PUBLISH and LET-GO: the last owner's writes come before ours (invariant O).
            if slot.tag.stamp.replace(found, Stamp::writing(s), Acquire).is_err() {
                walk = walk.back_off();
                continue;
            }
            // CLAIM-FENCE: with COPY-VALIDATE: a reader that loads a word of ours sees the slot claimed.
            fence(Release);
            self.raise_cursor(s + 1);
            // SAFETY: the exchange of the free stamp (O), and the limit checked before it (G).
            let slot = unsafe { OwnedSlot::new(slot) };
            return Ok(Claim { header: self.header(), slot, sequence: s });
        }
    }

    /// Brings the walk to where a claim can be tried, from a sequence in whose slot `found` stood.
    #[cold]
    fn walk_on(self, mut walk: Walk, found: Stamp) -> Result<Walk, NoRoom> {
        let s = walk.s;
        if s > Sequence::LAST.get() {
            return Err(NoRoom { next: s });
        }
        if let Some(q) = found.sequence()
            && q >= s
        {
            walk.s = q + 1;
            return Ok(walk);
        }
        if s >= walk.limit {
            walk.limit = self.refresh_limit(s);
            if s >= walk.limit {
                return Err(NoRoom { next: s });
            }
        }
        if found.is_held() {
            // Once each was passed over, to do so again would use sequences up, and bring nobody any further.
            if walk.skipped == self.lap() || walk.skipped == 0 && !self.has_run(1) {
                return Err(NoRoom { next: s });
            }
            if self.pass_over(found, self.place(s))? {
                walk.s += 1;
                walk.skipped += 1;
            }
        }
        Ok(walk)
    }

    /// Makes `place` a hole, whose slot is held as `found` says, and wakes the readers that wait for it. Returns whether it is a hole now.
    ///
    /// This is the one way to give an owner up, because only this tells sleeping readers that nothing will come. A waker's panic is
    /// dropped: the caller has not yet done what it was called for.
    ///
    /// # Errors
    ///
    /// There is no room, if the kernel refuses to interrupt the owner, as one does that was told to allow this process less.
    #[cold]
    pub(in crate::ring) fn pass_over(self, found: Stamp, place: Place) -> Result<bool, NoRoom> {
        // SKIP, REVOKE: Relaxed; the owner of a stuck slot is still its only owner, so nothing is handed over here.
        let pass = || self.tag(place).stamp.replace(found, Stamp::stuck(place.sequence), Relaxed).is_ok();
        // Only the stamp of a claim in good standing is ever ended by a store.
        let passed = if found.is_writing() { self.header().gate.0.permit.without(pass) } else { Some(pass()) };
        let is_passed = passed.ok_or(NoRoom { next: place.sequence })?;
        if is_passed {
            self.header().readers().notify_by(&mut FirstPanic::default());
        }
        Ok(is_passed)
    }

    /// Claims the next sequence and those that follow it without a gap, up to `most`: fewer, where another publisher or the gate is in the
    /// way. Lock-free, and never waits.
    pub(crate) fn claim_run(self, most: u64) -> Result<ClaimRun<'a, S>, NoRoom> {
        if most == 0 {
            return Ok(ClaimRun { view: self, next: self.place(0), left: 0 });
        }
        let mut run = self.begin_run()?;
        self.extend(&mut run, most.min(self.lap()));
        Ok(run)
    }

    /// A run of one claim.
    fn begin_run(self) -> Result<ClaimRun<'a, S>, NoRoom> {
        let claim = self.claim()?;
        let first = self.place(claim.sequence);
        core::mem::forget(claim);
        Ok(ClaimRun { view: self, next: first, left: 1 })
    }

    /// Adds the sequences that follow to a run, until it has `most` or something is in the way.
    fn extend(self, run: &mut ClaimRun<'a, S>, most: u64) {
        while run.left < most {
            let place = self.beyond(run.next, run.left);
            let s = place.sequence;
            let tag = self.tag(place);
            let stamp = tag.stamp.load(Relaxed);
            if !stamp.is_free_for(s)
                || !self.permits(s)
                // CLAIM: Acquire, with PUBLISH and LET-GO: the last owner's writes come before ours (invariant O).
                || tag.stamp.replace(stamp, Stamp::writing(s), Acquire).is_err()
            {
                break;
            }
            run.left += 1;
        }
        // CLAIM-FENCE: with COPY-VALIDATE: a reader that loads a word of ours sees the slot claimed.
        fence(Release);
        self.raise_cursor(run.next.sequence + run.left);
    }

    /// Claims `slots` sequences, more than one, for one event: without a gap, and not round the ring's end.
    ///
    /// Never waits, and claims nothing while a Consumer holds one of them. Where another publisher is in the way, running or stopped, the
    /// sequences claimed so far become holes, which `in_vain` counts, and all are claimed anew behind it. There is no room, once `in_vain`
    /// exceeds two laps.
    pub(crate) fn claim_long(
        self,
        slots: u64,
        in_vain: &mut u64,
        panics: &mut FirstPanic,
    ) -> Result<ClaimRun<'a, S>, NoRoom> {
        let mut walk = Walk { s: 0, limit: 0, skipped: 0, contended: 0 };
        loop {
            let last = self.last_of_next(slots);
            if last > Sequence::LAST.get() {
                return Err(NoRoom { next: last });
            }
            if *in_vain > 2 * self.lap() || !self.permits(last) {
                return Err(NoRoom { next: last });
            }
            let mut run = self.begin_run()?;
            let padding = self.padding(run.next, slots);
            self.extend(&mut run, padding + slots);
            if run.left == padding + slots {
                run.by_ref().take(padding as usize).for_each(|claim| claim.end_by(Stamp::hole).1.notify_by(panics));
                return Ok(run);
            }
            *in_vain += run.left;
            run.give_up(panics);
            walk = walk.back_off();
        }
    }

    /// Lets the next claim begin its walk at `next`. A hint: another publisher's store may come in between and be undone.
    #[inline]
    fn raise_cursor(self, next: u64) {
        let cursor = &self.header().cursor.0;
        if cursor.load(Relaxed) < next {
            cursor.store(next, Relaxed);
        }
    }
}

/// Claimed slots, one after the other. Those that are not taken out when it is dropped become holes.
pub(crate) struct ClaimRun<'a, S: Slot> {
    view: RingView<'a, S, Many>,
    /// # Invariant: `left` slots from here on are claimed as a [`Claim`]'s is, and belong to this run alone.
    next: Place,
    left: u64,
}

impl<'a, S: Slot> Iterator for ClaimRun<'a, S> {
    type Item = Claim<'a, S>;

    #[inline]
    fn next(&mut self) -> Option<Claim<'a, S>> {
        (self.left > 0).then(|| self.take_first())
    }
}

impl<'a, S: Slot> ClaimRun<'a, S> {
    /// Takes the first claim out, of which there is one.
    #[inline(always)]
    fn take_first(&mut self) -> Claim<'a, S> {
        debug_assert!(self.left > 0);
        let place = self.next;
        self.left -= 1;
        self.next = self.view.after(place);
        // SAFETY: the field's invariant: the slot is claimed, and this run gives it away.
        let slot = unsafe { OwnedSlot::new(self.view.slot(place)) };
        Claim { header: self.view.header(), slot, sequence: place.sequence }
    }

    /// Claims not taken out.
    pub(crate) fn left(&self) -> usize {
        self.left as usize
    }

    /// Publishes `events`, each of which fits a slot, in the claims not taken out, up to the first claim that was given up. Returns how many
    /// were published. The rest of either is not published.
    pub(crate) fn commit_all<'e>(
        mut self,
        events: impl Iterator<Item = (&'e [u8], u32)>,
        panics: &mut FirstPanic,
    ) -> usize {
        let mut published = 0;
        for (data, event_type) in events {
            if self.left == 0 {
                break;
            }
            // Not by the iterator: its claim would be copied in memory, at the cost of a publish. Nothing in between panics.
            let mut claim = ManuallyDrop::new(self.take_first());
            claim.fill(data, event_type);
            let (is_published, sleepers) = claim.end(Stamp::done(claim.sequence));
            sleepers.notify_by(panics);
            if !is_published {
                break;
            }
            published += 1;
        }
        self.give_up(panics);
        published
    }

    /// Publishes `data` as one event in all the claims not taken out, which are as many as it needs. Returns the sequence of the first.
    /// Publishes nothing, if one of them was given up.
    ///
    /// The first claim is the last to be published, and shows the event (invariant S): before it no event begins in the others.
    pub(crate) fn commit_long(
        mut self,
        data: &[u8],
        event_type: u32,
        panics: &mut FirstPanic,
    ) -> Result<Sequence, GivenUp> {
        debug_assert_eq!(self.left, slots_of::<S>(data.len()));
        let first = self.next;
        for (by, (head, piece)) in (0..self.left).zip(pieces::<S>(data, event_type)) {
            // SAFETY: the field's invariant: the slot is claimed, and this run's.
            unsafe { OwnedSlot::new(self.view.slot(self.view.beyond(first, by))) }.fill_under(head, piece);
        }
        let mut is_whole = true;
        while is_whole && let Some(claim) = self.next_back() {
            let (published, sleepers) = claim.end_by(Stamp::done);
            is_whole = published;
            sleepers.notify_by(panics);
        }
        self.give_up(panics);
        if is_whole { Ok(Sequence::new(first.sequence)) } else { Err(GivenUp) }
    }

    /// Takes the last claim out.
    fn next_back(&mut self) -> Option<Claim<'_, S>> {
        self.left = self.left.checked_sub(1)?;
        let place = self.view.beyond(self.next, self.left);
        // SAFETY: the field's invariant: the slot is claimed, and this run gives it away.
        let slot = unsafe { OwnedSlot::new(self.view.slot(place)) };
        Some(Claim { header: self.view.header(), slot, sequence: place.sequence })
    }

    fn give_up(&mut self, panics: &mut FirstPanic) {
        self.for_each(|claim| claim.end_by(Stamp::hole).1.notify_by(panics));
    }
}

impl<S: Slot> Drop for ClaimRun<'_, S> {
    fn drop(&mut self) {
        let mut panics = FirstPanic::default();
        self.give_up(&mut panics);
        panics.pass_on();
    }
}

/// The way to a free slot.
struct Walk {
    /// The sequence to be tried.
    s: u64,
    /// The sequence below which slots may be entered (G).
    limit: u64,
    /// Slots passed whose owners were stopped.
    skipped: u64,
    /// Exchanges lost to other publishers.
    contended: u32,
}

impl Walk {
    /// Lets the publisher that won the slot get on before the next try.
    #[cold]
    fn back_off(self) -> Self {
        for _ in 0..1 << self.contended.min(6) {
            spin_loop();
        }
        Walk { contended: self.contended + 1, ..self }
    }
}

impl<'a, S: Slot> Claim<'a, S> {
    #[inline]
    pub(crate) fn sequence(&self) -> Sequence {
        Sequence::new(self.sequence)
    }

    /// Writes the whole event; `data` must fit the slot.
    #[inline(always)]
    pub(crate) fn fill(&mut self, data: &[u8], event_type: u32) {
        self.slot.fill(data, event_type);
    }

    /// Writes `bytes` behind those of `draft`, which is kept of this claim; both must fit the slot.
    #[inline]
    pub(crate) fn append(&mut self, draft: &mut Draft, bytes: &[u8]) {
        self.slot.append(draft, bytes);
    }

    /// The slot's event as plain memory, to be made there.
    #[cfg(not(any(loom, shuttle)))]
    #[inline(always)]
    pub(crate) fn plain(&mut self) -> &mut [u8] {
        // SAFETY: the slot is this claim's, which the result borrows.
        unsafe { self.slot.plain() }
    }

    /// The event as plain memory, where what `draft` is kept of is in its place.
    #[cfg(not(any(loom, shuttle)))]
    pub(crate) fn plain_behind(&mut self, draft: &Draft) -> &mut [u8] {
        self.slot.flush(draft);
        self.plain()
    }

    /// Completes the event of `draft`.
    #[inline]
    pub(crate) fn finish(&mut self, draft: &Draft, event_type: u32) {
        self.slot.finish(draft, event_type);
    }

    /// Publishes the event. A waker's panic is passed on if it is out.
    #[inline]
    pub(crate) fn commit(self) -> Result<Sequence, GivenUp> {
        let sequence = self.sequence;
        let (published, sleepers) = self.end_by(Stamp::done);
        if published {
            sleepers.notify();
            Ok(Sequence::new(sequence))
        } else {
            sleepers.notify_by(&mut FirstPanic::default());
            Err(GivenUp)
        }
    }

    /// Ends the ownership by `stamp`, or, if the slot was skipped meanwhile, as a hole of the sequence for which it was. Returns whether it was
    /// by `stamp`, and the notifier to be notified.
    #[inline]
    fn end_by(self, stamp: fn(u64) -> Stamp) -> (bool, &'a Notifier) {
        // From here on there is no claim to be dropped: a waker may panic.
        let claim = ManuallyDrop::new(self);
        claim.end(stamp(claim.sequence))
    }

    #[inline(always)]
    fn end(&self, stamp: Stamp) -> (bool, &'a Notifier) {
        let (held, word) = (Stamp::writing(self.sequence), &self.slot.tag().stamp);
        if word.replace_by_store(held, stamp, &self.header.gate.0.permit) {
            return (true, self.header.readers());
        }
        // PUBLISH: Release, with PUBLISH-SEEN and CLAIM: a reader that sees the event done sees its head and payload.
        match word.replace(held, stamp, Release) {
            Ok(()) => (true, self.header.readers()),
            Err(found) => {
                Self::let_go(word, found);
                (false, self.header.publishers())
            }
        }
    }

    // Not of the claim, which is in registers as long as nobody refers to it.
    #[cold]
    #[inline(never)]
    fn let_go(word: &AtomicStamp, mut found: Stamp) {
        while let Some(hole) = found.released() {
            // LET-GO: Release, with CLAIM: the next owner's writes come after ours.
            match word.replace(found, hole, Release) {
                Ok(()) => return,
                Err(newer) => found = newer,
            }
        }
        // In one process a held slot is only ever skipped, and stays stuck until its owner lets go. Elsewhere another process wrote over it.
        #[cfg(any(loom, shuttle))]
        unreachable!("a held slot is only ever skipped");
    }
}

impl<S: Slot> Drop for Claim<'_, S> {
    fn drop(&mut self) {
        let (_, sleepers) = self.end(Stamp::hole(self.sequence));
        sleepers.notify();
    }
}

/// Returns the sequence behind `place`, which is done, and the events done after it without a gap whose stamps lie on the same cache line: they
/// have come with it, and a later look would take the line from a publisher again.
#[inline]
fn done_on_line<S: Slot>(view: RingView<'_, S, Many>, place: Place) -> u64 {
    let on_a_line = const { align_of::<CacheLine<()>>() / size_of::<TagOf<S, Many>>() };
    let mut last = place;
    while !(last.index + 1).is_multiple_of(on_a_line.max(1)) && last.index + 1 < view.capacity() {
        let next = view.after(last);
        if !is_done(view, next) {
            break;
        }
        last = next;
    }
    last.sequence + 1
}

/// Whether the event of `place` is done; if so, its writes are acquired.
#[inline]
fn is_done<S: Slot>(view: RingView<'_, S, Many>, place: Place) -> bool {
    // PUBLISH-SEEN: Acquire, with PUBLISH.
    view.tag(place).stamp.load(Acquire) == Stamp::done(place.sequence)
}

impl Protocol for Many {
    #[inline]
    fn standing<S: Slot>(view: RingView<'_, S, Many>, place: Place, seen: &mut Seen) -> Standing {
        if seen.covers(place) {
            return Standing::Done;
        }
        // PUBLISH-SEEN: Acquire, with PUBLISH.
        let standing = view.tag(place).stamp.load(Acquire).standing(place.sequence);
        if standing == Standing::Done {
            *seen = Seen::below(done_on_line(view, place));
        }
        standing
    }

    #[inline]
    fn standing_still<S: Slot>(view: RingView<'_, S, Many>, place: Place) -> Standing {
        view.tag(place).stamp.load(Relaxed).standing(place.sequence)
    }

    fn published_from<S: Slot>(view: RingView<'_, S, Many>, first: Place, seen: &mut Seen, most: u64) -> u64 {
        let is_there = |by: &u64| {
            let place = view.beyond(first, *by);
            seen.covers(place) || is_done(view, place)
        };
        let published = 1 + (1..view.lap().min(most)).take_while(is_there).count() as u64;
        *seen = Seen::below(first.sequence + published);
        published
    }

    /// The cursor is only a hint and the tags are the truth: the claimed sequences are dense, so the first slot that has not
    /// come to its sequence is the end. Wait-free: at most one lap of steps.
    fn claimed<S: Slot>(view: RingView<'_, S, Many>, at_least: u64) -> u64 {
        let mut s = view.header().cursor.0.load(Relaxed).min(Sequence::LAST.get() + 1).max(at_least);
        for _ in 0..view.lap() {
            match view.tag(view.place(s)).stamp.load(Relaxed).sequence() {
                Some(q) if q >= s => s = q + 1,
                _ => break,
            }
        }
        s
    }

    /// On a ring of one slot nobody can go on, so there it is always so.
    fn is_passed<S: Slot>(view: RingView<'_, S, Many>, place: Place) -> bool {
        let successor = || view.tag(view.after(place)).stamp.load(Relaxed).sequence();
        view.lap() == 1 || successor().is_some_and(|q| q > place.sequence)
    }

    /// The owner, when it resumes, finds itself revoked and publishes under a new sequence.
    fn revoke<S: Slot>(view: RingView<'_, S, Many>, place: Place) -> bool {
        view.pass_over(Stamp::writing(place.sequence), place).unwrap_or(false)
    }

    fn is_stuck<S: Slot>(view: RingView<'_, S, Many>, place: Place) -> bool {
        view.tag(place).stamp.load(Relaxed).released().is_some()
    }

    fn is_held<S: Slot>(view: RingView<'_, S, Many>, place: Place) -> bool {
        view.tag(place).stamp.load(Relaxed).is_held()
    }

    #[cfg(not(any(loom, shuttle)))]
    fn free_held<S: Slot>(view: RingView<'_, S, Many>) -> u64 {
        let is_freed = |s: &u64| {
            let stamp = &view.tag(view.place(*s)).stamp;
            let found = stamp.load(Relaxed);
            // Relaxed: the lease of a process that has ended was handed on by the kernel, behind its last stores.
            found.is_held() && stamp.replace(found, found.as_hole(), Relaxed).is_ok()
        };
        (0..view.lap()).filter(is_freed).count() as u64
    }

    #[cfg(all(test, feature = "std", not(any(loom, shuttle))))]
    fn forget_before<S: Slot>(view: RingView<'_, S, Many>, first: u64) {
        for s in first.saturating_sub(view.lap())..first {
            view.tag(view.place(s)).stamp.store(Stamp::hole(s), Relaxed);
        }
    }
}
