//! Reading a journal by sequence, while it is written and while old segments are removed.

use std::{
    fs::File,
    io,
    sync::Arc,
    task::Waker,
    time::{Duration, SystemTime},
};

use rusted_ring::{
    Sequence,
    subscriber::{History, Kept},
};

use crate::{
    ReadError,
    format::{Kind, Record, salt},
    shared::{Segment, Shared, Time},
    step::{Step, reach},
    walk::Walk,
};

/// Reads one epoch of a journal, from any sequence. As a [`History`] it repairs a Subscriber.
///
/// It reads files, and holds neither the journal's writer nor the removal of old segments. It knows what the journal that made it wrote, also
/// after that one was closed; what is removed meanwhile is missing.
#[derive(Debug)]
pub struct Reader {
    shared: Arc<Shared>,
    epoch: u32,
    /// The segment that was read last.
    open: Option<Open>,
    failure: Option<ReadError>,
    /// Under which its waker is kept, once it had one.
    ticket: Option<u64>,
}

#[derive(Debug)]
struct Open {
    segment: Segment,
    walk: Walk,
}

/// What becomes of a reader where no segment has more.
enum Beyond {
    Again,
    Kept(Kept),
}

impl Reader {
    pub(crate) fn new(shared: Arc<Shared>, epoch: u32) -> Self {
        Reader { shared, epoch, open: None, failure: None, ticket: None }
    }

    /// Returns the first sequence that the journal still has of this epoch; none, if it has nothing.
    pub fn oldest(&self) -> Option<Sequence> {
        let state = self.shared.lock();
        state.segments.iter().find(|segment| segment.epoch == self.epoch).map(|segment| Sequence::new(segment.first))
    }

    /// Returns the sequence behind the last one that the journal has in files of this epoch; none, if it has nothing. May grow at once.
    pub fn end(&self) -> Option<Sequence> {
        let state = self.shared.lock();
        let last = state.segments.iter().rev().find(|segment| segment.epoch == self.epoch);
        last.map(|segment| Sequence::new(segment.end))
    }

    /// Returns a sequence from which on the journal has everything of this epoch that was taken from the ring at `time` or later, and of which it still has anything; none, if it
    /// has nothing. It is about a second early: times are kept that far apart. If more was removed, it is the oldest sequence.
    ///
    /// The times are those of the system's clock, at the recorder. Where that was set back, the sequence is of the first time that it had, and so may be early, but not late: who wants
    /// exact times puts them into the events.
    ///
    /// ```
    /// use std::time::{Duration, SystemTime};
    /// # use rusted_ring::{Consumer, HeapTypedRing, Publisher, Start, Subscriber};
    /// # use rusted_ring_journal::{Journal, Options};
    /// # let directory = tempfile::tempdir()?;
    /// # let ring = HeapTypedRing::<u64>::new(64);
    /// # let recording = Journal::open(&directory, Options::default())?.record(Consumer::join(ring.clone(), Start::Oldest)?)?;
    /// # let publisher = Publisher::join(ring.clone())?;
    /// # publisher.send(&7);
    /// # while recording.status().written.get() == 0 { std::thread::yield_now() }
    ///
    /// let history = recording.history();
    /// let an_hour_ago = SystemTime::now() - Duration::from_secs(3600);
    /// let start = history.since(an_hour_ago).map_or(Start::Oldest, Start::At);
    /// let mut reader = Subscriber::join(ring, start).repaired_by(history);
    /// # assert_eq!(reader.recv()?, 7);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn since(&self, time: SystemTime) -> Option<Sequence> {
        self.shared.since(self.epoch, Time::nanos_of(time)).map(Sequence::new)
    }

    /// Returns the failure for which [`History::next`] last said that something is missing.
    pub fn failure(&self) -> Option<&ReadError> {
        self.failure.as_ref()
    }

    /// Says what is at `from`, of which the caller wants all up to `to`, and copies an event to the front of `out`, if there is room. Does
    /// not wait.
    ///
    /// What was damaged, removed, or never kept is [`Kept::Missing`]. [`Kept::NotYet`] is said at the end of what is written, while
    /// the epoch is recorded.
    ///
    /// # Errors
    ///
    /// [`ReadError::Io`]; the next call tries again.
    pub fn read(&mut self, from: Sequence, to: Sequence, out: &mut [u8]) -> Result<Kept, ReadError> {
        let from = from.get();
        loop {
            if self.open.as_ref().is_none_or(|open| open.walk.sequence() > from || open.segment.end <= from) {
                match self.seek(from, to.get())? {
                    Beyond::Again => continue,
                    Beyond::Kept(kept) => return Ok(kept),
                }
            }
            let Some(Open { segment, walk }) = &mut self.open else { continue };
            let peeked = walk.peek().map_err(|cause| failed(segment, cause))?;
            reach(Step::RepairFound).map_err(|cause| failed(segment, cause))?;
            let Some(record) = peeked else {
                // All that is written, and the rest of it is damaged; or the file was cut.
                let missing = segment.end - from;
                self.open = None;
                return Ok(Kept::Missing(missing));
            };
            if let Some(kept) = found(walk, &record, from, out) {
                return Ok(kept);
            }
        }
    }

    /// Opens the segment that has `from`, near it.
    fn seek(&mut self, from: u64, to: u64) -> Result<Beyond, ReadError> {
        let state = self.shared.lock();
        let of_epoch = || state.segments.iter().filter(|segment| segment.epoch == self.epoch);
        let Some(segment) = of_epoch().find(|segment| segment.end > from) else {
            let is_recording = state.recording == Some(self.epoch);
            return Ok(Beyond::Kept(if is_recording { Kept::NotYet } else { Kept::Missing(to.saturating_sub(from)) }));
        };
        if segment.first > from {
            return Ok(Beyond::Kept(Kept::Missing(segment.first - from)));
        }
        // The same segment that was read, which has grown: go on there.
        if let Some(open) = &mut self.open
            && open.segment.first == segment.first
            && open.walk.sequence() <= from
        {
            open.segment.end = segment.end;
            open.walk.grow(segment.bytes);
            return Ok(Beyond::Again);
        }
        let near = segment.index.partition_point(|(sequence, _)| *sequence <= from);
        let place = near.checked_sub(1).map(|near| segment.index[near]);
        let segment = Segment { index: Vec::new(), times: Vec::new(), path: segment.path.clone(), ..*segment };
        drop(state);
        let salt = salt(segment.epoch, segment.first);
        let file = match File::open(&segment.path) {
            Ok(file) => file,
            // It was removed in this moment; if the journal did it, it is not in the list any more.
            Err(error) if error.kind() == io::ErrorKind::NotFound && !self.is_listed(&segment) => {
                return Ok(Beyond::Again);
            }
            Err(error) => return Err(failed(&segment, error)),
        };
        reach(Step::RepairOpened).map_err(|cause| failed(&segment, cause))?;
        let dictionaries = &self.shared.dictionaries;
        let walk = match place {
            Some((sequence, place)) => Walk::new(file, salt, segment.bytes, (place, sequence), dictionaries),
            None => Walk::through(file, salt, segment.bytes, segment.first, dictionaries),
        };
        self.open = Some(Open { segment, walk });
        Ok(Beyond::Again)
    }

    fn is_listed(&self, segment: &Segment) -> bool {
        let state = self.shared.lock();
        state.segments.iter().any(|listed| (listed.epoch, listed.first) == (segment.epoch, segment.first))
    }
}

/// What `record`, the next one of the walk, says of `from`; nothing, if it lies before, and the walk goes on.
fn found(walk: &mut Walk, record: &Record, from: u64, out: &mut [u8]) -> Option<Kept> {
    if record.sequence > from {
        return Some(Kept::Missing(record.sequence - from));
    }
    if record.end() <= from {
        walk.advance(record);
        return None;
    }
    let rest = record.end() - from;
    match record.kind {
        Kind::Holes => Some(Kept::Holes(rest)),
        // A walk shows a block's records, and not the block.
        Kind::Lost | Kind::Time | Kind::Block { .. } => Some(Kept::Missing(rest)),
        // From the middle of a long event on.
        Kind::Event { .. } if record.sequence < from => Some(Kept::Holes(rest)),
        Kind::Event { len, event_type } => {
            let event = walk.event(record);
            if let Some(out) = out.get_mut(..event.len()) {
                out.copy_from_slice(event);
                walk.advance(record);
            }
            Some(Kept::Event { len: len as usize, event_type })
        }
    }
}

fn failed(segment: &Segment, cause: io::Error) -> ReadError {
    ReadError::Io { path: segment.path.clone(), cause }
}

/// A reader of its own, that begins anew.
impl Clone for Reader {
    fn clone(&self) -> Self {
        Reader::new(Arc::clone(&self.shared), self.epoch)
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        // Dropped when nothing is locked: a waker is foreign code.
        let _waker = self.ticket.and_then(|ticket| self.shared.lock().asleep.remove(&ticket));
    }
}

/// What cannot be read is missing, and [`failure`](Reader::failure) says why. The recording wakes who waits at its end, and publishers do not.
impl History for Reader {
    fn next(&mut self, from: Sequence, to: Sequence, out: &mut [u8]) -> Kept {
        self.read(from, to, out).unwrap_or_else(|error| {
            self.failure = Some(error);
            Kept::Missing(to - from)
        })
    }

    fn wait(&mut self, from: Sequence, timeout: Duration) {
        let epoch = self.epoch;
        self.shared.wait(timeout, |state| state.recording != Some(epoch) || state.written > from.get());
    }

    /// Leaves the event where it is.
    fn look(&mut self, from: Sequence, to: Sequence, _scratch: &mut [u8]) -> Kept {
        self.next(from, to, &mut [])
    }

    fn register(&mut self, _from: Sequence, waker: &Waker) -> bool {
        // Cloned, and dropped, when nothing is locked: a waker is foreign code.
        let waker = waker.clone();
        let mut state = self.shared.lock();
        let ticket = *self.ticket.get_or_insert_with(|| {
            state.tickets += 1;
            state.tickets
        });
        let replaced = state.asleep.insert(ticket, waker);
        drop(state);
        drop(replaced);
        true
    }
}
