//! The thread that takes every event from a ring and appends it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use rusted_ring::{Consumer, RingRef, Sequence, consumer::TryRecvError};

use crate::{
    Journal, Position, PositionError, Reader, Status, StopError, Watch,
    shared::Shared,
    writer::{Broken, Writer},
};

/// How long the thread sleeps, at most, before it sees that it is to stop.
const LONGEST_SLEEP: Duration = Duration::from_millis(50);
/// How long it sleeps while a full disk holds it.
const HELD: Duration = Duration::from_millis(20);

/// A ring that is being recorded. Dropped, it stops as by [`stop`](Self::stop), and what went wrong is not told.
#[derive(Debug)]
#[must_use = "dropped, the recording stops"]
pub struct Recording {
    /// Ends before the journal is closed.
    thread: Thread,
    journal: Journal,
    shared: Arc<Shared>,
    epoch: u32,
}

/// The thread; it ends when this is dropped.
#[derive(Debug)]
struct Thread {
    is_stopped: Arc<AtomicBool>,
    handle: Option<JoinHandle<Result<(), StopError>>>,
}

impl Recording {
    pub(crate) fn begin<R>(
        journal: Journal,
        shared: Arc<Shared>,
        epoch: u32,
        consumer: Consumer<R>,
        writer: Writer,
    ) -> std::io::Result<Self>
    where
        R: RingRef,
        Consumer<R>: Send + 'static,
    {
        let is_stopped = Arc::new(AtomicBool::new(false));
        let end = Ended { shared: Arc::clone(&shared), has_failed: true };
        let stop = Arc::clone(&is_stopped);
        let run = move || {
            let mut end = end;
            let outcome = run(consumer, writer, &stop);
            end.has_failed = outcome.is_err();
            outcome
        };
        let handle = thread::Builder::new().name("journal".to_owned()).spawn(run)?;
        Ok(Recording { thread: Thread { is_stopped, handle: Some(handle) }, journal, shared, epoch })
    }

    /// Returns a history of this recording, for [`Subscriber::repaired_by`](rusted_ring::Subscriber::repaired_by).
    pub fn history(&self) -> Reader {
        Reader::new(Arc::clone(&self.shared), self.epoch)
    }

    /// Returns the journal, to look at: its epochs, what was found, and readers of earlier epochs.
    pub fn journal(&self) -> &Journal {
        &self.journal
    }

    /// As [`Journal::position`].
    ///
    /// # Errors
    ///
    /// As [`Journal::position`].
    pub fn position(&self, name: &str) -> Result<Position, PositionError> {
        self.journal.position(name)
    }

    /// Returns the number of the epoch that is recorded.
    pub fn epoch(&self) -> u32 {
        self.epoch
    }

    /// Returns how far it is. May be old at once.
    pub fn status(&self) -> Status {
        Status::of(&self.shared)
    }

    /// Returns what tells the status without the recording, and after it.
    pub fn watch(&self) -> Watch {
        self.journal.watch()
    }

    /// Whether the thread still takes events. It ends by itself when the ring is closed and everything is written, or by an error, which
    /// [`stop`](Self::stop) then returns.
    pub fn is_running(&self) -> bool {
        self.thread.handle.as_ref().is_some_and(|handle| !handle.is_finished())
    }

    /// Waits until sequences below `end` are durable, for `timeout` at most. Returns whether they are.
    pub fn wait_durable(&self, end: Sequence, timeout: Duration) -> bool {
        self.watch().wait_durable(end, timeout)
    }

    /// Writes what was published until now, syncs it unless the policy is never to, and returns the journal. Frees the gate.
    ///
    /// # Errors
    ///
    /// Why the recording ended before this, or what it could not write. The directory is free then, and can be opened again.
    pub fn stop(mut self) -> Result<Journal, StopError> {
        self.thread.end()?;
        Ok(self.journal)
    }
}

impl Thread {
    fn end(&mut self) -> Result<(), StopError> {
        self.is_stopped.store(true, Ordering::Relaxed);
        match self.handle.take().map(JoinHandle::join) {
            Some(Ok(outcome)) => outcome,
            Some(Err(_)) => Err(StopError::Panicked),
            None => Ok(()),
        }
    }
}

impl Drop for Thread {
    fn drop(&mut self) {
        let _ = self.end();
    }
}

/// Tells readers that nothing more will come, however the thread ends.
struct Ended {
    shared: Arc<Shared>,
    /// Unless the thread says otherwise: it may panic, or not be started at all.
    has_failed: bool,
}

impl Drop for Ended {
    fn drop(&mut self) {
        {
            let mut state = self.shared.lock();
            (state.recording, state.has_failed) = (None, self.has_failed);
        }
        self.shared.notify();
    }
}

fn run<R: RingRef>(mut consumer: Consumer<R>, mut writer: Writer, is_stopped: &AtomicBool) -> Result<(), StopError> {
    let outcome = take_all(&mut consumer, &mut writer, is_stopped);
    let end = consumer.next_sequence().get();
    // The publishers are free before the last sync.
    drop(consumer);
    if let Err(error @ StopError::Io(_)) = outcome {
        // A second sync would succeed, and say nothing of what the first one was to sync.
        return Err(error);
    }
    // Behind the last event.
    writer.holes(end);
    let is_whole = writer.finish().map_err(StopError::Io)?;
    outcome?;
    if is_whole {
        return Ok(());
    }
    let (from, to) = writer.unwritten();
    let cause = writer.failure().unwrap_or_else(|| std::io::ErrorKind::StorageFull.into());
    Err(StopError::Full { from: Sequence::new(from), to: Sequence::new(to), cause })
}

/// Takes events until the ring is closed, or it is stopped.
fn take_all<R: RingRef>(
    consumer: &mut Consumer<R>,
    writer: &mut Writer,
    is_stopped: &AtomicBool,
) -> Result<(), StopError> {
    // Where it ends, once it is stopped: what was claimed at that moment.
    let mut last = None;
    consumer.show_durable(writer.durable());
    loop {
        if last.is_none() && is_stopped.load(Ordering::Relaxed) {
            last = Some(consumer.next_sequence() + consumer.lag());
        }
        if last.is_some_and(|last| consumer.next_sequence() >= last) {
            return Ok(());
        }
        if writer.is_batch_full() && !make_room(consumer, writer, is_stopped).map_err(StopError::Io)? {
            return Ok(());
        }
        match take(consumer, writer, Duration::ZERO) {
            Ok(()) => {}
            Err(TryRecvError::Empty) => {
                if last.is_some() {
                    return Ok(());
                }
                writer.holes(consumer.next_sequence().get());
                flush(consumer, writer).map_err(StopError::Io)?;
                let patience = writer.patience(LONGEST_SLEEP);
                match take(consumer, writer, patience) {
                    Ok(()) | Err(TryRecvError::Empty) => {}
                    Err(TryRecvError::Closed) => return Ok(()),
                    Err(_) => return Err(StopError::Corrupt),
                }
            }
            Err(TryRecvError::Closed) => return Ok(()),
            Err(_) => return Err(StopError::Corrupt),
        }
    }
}

/// Writes the batch, and waits while the disk is full. Whether there is room, and it was not stopped.
fn make_room<R: RingRef>(
    consumer: &mut Consumer<R>,
    writer: &mut Writer,
    is_stopped: &AtomicBool,
) -> Result<bool, Broken> {
    flush(consumer, writer)?;
    while writer.is_batch_full() {
        if is_stopped.load(Ordering::Relaxed) {
            return Ok(false);
        }
        thread::sleep(HELD);
        flush(consumer, writer)?;
    }
    Ok(true)
}

/// Writes the batch, if there is room for it, and shows in the ring's ledger how far the journal is durable.
fn flush<R: RingRef>(consumer: &mut Consumer<R>, writer: &mut Writer) -> Result<(), Broken> {
    let outcome = writer.flush();
    consumer.show_durable(writer.durable());
    outcome
}

/// Takes the next event, if there is one in time.
#[inline]
fn take<R: RingRef>(consumer: &mut Consumer<R>, writer: &mut Writer, timeout: Duration) -> Result<(), TryRecvError> {
    let event = consumer.copy_into(writer.room(), timeout)?;
    let (sequence, len, event_type) = (event.sequence.get(), event.data.len(), event.event_type);
    writer.push(sequence, len, event_type, consumer.next_sequence().get());
    Ok(())
}
