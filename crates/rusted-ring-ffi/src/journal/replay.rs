//! A reader of what a journal has of an epoch in its files, without a ring.

use std::time::Duration;

use rusted_ring::{Sequence, subscriber::Kept, wait::Member};
use rusted_ring_journal::Reader;

use crate::{
    exclusive::Exclusive,
    failure::Failure,
    rings::{AnyReader, Reads, Records, fill},
    status::RUSTED_RING_LAGGED,
    types::{Event, RUSTED_RING_NEWEST, RUSTED_RING_OLDEST, Range, ReaderStats},
};

/// Goes over an epoch, up to where it ended when this was made.
struct Replay {
    history: Reader,
    /// How many bytes an event may have.
    longest: usize,
    joined: u64,
    next: u64,
    end: u64,
    received: u64,
    lost: u64,
    holes: u64,
    /// What was met behind events, to be told next.
    owed: Option<Met>,
    loss: Range,
}

/// What there was instead of an event.
enum Met {
    /// Sequences that the journal has no more.
    Lost(Range),
    End,
    Failure(Failure),
}

/// Makes a reader of an epoch, from the sequence `from` on, for events of up to `longest` bytes.
pub(crate) fn replay(history: Reader, from: u64, longest: usize) -> Reads {
    if longest == 0 || longest > u32::MAX as usize {
        return Err(Failure::argument(format!(
            "`event_bytes` is {longest}: pass how many bytes an event of this epoch has at most, such as the slots of its ring"
        )));
    }
    let end = history.end().map_or(0, Sequence::get);
    let oldest = history.oldest().map_or(0, Sequence::get);
    let from = match from {
        RUSTED_RING_OLDEST => oldest,
        RUSTED_RING_NEWEST => end,
        sequence if sequence <= Sequence::LAST.get() => sequence,
        other => return Err(Failure::argument(format!("`from` is {other}, which no event can have: pass a sequence"))),
    };
    // What is behind the end was not there: nothing of it is lost.
    let end = end.max(from);
    Ok(Box::new(Exclusive::new(Replay {
        history,
        longest,
        joined: from,
        next: from,
        end,
        received: 0,
        lost: 0,
        holes: 0,
        owed: None,
        loss: Range::default(),
    })))
}

impl Replay {
    /// Copies the next event to the front of `place`.
    fn next(&mut self, place: &mut [u8]) -> Result<Event, Met> {
        loop {
            let (from, left) = (self.next, self.end - self.next);
            if left == 0 {
                return Err(Met::End);
            }
            let kept = self.history.read(Sequence::new(from), Sequence::new(self.end), place);
            match kept.map_err(|error| Met::Failure(error.into()))? {
                Kept::Event { len, event_type } => {
                    let Some(event) = place.get(..len) else {
                        return Err(Met::Failure(Failure::TooLarge { len, longest: self.longest }));
                    };
                    self.next += 1;
                    self.received += 1;
                    return Ok(Event { data: event.as_ptr().cast(), len: len as u32, event_type, sequence: from });
                }
                Kept::Holes(count) => {
                    let count = count.clamp(1, left);
                    self.holes += count;
                    self.next += count;
                }
                Kept::Missing(count) => return Err(self.lose(count.clamp(1, left))),
                // What was there is not there any more: the files were cut.
                Kept::NotYet => return Err(self.lose(left)),
            }
        }
    }

    fn lose(&mut self, count: u64) -> Met {
        let from = self.next;
        self.lost += count;
        self.next += count;
        Met::Lost(Range { from, to: self.next })
    }

    fn tell(&mut self, met: Met) -> Failure {
        match met {
            Met::Lost(range) => {
                self.loss = range;
                let Range { from, to } = range;
                let text = format!(
                    "the journal has no more what was at the sequences from {from} up to {to}, which were removed, damaged, or not kept: it goes on behind them"
                );
                Failure::Journal(RUSTED_RING_LAGGED, text)
            }
            Met::End => Failure::Closed,
            Met::Failure(failure) => failure,
        }
    }
}

impl AnyReader for Replay {
    fn read(&mut self, into: Records<'_>, _timeout: Duration) -> Result<usize, Failure> {
        if let Some(owed) = self.owed.take() {
            return Err(self.tell(owed));
        }
        match fill(into, self.longest, Duration::ZERO, |place, _| self.next(place)) {
            Ok((count, end)) => {
                self.owed = end;
                Ok(count)
            }
            Err(met) => Err(self.tell(met)),
        }
    }

    fn loss(&self) -> Range {
        self.loss
    }

    /// It is always ready: with an event, a loss, or its end.
    fn is_owing(&self) -> bool {
        true
    }

    fn stats(&self) -> ReaderStats {
        ReaderStats {
            entry: u32::MAX,
            joined: self.joined,
            position: self.next,
            received: self.received,
            lost: self.lost,
            holes: self.holes,
            ahead: self.end - self.next,
            ..ReaderStats::default()
        }
    }

    fn longest(&self) -> usize {
        self.longest
    }

    fn member(&mut self) -> Member<'_> {
        unreachable!("nobody waits for what is always ready")
    }
}
