//! A Subscriber that has what it would lose from a history: one stream, in order, and nothing twice.

use std::{
    ops::Deref,
    task::Waker,
    time::{Duration, Instant},
};

use super::{History, Kept, Lagged, Owned, RecvError, Subscriber, TryRecvError};
use crate::{
    Sequence,
    ring::{Bytes, Event, Head, Notes, RingRef, Slot, slots_of},
    wait::{Endpoint, Member, Notifier, Registration, WaitStrategy, Waitable, Waiter},
};

/// How long a wait without a deadline waits at a time.
const A_WHILE: Duration = Duration::from_secs(3600);

/// A [`Subscriber`] that is given back what publishers overwrote: made by [`repaired_by`](Subscriber::repaired_by).
///
/// When overtaken it stays where it is, has the events from the history one by one, up to where the ring has them, and goes on there. So it receives
/// one stream, in order, and nothing twice; how far behind it was shows in its books alone: claimed since it joined = received + repaired +
/// lost + holes + ahead. [`Lagged`] says what the history lacks, too. No publisher ever waits for it.
///
/// It begins wherever its Subscriber joined: at [`Start::At`](crate::Start::At) a sequence that the ring has no more, it has
/// everything from there on that the history has.
///
/// It is a member of a [`WaitSet`](crate::wait::WaitSet) as any reader, and with the feature `async` its `into_async` makes its waits futures. Where the history is behind,
/// the history wakes them ([`History::register`]), and publishers have nothing to do with them.
///
/// It derefs to the Subscriber, for what only looks; a clone of that one is a Subscriber that nobody repairs.
#[derive(Debug)]
pub struct Repaired<R: RingRef, H> {
    subscriber: Subscriber<R>,
    history: H,
    /// The sequence below which the ring has nothing more; what was passed already, if nothing is to be repaired.
    until: u64,
}

impl<R: RingRef, H: History> Repaired<R, H> {
    pub(super) fn new(subscriber: Subscriber<R>, history: H) -> Self {
        Repaired { subscriber: Subscriber { is_repaired: true, ..subscriber }, history, until: 0 }
    }

    /// Returns the history.
    pub fn history(&self) -> &H {
        &self.history
    }

    /// Whether the next event is to come from the history. Changes by its own calls only.
    pub fn is_repairing(&self) -> bool {
        self.subscriber.place.sequence < self.until
    }

    /// Returns the next event, or at once why there is none.
    ///
    /// # Errors
    ///
    /// - [`TryRecvError::Empty`], if nothing is ready: on the ring, or in a history that is itself behind.
    /// - [`TryRecvError::Lagged`], once for each range that neither the ring nor the history has; the next call goes on behind it.
    /// - [`TryRecvError::Closed`], when the ring is closed and everything was received.
    pub fn try_recv(&mut self) -> Result<Owned<R>, TryRecvError> {
        self.receive(Self::poll)
    }

    /// Returns the next event, once there is one. Blocks until then.
    ///
    /// # Errors
    ///
    /// As [`try_recv`](Self::try_recv), but for `Empty`.
    pub fn recv(&mut self) -> Result<Owned<R>, RecvError> {
        Ok(self.receive(|reader, out| reader.poll_until(out, None))?)
    }

    /// Returns the next event, if there is one within `timeout`.
    ///
    /// # Errors
    ///
    /// As [`try_recv`](Self::try_recv); [`TryRecvError::Empty`], when the time is over.
    pub fn recv_timeout(&mut self, timeout: Duration) -> Result<Owned<R>, TryRecvError> {
        self.receive(|reader, out| reader.poll_until(out, Instant::now().checked_add(timeout)))
    }

    fn receive(
        &mut self,
        poll: impl FnOnce(&mut Self, &mut [u8]) -> Result<(u64, Head), TryRecvError>,
    ) -> Result<Owned<R>, TryRecvError> {
        let mut event = R::Slot::blank();
        let (_, head) = poll(self, R::Slot::payload_of(&mut event))?;
        R::Slot::complete(&mut event, head);
        Ok(event)
    }

    /// Copies the next event into `out`, and returns its sequence and head.
    fn poll(&mut self, out: &mut [u8]) -> Result<(u64, Head), TryRecvError> {
        loop {
            if self.is_repairing() {
                if let Some(outcome) = self.repair(out) {
                    return outcome;
                }
                continue;
            }
            match self.subscriber.poll(out) {
                Err(TryRecvError::Lagged(lagged)) => self.begin(lagged),
                outcome => return outcome,
            }
        }
    }

    /// As [`poll`](Self::poll), waiting for an event until the deadline, if there is one.
    fn poll_until(&mut self, out: &mut [u8], deadline: Option<Instant>) -> Result<(u64, Head), TryRecvError> {
        loop {
            match self.poll(out) {
                Err(TryRecvError::Empty) => {}
                outcome => return outcome,
            }
            let left = deadline.map_or(A_WHILE, |deadline| deadline.saturating_duration_since(Instant::now()));
            if left.is_zero() {
                return Err(TryRecvError::Empty);
            }
            if self.is_repairing() {
                self.history.wait(self.subscriber.next_sequence(), left);
                continue;
            }
            let waiter = |strategy: WaitStrategy| Waiter::for_at_most(strategy, left);
            match self.subscriber.poll_waiting(out, waiter) {
                Err(TryRecvError::Lagged(lagged)) => self.begin(lagged),
                Err(TryRecvError::Empty) => {}
                outcome => return outcome,
            }
        }
    }

    /// Begins to repair what the ring has no more.
    fn begin(&mut self, lagged: Lagged) {
        self.until = lagged.to.get();
        self.subscriber.counters.laps += 1;
        self.subscriber.show_counters();
    }

    /// Asks the history for what is at the position; `None`, if that was no event.
    fn repair(&mut self, out: &mut [u8]) -> Option<Result<(u64, Head), TryRecvError>> {
        let (from, to) = (self.subscriber.place.sequence, self.until);
        let up_to = |count: u64| count.clamp(1, to - from);
        match self.history.next(Sequence::new(from), Sequence::new(to), out) {
            Kept::Event { len, event_type } if self.is_possible(len) => {
                let slots = slots_of::<R::Slot>(len);
                self.subscriber.counters.repaired += 1;
                self.subscriber.counters.holes += slots - 1;
                self.go_to(from + slots);
                Some(Ok((from, Head { len: len as u32, event_type })))
            }
            Kept::Holes(count) => {
                self.go_past_holes(count);
                None
            }
            Kept::Missing(count) => Some(Err(self.lose(from, up_to(count)))),
            // Of another ring.
            Kept::Event { .. } => Some(Err(self.lose(from, 1))),
            Kept::NotYet => Some(Err(TryRecvError::Empty)),
        }
    }

    /// Whether the history has something to say at the position, or the ring, if it is there.
    fn finds(&mut self) -> bool {
        loop {
            if self.is_repairing() {
                match self.look_at_history() {
                    Kept::Event { .. } | Kept::Missing(_) => return true,
                    Kept::NotYet => return false,
                    Kept::Holes(count) => self.go_past_holes(count),
                }
                continue;
            }
            match self.subscriber.look_past_holes() {
                Ok(finds) => return finds,
                Err(found) => self.begin(self.subscriber.overtaken(found)),
            }
        }
    }

    /// Asks the history what is at the position, and leaves it there.
    fn look_at_history(&mut self) -> Kept {
        let mut scratch = R::Slot::blank();
        let (from, to) = (self.subscriber.next_sequence(), Sequence::new(self.until));
        self.history.look(from, to, R::Slot::payload_of(&mut scratch))
    }

    /// Goes past so many sequences that carried no event, as the history says.
    fn go_past_holes(&mut self, count: u64) {
        let from = self.subscriber.place.sequence;
        let count = count.clamp(1, self.until - from);
        self.subscriber.counters.holes += count;
        self.go_to(from + count);
    }

    /// Whether an event of so many bytes may have been at the position.
    fn is_possible(&self, len: usize) -> bool {
        let all_are_alike = size_of::<<R::Slot as Slot>::Head>() == 0;
        if all_are_alike {
            return len == R::Slot::LEN;
        }
        len <= R::Slot::LONGEST && slots_of::<R::Slot>(len) <= self.subscriber.lag()
    }

    fn lose(&mut self, from: u64, count: u64) -> TryRecvError {
        self.subscriber.counters.lost += count;
        self.go_to(from + count);
        TryRecvError::Lagged(Lagged { from: Sequence::new(from), to: Sequence::new(from + count) })
    }

    /// Moves the position, and shows it with the counters: no snapshot has one without the other.
    fn go_to(&mut self, sequence: u64) {
        self.subscriber.place = self.subscriber.ring().view().place(sequence);
        self.subscriber.show_counters();
    }
}

impl<const N: usize, const SLOT: usize, A: Notes, R: RingRef<Slot = Bytes<N, SLOT, A>>, H: History> Repaired<R, H> {
    /// As [`try_recv`](Self::try_recv), into `buffer`, with the event's sequence.
    ///
    /// Beyond the event, and on an error, the buffer's contents are unspecified.
    ///
    /// # Errors
    ///
    /// As [`try_recv`](Self::try_recv).
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
    pub fn read_timeout<'b>(&mut self, buffer: &'b mut [u8; N], timeout: Duration) -> Result<Event<'b>, TryRecvError> {
        let (sequence, head) = self.poll_until(buffer, Instant::now().checked_add(timeout))?;
        let data = &buffer[..head.len as usize];
        Ok(Event { sequence: Sequence::new(sequence), event_type: head.event_type, data })
    }
}

/// Ready once its next [`try_recv`](Repaired::try_recv) would return something other than `Empty`: an event of the ring or of the history, a loss, or the end. May change by
/// being overtaken at once, when the history is behind: then that is `Empty` after all.
impl<R: RingRef + Send, H: History + Send> Waitable for Repaired<R, H> {
    fn member(&mut self) -> Member<'_> {
        Member::of(self)
    }
}

impl<R: RingRef, H: History> Endpoint for Repaired<R, H> {
    fn is_ready(&mut self) -> bool {
        self.finds()
    }

    fn is_idle(&mut self) -> bool {
        if self.is_repairing() { self.look_at_history() == Kept::NotYet } else { self.subscriber.is_idle() }
    }

    fn notifier(&self) -> &Notifier {
        self.subscriber.notifier()
    }

    fn grace_left(&self) -> Option<Duration> {
        if self.is_repairing() { None } else { self.subscriber.grace_left() }
    }

    fn is_shared(&self) -> bool {
        R::SHARED
    }

    fn register(&mut self, registration: &mut Registration, waker: &Waker) -> bool {
        if !self.is_repairing() {
            return self.subscriber.register(registration, waker);
        }
        // A sleep at the ring ends: publishers have nothing for it.
        *registration = Registration::default();
        self.history.register(self.subscriber.next_sequence(), waker)
    }
}

impl<R: RingRef, H> Deref for Repaired<R, H> {
    type Target = Subscriber<R>;

    fn deref(&self) -> &Subscriber<R> {
        &self.subscriber
    }
}
