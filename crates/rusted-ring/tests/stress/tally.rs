//! What a reader's events add up to, counted by the test itself.

use rusted_ring::{Bytes, Consumer, RingRef, Subscriber, consumer, subscriber::TryRecvError};

use crate::{
    deadline::PATIENCE,
    payload::{check, trace},
};

pub(crate) const MOST_PUBLISHERS: usize = 3;

/// One reader's own books.
pub(crate) struct Tally {
    joined: u64,
    /// The next sequence, except for holes that were not seen passing yet.
    next: u64,
    pub(crate) received: u64,
    pub(crate) lost: u64,
    pub(crate) laps: u64,
    pub(crate) holes: u64,
    /// The next counter that each publisher may show.
    counters: [u64; MOST_PUBLISHERS],
    /// The sum of `trace` over all events.
    pub(crate) traces: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Event,
    Lagged,
    Empty,
    Closed,
}

impl Tally {
    pub(crate) fn at(joined: u64) -> Self {
        Tally {
            joined,
            next: joined,
            received: 0,
            lost: 0,
            laps: 0,
            holes: 0,
            counters: [0; MOST_PUBLISHERS],
            traces: 0,
        }
    }

    /// Counts the holes that the reader went past; the sequence it must stand at now.
    fn pass(&mut self, holes: u64) -> u64 {
        self.next += holes - self.holes;
        self.holes = holes;
        self.next
    }

    fn event(&mut self, sequence: u64, bytes: &[u8], event_type: u32, max: usize, lossless: bool) {
        assert_eq!(sequence, self.next, "an event out of its place");
        let (publisher, counter) = check(bytes, event_type, max);
        let expected = self.counters[publisher];
        if lossless {
            assert_eq!(counter, expected, "a Consumer missed an event of publisher {publisher}");
        } else {
            assert!(counter >= expected, "event {counter} of publisher {publisher}, after all before {expected}");
        }
        self.counters[publisher] = counter + 1;
        self.next += 1;
        self.received += 1;
        self.traces = self.traces.wrapping_add(trace(sequence, publisher, counter));
    }

    /// One poll of a Subscriber, which must agree with these books.
    pub(crate) fn poll<const N: usize, const SLOT: usize, R>(
        &mut self,
        reader: &mut Subscriber<R>,
        buffer: &mut [u8; N],
    ) -> Step
    where
        R: RingRef<Slot = Bytes<N, SLOT>>,
    {
        // The event's borrow is the buffer's only, so the reader can be asked beside it.
        let outcome = reader.try_read(buffer);
        // A long event's further slots lie behind it.
        let further = outcome.map_or(0, |event| event.data.len().div_ceil(SLOT).max(1) as u64 - 1);
        let expected = self.pass(reader.holes() - further);
        match outcome {
            Ok(event) => self.event(event.sequence.get(), event.data, event.event_type, N, false),
            Err(TryRecvError::Lagged(lagged)) => {
                assert_eq!(lagged.from.get(), expected);
                assert!(lagged.to > lagged.from);
                self.next = lagged.to.get();
                self.lost += lagged.count();
                self.laps += 1;
            }
            Err(TryRecvError::Empty | TryRecvError::Closed) => {}
            Err(error) => panic!("{error}"),
        }
        self.pass(reader.holes());
        assert_eq!(reader.next_sequence().get(), self.next);
        assert_eq!((reader.received(), reader.lost(), reader.laps()), (self.received, self.lost, self.laps));
        assert!(reader.lag() < u64::MAX / 2);
        match outcome {
            Ok(_) => Step::Event,
            Err(TryRecvError::Lagged(_)) => Step::Lagged,
            Err(TryRecvError::Closed) => Step::Closed,
            Err(_) => Step::Empty,
        }
    }

    /// Makes one receipt by a Consumer; returns whether there was an event, and not the end.
    pub(crate) fn receive<const N: usize, const SLOT: usize, R>(&mut self, consumer: &mut Consumer<R>) -> bool
    where
        R: RingRef<Slot = Bytes<N, SLOT>>,
    {
        let position = consumer.next_sequence().get();
        let open = match consumer.recv_timeout(PATIENCE) {
            Ok(loan) => {
                self.pass(self.holes + loan.sequence().get() - position);
                self.event(loan.sequence().get(), &loan, loan.event_type(), N, true);
                true
            }
            Err(consumer::TryRecvError::Closed) => false,
            Err(error) => panic!("{error}"),
        };
        self.pass(consumer.holes());
        assert_eq!((consumer.received(), consumer.next_sequence().get()), (self.received, self.next));
        open
    }

    /// At rest nothing is ahead: everything claimed since joining was received, lost, or a hole.
    pub(crate) fn conserves(&self, claimed: u64) {
        assert_eq!(claimed - self.joined, self.received + self.lost + self.holes);
    }
}
