//! The lossy endpoint: never waited for, and told exactly what it missed.

mod error;
#[cfg(feature = "std")]
mod history;
#[cfg(feature = "std")]
mod repaired;
mod resync;

use core::time::Duration;

pub use error::{Lagged, RecvError, TryRecvError};
#[cfg(feature = "std")]
pub use history::{History, Kept};
#[cfg(feature = "std")]
pub use repaired::Repaired;
pub use resync::Resync;

#[cfg(feature = "std")]
use crate::wait::{Endpoint, Member, Notifier, Waitable};
use crate::{
    Sequence, Start, Tuning,
    reader::{Reader, Step},
    ring::{
        Bytes, Closes, Counters, Entry, Event, Head, Incident, InlineRing, Many, Mode, Name, Notes, Nothing, Place,
        RingRef, Seen, Slot, slots_of,
    },
    wait::{Grace, Outcome, WaitStrategy, Waiter},
};

/// Reads every event that is still there when it comes to it, and counts those that are not.
///
/// A Subscriber is never waited for. When publishers overtake it, it reports the range lost, moves to where its [`Resync`] says,
/// by default an eighth of the ring past the oldest event still whole, and stays usable.
///
/// As an iterator it ends at the first moment without an event, and goes on when asked again; losses are skipped over
/// and counted. To wait for events, and to be told of losses where they happen, use [`recv`](Self::recv).
#[derive(Debug)]
pub struct Subscriber<R: RingRef> {
    /// The ring, and its line in the ledger unless the table was full.
    entry: Entry<R>,
    place: Place,
    seen: Seen,
    counters: Counters,
    resync: Resync,
    strategy: WaitStrategy,
    grace: Grace,
    fetch_ahead: bool,
    /// Whether it stays where it was overtaken, and counts nothing, because what is gone comes from elsewhere.
    is_repaired: bool,
}

impl<R: RingRef> Subscriber<R> {
    /// Joins `ring` at `start`. It always can.
    ///
    /// When the ring's table of readers is full this Subscriber works as any other, unlisted: the ledger counts it, but
    /// does not show its figures. Lock-free.
    pub fn join(ring: R, start: Start) -> Self {
        let first = start.resolve(ring.view());
        Self::join_at(ring, first)
    }

    fn join_at(ring: R, first: u64) -> Self {
        const {
            assert!(
                <R::Slot as Slot>::HAS_SUBSCRIBERS,
                "a ring of `Lossless` slots has no Subscribers: join it by a Consumer"
            );
        }
        let entry = Entry::register_or_count(ring);
        let counters = Counters { joined: first, ..Counters::default() };
        entry.list(counters);
        let place = entry.ring().view().place(first);
        Subscriber {
            entry,
            place,
            seen: Seen::default(),
            counters,
            resync: Resync::default(),
            strategy: WaitStrategy::default(),
            grace: Grace::default(),
            fetch_ahead: Tuning::of_this_machine().fetch_ahead,
            is_repaired: false,
        }
    }

    /// Returns this Subscriber, called `name` in the ledger. What exceeds 24 bytes is cut off.
    #[must_use = "the Subscriber is returned"]
    pub fn named(self, name: &str) -> Self {
        self.entry.rename(Name::new(name));
        self
    }

    /// Returns this Subscriber, which goes by `tuning` instead of [this machine's](Tuning::of_this_machine).
    #[must_use = "the Subscriber is returned"]
    pub fn tuned(self, tuning: Tuning) -> Self {
        Subscriber { fetch_ahead: tuning.fetch_ahead, ..self }
    }

    /// Returns this Subscriber, which waits by `strategy` when there is nothing to read.
    #[must_use = "the Subscriber is returned"]
    pub fn waiting(mut self, strategy: WaitStrategy) -> Self {
        self.strategy = strategy;
        self
    }

    /// Returns this Subscriber, which goes on where `resync` says after it was overtaken.
    #[must_use = "the Subscriber is returned"]
    pub fn resyncing(mut self, resync: Resync) -> Self {
        self.resync = resync;
        self
    }

    /// Returns this Subscriber, which has what it would lose from `history`.
    ///
    /// ```
    /// use rusted_ring::{Start, Subscriber, HeapRing, Publisher, Sequence, subscriber::{History, Kept}};
    ///
    /// /// Events that are their own numbers, of which nothing had to be kept.
    /// struct Numbers;
    ///
    /// impl History for Numbers {
    ///     fn next(&mut self, from: Sequence, _to: Sequence, out: &mut [u8]) -> Kept {
    ///         out[..8].copy_from_slice(&from.get().to_le_bytes());
    ///         Kept::Event { len: 8, event_type: 1 }
    ///     }
    /// }
    ///
    /// let ring = HeapRing::<8>::new(16);
    /// let mut reader = Subscriber::join(ring.clone(), Start::Newest).repaired_by(Numbers);
    /// let publisher = Publisher::join(ring)?;
    /// for n in 0..100_u64 {
    ///     publisher.publish(&n.to_le_bytes(), 1)?;
    /// }
    /// for n in 0..100_u64 {
    ///     assert_eq!(reader.try_recv()?.bytes(), n.to_le_bytes());
    /// }
    /// assert_eq!((reader.received() + reader.repaired(), reader.lost()), (100, 0));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[cfg(feature = "std")]
    #[must_use = "the Subscriber is returned"]
    pub fn repaired_by<H: History>(self, history: H) -> Repaired<R, H> {
        Repaired::new(self, history)
    }

    /// Returns the ring.
    pub fn ring(&self) -> &R {
        self.entry.ring()
    }

    /// Returns the next sequence this Subscriber wants.
    pub fn next_sequence(&self) -> Sequence {
        Sequence::new(self.place.sequence)
    }

    /// Returns how many sequences were claimed that this Subscriber has not come to.
    ///
    /// May grow at once; shrinks only by this Subscriber's own calls.
    pub fn lag(&self) -> u64 {
        self.ring().view().claimed(self.place.sequence) - self.place.sequence
    }

    /// Returns how many events it lost since it joined, in sequences: a long event counts as many as it has slots.
    pub fn lost(&self) -> u64 {
        self.counters.lost
    }

    /// Returns how many events a `History` gave it back since it joined, because they were overwritten before it came to them. 0 without one.
    pub fn repaired(&self) -> u64 {
        self.counters.repaired
    }

    /// Returns how many times it was overtaken since it joined.
    pub fn laps(&self) -> u64 {
        self.counters.laps
    }

    /// Returns how many sequences since it joined carried no event: those of a claim that was given up, or taken from a stopped publisher, and the further
    /// slots of long events.
    pub fn holes(&self) -> u64 {
        self.counters.holes
    }

    /// Returns how many events it received since it joined.
    pub fn received(&self) -> u64 {
        self.counters.received(self.place.sequence)
    }

    /// Returns the lag as a part of the ring's capacity, at most 1.0. At 1.0, events are being lost.
    pub fn backpressure_ratio(&self) -> f32 {
        self.ring().view().pressure(self.lag())
    }

    /// Whether the pressure is above 0.8.
    pub fn is_under_pressure(&self) -> bool {
        self.backpressure_ratio() > 0.8
    }

    /// Whether the pressure is 0.9 or more.
    pub fn should_throttle(&self) -> bool {
        self.backpressure_ratio() >= 0.9
    }

    /// Copies the next event into `out`, and returns its sequence and head.
    #[inline(always)]
    fn poll(&mut self, out: &mut [u8]) -> Result<(u64, Head), TryRecvError> {
        let view = self.entry.ring().view();
        match view.copy_out(self.place, &mut self.seen, out) {
            Ok(head) => {
                if self.fetch_ahead {
                    view.fetch_to_copy(self.place, self.seen);
                }
                Ok(self.go_past(head))
            }
            Err(nothing) => self.poll_beyond(nothing, out),
        }
    }

    /// As [`poll`](Self::poll), at a position where a look found `nothing`.
    #[cold]
    fn poll_beyond(&mut self, mut nothing: Nothing, out: &mut [u8]) -> Result<(u64, Head), TryRecvError> {
        // A ring has no more holes than slots; what others wrote there may say otherwise.
        for _ in 0..=self.ring().view().lap() {
            self.step_over(nothing)?;
            match self.entry.ring().view().copy_out(self.place, &mut self.seen, out) {
                Ok(head) => return Ok(self.go_past(head)),
                Err(found) => nothing = found,
            }
        }
        Err(TryRecvError::Empty)
    }

    /// Goes past the event that was copied, and returns its sequence and head.
    #[inline]
    fn go_past(&mut self, head: Head) -> (u64, Head) {
        let sequence = self.place.sequence;
        let slots = slots_of::<R::Slot>(head.len as usize);
        self.place = self.ring().view().beyond(self.place, slots);
        if slots > 1 {
            self.counters.holes += slots - 1;
            self.show_counters();
        } else {
            self.show_position();
        }
        (sequence, head)
    }

    /// Deals with a position that had no event to copy.
    fn step_over(&mut self, nothing: Nothing) -> Result<(), TryRecvError> {
        match self.step(nothing) {
            Step::Again => Ok(()),
            Step::Empty => Err(TryRecvError::Empty),
            Step::Closed => Err(TryRecvError::Closed),
            Step::Lapped(q) => {
                let lagged = self.overtaken(q);
                if !self.is_repaired {
                    self.lose(lagged);
                }
                Err(TryRecvError::Lagged(lagged))
            }
        }
    }

    /// Goes past holes, as an attempt does. Returns whether an attempt would bring something, or a later sequence that this one's slot went on to.
    #[cfg(feature = "std")]
    fn look_past_holes(&mut self) -> Result<bool, u64> {
        for _ in 0..=self.ring().view().lap() {
            let Err(nothing) = self.look() else { return Ok(true) };
            match self.step(nothing) {
                Step::Again => {}
                Step::Empty => return Ok(false),
                Step::Closed => return Ok(true),
                Step::Lapped(found) => return Err(found),
            }
        }
        Ok(false)
    }

    /// Returns what is lost, up to where the [`Resync`] says. `found` is a later sequence that this one's slot went on to.
    fn overtaken(&self, found: u64) -> Lagged {
        let view = self.entry.ring().view();
        let from = self.place.sequence;
        // A sole publisher enters slots before it claims them, and may give them up again: what they held is gone.
        let claimed = view.claimed(if R::Mode::MANY { found } else { from } + 1);
        let entered = claimed.max(found + 1);
        let to = self.resync.target(from, view.lap(), claimed, entered).clamp(from + 1, claimed);
        Lagged { from: Sequence::new(from), to: Sequence::new(to) }
    }

    /// Goes on behind what is lost, and counts it.
    fn lose(&mut self, lagged: Lagged) {
        self.place = self.entry.ring().view().place(lagged.to.get());
        self.counters.lost += lagged.count();
        self.counters.laps += 1;
        self.show_counters();
    }

    #[inline]
    fn show_position(&self) {
        self.entry.advance(self.place.sequence);
    }

    fn show_counters(&self) {
        self.entry.count(self.counters, self.place.sequence);
    }

    /// Polls until there is an answer other than `Empty`, or the wait is over.
    #[inline]
    fn poll_waiting(
        &mut self,
        out: &mut [u8],
        waiter: impl FnOnce(WaitStrategy) -> Waiter,
    ) -> Result<(u64, Head), TryRecvError> {
        match self.poll(out) {
            Err(TryRecvError::Empty) => self.poll_again(out, waiter(self.strategy)),
            outcome => outcome,
        }
    }

    fn poll_again(&mut self, out: &mut [u8], waiter: Waiter) -> Result<(u64, Head), TryRecvError> {
        waiter.until(self, |reader| reader.poll(out), |reader, timeout| reader.park(timeout))
    }

    fn park(&self, timeout: Duration) {
        self.ring()
            .view()
            .sleep_at(self.place, self.grace_left(), timeout.min(R::LONGEST_SLEEP), || self.ring().is_closed());
    }

    fn grace_left(&self) -> Option<Duration> {
        self.grace.left(self.place.sequence, R::Slot::COPYING)
    }
}

impl<R: RingRef> Reader for Subscriber<R> {
    fn is_over(&mut self) -> bool {
        self.ring().is_closed()
    }

    fn look(&mut self) -> Result<(), Nothing> {
        self.entry.ring().view().look(self.place, &mut self.seen).map(drop)
    }

    fn gives_up(&mut self) -> bool {
        let ring = self.entry.ring();
        let is_hole = ring.view().gives_up(self.place, &mut self.grace);
        if is_hole {
            ring.note(Incident::GivenUp);
        }
        is_hole
    }

    fn skip_hole(&mut self) {
        self.counters.holes += 1;
        self.place = self.ring().view().after(self.place);
        self.show_counters();
    }
}

/// A Subscriber that waits attempts until there is an event, a loss or the end.
impl<T> Outcome for Result<T, TryRecvError> {
    fn is_final(&self) -> bool {
        !matches!(self, Err(TryRecvError::Empty))
    }
}

/// Ready once there is an event, a loss to be told of, or the end of the ring: [`try_recv`](Subscriber::try_recv) then brings one of these.
#[cfg(feature = "std")]
impl<R: RingRef + Send> Waitable for Subscriber<R> {
    fn member(&mut self) -> Member<'_> {
        Member::of(self)
    }
}

#[cfg(feature = "std")]
impl<R: RingRef> Endpoint for Subscriber<R> {
    fn is_ready(&mut self) -> bool {
        // A loss is something to be told.
        self.look_past_holes().unwrap_or(true)
    }

    fn is_idle(&mut self) -> bool {
        self.ring().view().is_quiet(self.place, self.grace_left().is_some()) && !self.ring().is_closed()
    }

    fn notifier(&self) -> &Notifier {
        self.ring().view().header().readers()
    }

    fn grace_left(&self) -> Option<Duration> {
        self.grace_left()
    }

    fn is_shared(&self) -> bool {
        R::SHARED
    }
}

/// An event as a ring's readers own it.
pub(crate) type Owned<R> = <<R as RingRef>::Slot as Slot>::Owned;

impl<R: RingRef> Subscriber<R> {
    /// Returns the next event, or at once why there is none.
    ///
    /// Wait-free, except that a run of holes is skipped in a loop.
    ///
    /// ```
    /// use rusted_ring::{HeapTypedRing, Publisher, Start, Subscriber, subscriber::TryRecvError};
    ///
    /// let ring = HeapTypedRing::<u64>::new(4);
    /// let mut reader = Subscriber::join(ring.clone(), Start::Newest);
    /// let publisher = Publisher::join(ring)?;
    /// publisher.send_batch(&[0, 1, 2, 3, 4, 5]); // two more than the ring holds
    /// drop(publisher); // the last one closes this ring
    ///
    /// let (mut received, mut lost) = (0, 0);
    /// loop {
    ///     match reader.try_recv() {
    ///         Ok(_) => received += 1,
    ///         Err(TryRecvError::Lagged(lagged)) => lost += lagged.count(),
    ///         Err(TryRecvError::Empty) => std::thread::yield_now(),
    ///         Err(_) => break,
    ///     }
    /// }
    /// assert_eq!((received, lost), (4, 2));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// - [`TryRecvError::Empty`], if nothing is ready.
    /// - [`TryRecvError::Lagged`], once for each time that events were lost; the next call goes on behind them.
    /// - [`TryRecvError::Closed`], when the ring is closed and was read to its end.
    #[inline]
    pub fn try_recv(&mut self) -> Result<Owned<R>, TryRecvError> {
        let mut event = R::Slot::blank();
        let (_, head) = self.poll(R::Slot::payload_of(&mut event))?;
        R::Slot::complete(&mut event, head);
        Ok(event)
    }

    /// Returns the next event, once there is one. Blocks until then.
    ///
    /// # Errors
    ///
    /// - [`RecvError::Lagged`], once for each time that events were lost; the next call goes on behind them.
    /// - [`RecvError::Closed`], when the ring is closed and was read to its end.
    pub fn recv(&mut self) -> Result<Owned<R>, RecvError> {
        Ok(self.recv_by(Waiter::new)?)
    }

    /// Returns the next event, if there is one within `timeout`.
    ///
    /// # Errors
    ///
    /// As [`try_recv`](Self::try_recv); [`TryRecvError::Empty`], when the time is over.
    #[cfg(feature = "std")]
    pub fn recv_timeout(&mut self, timeout: Duration) -> Result<Owned<R>, TryRecvError> {
        self.recv_by(|strategy| Waiter::for_at_most(strategy, timeout))
    }

    fn recv_by(&mut self, waiter: impl FnOnce(WaitStrategy) -> Waiter) -> Result<Owned<R>, TryRecvError> {
        let mut event = R::Slot::blank();
        let (_, head) = self.poll_waiting(R::Slot::payload_of(&mut event), waiter)?;
        R::Slot::complete(&mut event, head);
        Ok(event)
    }

    /// Copies the events that are ready into `events`, from its front on. Returns how many: at least one, if `events` has room.
    ///
    /// Bytes of an entry past its event's length are unspecified.
    ///
    /// ```
    /// # use rusted_ring::{HeapTypedRing, Publisher, Start, Subscriber};
    /// let ring = HeapTypedRing::<u64>::new(64);
    /// let mut reader = Subscriber::join(ring.clone(), Start::Newest);
    /// Publisher::join(ring)?.send_batch(&[1, 2, 3]);
    /// let mut events = [0; 16];
    /// let count = reader.try_read_batch(&mut events)?;
    /// assert_eq!(events[..count], [1, 2, 3]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`try_recv`](Self::try_recv). A loss, or the end of the ring, is told by a call of its own, when it comes first.
    pub fn try_read_batch(&mut self, events: &mut [Owned<R>]) -> Result<usize, TryRecvError> {
        let Some((first, others)) = events.split_first_mut() else { return Ok(0) };
        let (_, head) = self.poll(R::Slot::payload_of(first))?;
        R::Slot::complete(first, head);
        Ok(1 + self.fill(others))
    }

    /// As [`try_read_batch`](Self::try_read_batch), once there is an event.
    ///
    /// # Errors
    ///
    /// As [`recv`](Self::recv).
    pub fn read_batch(&mut self, events: &mut [Owned<R>]) -> Result<usize, RecvError> {
        let Some((first, others)) = events.split_first_mut() else { return Ok(0) };
        let (_, head) = self.poll_waiting(R::Slot::payload_of(first), Waiter::new)?;
        R::Slot::complete(first, head);
        Ok(1 + self.fill(others))
    }

    /// Copies events until none is ready or there is no room. Returns how many.
    fn fill(&mut self, events: &mut [Owned<R>]) -> usize {
        let view = self.entry.ring().view();
        let mut place = self.place;
        let (mut filled, mut further) = (0, 0);
        for event in events {
            let Ok(head) = view.copy_out(place, &mut self.seen, R::Slot::payload_of(event)) else { break };
            R::Slot::complete(event, head);
            let slots = slots_of::<R::Slot>(head.len as usize);
            place = view.beyond(place, slots);
            further += slots - 1;
            filled += 1;
        }
        self.place = place;
        if further > 0 {
            self.counters.holes += further;
            self.show_counters();
        } else {
            self.show_position();
        }
        filled
    }
}

impl<const N: usize, const SLOT: usize, A: Notes, R: RingRef<Slot = Bytes<N, SLOT, A>>> Subscriber<R> {
    /// As [`try_recv`](Self::try_recv), copying no more than the event's own bytes, into `buffer`.
    ///
    /// Beyond the event, and on an error, the buffer's contents are unspecified.
    ///
    /// ```
    /// # use rusted_ring::{HeapRing, Publisher, Start, Subscriber};
    /// let ring = HeapRing::<64>::new(1024);
    /// let mut reader = Subscriber::join(ring.clone(), Start::Newest);
    /// Publisher::join(ring)?.publish(b"a stroke", 7)?;
    /// let mut buffer = [0; 64];
    /// let event = reader.try_read(&mut buffer)?;
    /// assert_eq!((event.data, event.event_type, event.sequence.get()), (&b"a stroke"[..], 7, 0));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`try_recv`](Self::try_recv).
    #[inline(always)]
    pub fn try_read<'b>(&mut self, buffer: &'b mut [u8; N]) -> Result<Event<'b>, TryRecvError> {
        let (sequence, head) = self.poll(buffer)?;
        let data = &buffer[..head.len as usize];
        Ok(Event { sequence: Sequence::new(sequence), event_type: head.event_type, data })
    }

    /// As [`try_read`](Self::try_read), if there is an event within `timeout`.
    ///
    /// # Errors
    ///
    /// As [`try_recv`](Self::try_recv); [`TryRecvError::Empty`], when the time is over.
    #[cfg(feature = "std")]
    pub fn read_timeout<'b>(&mut self, buffer: &'b mut [u8; N], timeout: Duration) -> Result<Event<'b>, TryRecvError> {
        let (sequence, head) = self.poll_waiting(buffer, |strategy| Waiter::for_at_most(strategy, timeout))?;
        let data = &buffer[..head.len as usize];
        Ok(Event { sequence: Sequence::new(sequence), event_type: head.event_type, data })
    }
}

impl<R: RingRef> Iterator for Subscriber<R> {
    type Item = Owned<R>;

    #[inline]
    fn next(&mut self) -> Option<Owned<R>> {
        loop {
            match self.try_recv() {
                Ok(event) => return Some(event),
                Err(TryRecvError::Lagged(_)) => {}
                Err(TryRecvError::Empty | TryRecvError::Closed) => return None,
            }
        }
    }
}

impl<const N: usize, const SLOT: usize, const CAP: usize, C: Closes>
    Subscriber<&'static InlineRing<Bytes<N, SLOT>, CAP, Many, C>>
{
    /// Joins a static ring as a Subscriber, from the oldest event it retains.
    pub fn new(ring: &'static InlineRing<Bytes<N, SLOT>, CAP, Many, C>) -> Self {
        Self::join(ring, Start::Oldest)
    }

    /// Returns the next sequence this Subscriber wants: the field of that name in 0.5.
    pub fn cursor(&self) -> usize {
        self.place.sequence as usize
    }
}

/// A second Subscriber at the same position, with counts of its own.
impl<R: RingRef> Clone for Subscriber<R> {
    fn clone(&self) -> Self {
        let twin = Self::join_at(self.ring().clone(), self.place.sequence);
        twin.waiting(self.strategy).resyncing(self.resync)
    }
}
