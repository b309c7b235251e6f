//! Subscribers of any ring, and such as a journal repairs.

use std::time::Duration;

use rusted_ring::{
    Bytes, Event, Notes, Start, Subscriber,
    subscriber::{Lagged, Repaired, TryRecvError},
    wait::{Member, Waitable},
};
use rusted_ring_journal::Reader;

use super::{
    AnyReader, Reads, Records, RingKind,
    reader::{fill, told},
};
use crate::{
    exclusive::Exclusive,
    failure::Failure,
    types::{Range, ReaderStats},
};

/// Joins a Subscriber, which has from `history` what it would lose, if there is one.
pub(super) fn lossy<const N: usize, A: Notes, R: RingKind<Slot = Bytes<N, N, A>>>(
    ring: R,
    from: Start,
    name: &str,
    history: Option<Reader>,
) -> Reads {
    let subscriber = Subscriber::join(ring, from).named(name);
    Ok(match history {
        None => Lossy::boxed(subscriber),
        Some(history) => Lossy::boxed(subscriber.repaired_by(history)),
    })
}

/// A Subscriber, or one that is repaired.
trait Source<const N: usize>: Waitable + Send + 'static {
    fn next<'b>(&mut self, buffer: &'b mut [u8; N], timeout: Duration) -> Result<Event<'b>, TryRecvError>;
    fn stats(&self) -> ReaderStats;
}

/// A Subscriber, and what it has lost last.
struct Lossy<const N: usize, S> {
    source: S,
    /// A loss that was met behind events, to be told next.
    owed: Option<Lagged>,
    loss: Range,
}

impl<const N: usize, S: Source<N>> Lossy<N, S> {
    fn boxed(source: S) -> Box<Exclusive<dyn AnyReader>> {
        Box::new(Exclusive::new(Lossy { source, owed: None, loss: Range::default() }))
    }

    #[cold]
    fn tell(&mut self, lagged: Lagged) -> Failure {
        self.loss = Range { from: lagged.from.get(), to: lagged.to.get() };
        Failure::Lagged(lagged)
    }
}

impl<const N: usize, S: Source<N>> AnyReader for Lossy<N, S> {
    fn read(&mut self, into: Records<'_>, timeout: Duration) -> Result<usize, Failure> {
        if let Some(lagged) = self.owed.take() {
            return Err(self.tell(lagged));
        }
        let outcome = fill(into, N, timeout, |place, timeout| {
            let buffer: &mut [u8; N] = place.try_into().expect("a place holds the longest event");
            Ok(told(&self.source.next(buffer, timeout)?))
        });
        match outcome {
            Ok((count, end)) => {
                if let Some(TryRecvError::Lagged(lagged)) = end {
                    self.owed = Some(lagged);
                }
                Ok(count)
            }
            Err(TryRecvError::Lagged(lagged)) => Err(self.tell(lagged)),
            Err(error) => Err(error.into()),
        }
    }

    fn loss(&self) -> Range {
        self.loss
    }

    fn is_owing(&self) -> bool {
        self.owed.is_some()
    }

    fn stats(&self) -> ReaderStats {
        self.source.stats()
    }

    fn longest(&self) -> usize {
        N
    }

    fn member(&mut self) -> Member<'_> {
        self.source.member()
    }
}

impl<const N: usize, A: Notes, R: RingKind<Slot = Bytes<N, N, A>>> Source<N> for Subscriber<R> {
    #[inline(always)]
    fn next<'b>(&mut self, buffer: &'b mut [u8; N], timeout: Duration) -> Result<Event<'b>, TryRecvError> {
        if timeout.is_zero() { self.try_read(buffer) } else { self.read_timeout(buffer, timeout) }
    }

    fn stats(&self) -> ReaderStats {
        stats_of(self)
    }
}

impl<const N: usize, A: Notes, R: RingKind<Slot = Bytes<N, N, A>>> Source<N> for Repaired<R, Reader> {
    fn next<'b>(&mut self, buffer: &'b mut [u8; N], timeout: Duration) -> Result<Event<'b>, TryRecvError> {
        if timeout.is_zero() { self.try_read(buffer) } else { self.read_timeout(buffer, timeout) }
    }

    fn stats(&self) -> ReaderStats {
        stats_of(self)
    }
}

fn stats_of<R: RingKind>(reader: &Subscriber<R>) -> ReaderStats {
    let position = reader.next_sequence().get();
    let (received, lost, holes) = (reader.received(), reader.lost(), reader.holes());
    let repaired = reader.repaired();
    ReaderStats {
        entry: u32::MAX,
        joined: position - received - repaired - lost - holes,
        position,
        received,
        lost,
        repaired,
        holes,
        laps: reader.laps(),
        ahead: reader.lag(),
        ..ReaderStats::default()
    }
}
