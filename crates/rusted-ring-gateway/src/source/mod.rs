//! The source's side: a ring's events go into frames, and what was missed is asked for here.

mod reader;

use std::time::Duration;

pub use reader::{Kept, Opened, open};

use crate::wire::{Batch, Body, Frame, LONGEST_EVENT, Origin};

/// Bytes from which on a frame goes out though there is more.
const FULL: usize = 32 << 10;
/// Bytes of an answer, about: for more it is asked again.
const ANSWER: usize = 256 << 10;

/// What a reader found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// An event, in the buffer.
    Event {
        /// Its sequence.
        sequence: u64,
        /// Its type.
        event_type: u32,
        /// Its bytes.
        len: usize,
    },
    /// The reader lost these.
    Lost {
        /// The first.
        from: u64,
        /// The one behind the last.
        to: u64,
    },
    /// Nothing came in time.
    Nothing,
}

/// A reader of a source's ring.
pub trait Read {
    /// The next event, copied into `out`, within `timeout`.
    ///
    /// # Errors
    ///
    /// If the ring is corrupt, or has ended.
    fn next(&mut self, out: &mut [u8; LONGEST_EVENT], timeout: Duration) -> anyhow::Result<Step>;
    /// The next sequence that it wants: those between the last event and this one carried none.
    fn position(&self) -> u64;
}

/// Makes frames of what a reader finds.
pub struct Frames<'a, R: ?Sized> {
    reader: &'a mut R,
    origin: Origin,
    buffer: Box<[u8; LONGEST_EVENT]>,
    /// An event that did not fit into the last frame.
    left: Option<(u64, u32, usize)>,
    /// The sequence behind the last frame.
    next: u64,
    /// Events and losses, counted.
    pub sent: u64,
    /// Sequences that the reader lost.
    pub lost: u64,
}

/// What came of a look: nothing, if it is neither.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Made {
    /// A frame of events.
    pub frame: Option<Vec<u8>>,
    /// Behind it, sequences that the reader lost; the next frame begins behind them.
    pub lost: Option<(u64, u64)>,
}

impl<'a, R: Read + ?Sized> Frames<'a, R> {
    /// Frames of what `reader` finds, on the ring of `origin`.
    pub fn new(reader: &'a mut R, origin: Origin) -> Self {
        let next = reader.position();
        let buffer =
            vec![0; LONGEST_EVENT].into_boxed_slice().try_into().unwrap_or_else(|_| unreachable!("of this length"));
        Frames { reader, origin, buffer, left: None, next, sent: 0, lost: 0 }
    }

    /// The sequence behind the last frame: all before was made frames of, or lost.
    pub fn position(&self) -> u64 {
        self.next
    }

    /// A frame of what is ready, of sequences below `to`, once something is within `timeout`. It does not wait for more.
    ///
    /// # Errors
    ///
    /// As of the reader.
    pub fn make(&mut self, to: u64, mut timeout: Duration) -> anyhow::Result<Made> {
        let mut batch = Batch::new(self.origin, self.next);
        let (mut end, mut lost) = (self.next, None);
        while batch.bytes() < FULL {
            let event = match self.left.take() {
                Some(left) => left,
                None => match self.reader.next(&mut self.buffer, timeout)? {
                    Step::Event { sequence, event_type, len } => (sequence, event_type, len),
                    Step::Lost { from, to: behind } => {
                        (end, lost) = (from, Some((from, behind)));
                        break;
                    }
                    Step::Nothing => {
                        end = self.reader.position();
                        break;
                    }
                },
            };
            let (sequence, event_type, len) = event;
            if sequence >= to || !batch.has_room(sequence, len) {
                (end, self.left) = (sequence, Some(event));
                break;
            }
            batch.push(sequence, event_type, &self.buffer[..len]);
            self.sent += 1;
            (end, timeout) = (sequence + 1, Duration::ZERO);
        }
        let end = end.min(to).max(self.next);
        self.next = end;
        if let Some((from, behind)) = lost {
            self.lost += behind - from;
            self.next = behind.max(end);
        }
        Ok(Made { frame: batch.finish(end), lost })
    }
}

/// The answer to a question for the sequences from `from` to `to`: frames, each given to `send`, of about 256 KiB at most. The asker asks again for the
/// rest.
///
/// # Errors
///
/// As of the reader, or of `send`.
pub fn answer<R: Read + ?Sized>(
    reader: &mut R,
    origin: Origin,
    from: u64,
    to: u64,
    mut send: impl FnMut(Vec<u8>) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let missing = |from: u64, to: u64| Frame { origin, from, to, body: Body::Missing }.encode();
    let begins = reader.position().min(to);
    if begins > from {
        send(missing(from, begins))?;
    }
    let mut frames = Frames::new(reader, origin);
    let mut bytes = 0;
    while frames.position() < to && bytes < ANSWER {
        let made = frames.make(to, Duration::ZERO)?;
        if made == Made::default() {
            break;
        }
        if let Some(frame) = made.frame {
            bytes += frame.len();
            send(frame)?;
        }
        if let Some((from, behind)) = made.lost
            && from < to
        {
            send(missing(from, behind.min(to)))?;
        }
    }
    Ok(())
}

/// What a source says of itself, whose ring has so many slots of so many bytes: it has what lies from `oldest` to `next`.
pub fn beat(origin: Origin, (capacity, slot_bytes): (u64, u32), oldest: u64, next: u64) -> Vec<u8> {
    Frame { origin, from: oldest.min(next), to: next, body: Body::Beat { capacity, slot_bytes } }.encode()
}
