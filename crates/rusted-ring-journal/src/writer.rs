//! The writer: collects records to batches, and appends these to segments.

use std::{
    fs::{self, File, OpenOptions},
    io,
    os::unix::fs::{FileExt, OpenOptionsExt},
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

use rusted_ring::Sequence;

use crate::{
    FullDisk, Options, SyncPolicy,
    batch::Batch,
    directory::{path_of, sync_directory},
    format::{Kind, Record, SEGMENT_HEAD, salt, segment_head},
    shared::{Age, Segment, Shared, Time},
    step::{self, Step, reach},
};

/// How long after a write that failed the next one is tried.
const RETRY: Duration = Duration::from_millis(100);
/// How far apart the times in a segment are, at least, unless batches are.
const TIME_EVERY: Duration = Duration::from_secs(1);
/// How often segments are looked at that may have grown too old.
const LOOK_AFTER: Duration = Duration::from_secs(1);

/// The file that is written.
#[derive(Debug)]
struct Current {
    file: File,
    first: u64,
    bytes: u64,
}

#[derive(Debug)]
pub(crate) struct Writer {
    shared: Arc<Shared>,
    directory: PathBuf,
    options: Options,
    epoch: u32,
    current: Option<Current>,
    batch: Batch,
    /// The time with which the batch begins, if it has one.
    time: Option<Time>,
    /// When the last time was taken: not when it was written, which may be much later, behind a disk that was full.
    timed: Instant,
    /// The sequence behind what is in files.
    written: u64,
    /// The sequence behind what is synced.
    durable: u64,
    /// The sequence behind what is in files and in the batch.
    next: u64,
    /// The sequence up to which lost ones are counted.
    counted: u64,
    /// When a write is tried again, after one that failed.
    retry_at: Option<(Instant, io::Error)>,
    synced: Instant,
    is_dirty: bool,
    looked: Instant,
}

/// Why nothing more can be written for good: what becomes of the last batch is not known.
pub(crate) type Broken = io::Error;

impl Writer {
    /// A writer of events from `written` on, that are at most so long.
    pub(crate) fn new(
        shared: Arc<Shared>,
        directory: PathBuf,
        options: Options,
        epoch: u32,
        written: u64,
        longest: usize,
    ) -> Self {
        let now = Instant::now();
        let durable = shared.lock().durable;
        let batch = Batch::new(longest, options.compression.as_ref());
        Writer {
            shared,
            directory,
            options,
            epoch,
            current: None,
            batch,
            time: None,
            timed: now,
            written,
            durable,
            next: written,
            counted: written,
            retry_at: None,
            synced: now,
            is_dirty: false,
            looked: now,
        }
    }

    /// The room for the next event's bytes.
    #[inline]
    pub(crate) fn room(&mut self) -> &mut [u8] {
        self.batch.room()
    }

    /// Takes the event whose bytes were put into the [`room`](Self::room), and which stands for sequences up to `end`.
    #[inline]
    pub(crate) fn push(&mut self, sequence: u64, len: usize, event_type: u32, end: u64) {
        if self.batch.is_empty() || self.next != sequence {
            self.make_way(sequence, len);
        }
        let span = (end - sequence) as u32;
        self.batch.push(Record { kind: Kind::Event { len: len as u32, event_type }, sequence, span });
        self.next = end;
    }

    /// Begins the batch, if there is none, and puts records of what was lost and of holes before the event in the room.
    #[cold]
    fn make_way(&mut self, sequence: u64, len: usize) {
        let event = self.room()[..len].to_vec();
        self.holes(sequence);
        if self.batch.is_empty() {
            self.begin();
        }
        self.room()[..len].copy_from_slice(&event);
    }

    /// Notes that sequences up to `end` carried no event.
    pub(crate) fn holes(&mut self, end: u64) {
        if self.next < end {
            if self.batch.is_empty() {
                self.begin();
            }
            self.put_span(Kind::Holes, self.next, end);
        }
    }

    /// Notes that sequences up to `end` are not kept.
    pub(crate) fn lose(&mut self, end: u64) {
        self.next = self.next.max(end);
        self.count_lost();
    }

    /// Begins a batch, and says first what was not kept, and what time it is.
    fn begin(&mut self) {
        let first = self.current.as_ref().filter(|current| current.bytes < self.options.segment_bytes);
        let is_timed = first.is_some() && self.timed.elapsed() < TIME_EVERY;
        self.batch.begin(salt(self.epoch, first.map_or(self.written, |current| current.first)));
        if self.written < self.next {
            self.put_span(Kind::Lost, self.written, self.next);
        }
        self.time = (!is_timed).then(|| self.put_time());
    }

    fn put_time(&mut self) -> Time {
        let time = Time { sequence: self.next, nanos: Time::nanos_of(SystemTime::now()) };
        self.timed = Instant::now();
        self.batch.put(Record { kind: Kind::Time, sequence: self.next, span: 0 }, &time.nanos.to_le_bytes());
        time
    }

    fn put_span(&mut self, kind: Kind, from: u64, to: u64) {
        let mut sequence = from;
        while sequence < to {
            let span = (to - sequence).min(u32::MAX.into()) as u32;
            self.batch.put(Record { kind, sequence, span }, &[]);
            sequence += u64::from(span);
        }
        self.next = to;
    }

    /// Whether the batch is to be written before more is taken.
    #[inline]
    pub(crate) fn is_batch_full(&self) -> bool {
        self.batch.is_full()
    }

    /// The sequences that were taken and are in no file.
    pub(crate) fn unwritten(&self) -> (u64, u64) {
        (self.written, self.next)
    }

    /// The sequence behind what is durable.
    pub(crate) fn durable(&self) -> Sequence {
        Sequence::new(self.durable)
    }

    /// What the last write that failed said, if none succeeded since.
    pub(crate) fn failure(&mut self) -> Option<io::Error> {
        self.retry_at.take().map(|(_, error)| error)
    }

    /// Writes the batch, unless the disk was full a moment ago. Afterwards there is room in the batch, or the policy is to hold.
    pub(crate) fn flush(&mut self) -> Result<(), Broken> {
        let waits = self.retry_at.as_ref().is_some_and(|(at, _)| Instant::now() < *at);
        if !self.batch.is_empty() && !waits {
            self.write()?;
        }
        if self.options.full_disk == FullDisk::GoOn && self.is_batch_full() {
            self.batch.clear();
            self.count_lost();
        }
        self.look_after()
    }

    /// Writes the batch, whenever the last write failed, and syncs. Whether all is written.
    pub(crate) fn finish(&mut self) -> Result<bool, Broken> {
        if self.batch.is_empty() && self.written < self.next {
            self.begin();
        }
        if !self.batch.is_empty() {
            self.write()?;
        }
        if self.options.sync != SyncPolicy::Never {
            self.sync()?;
        }
        Ok(self.written == self.next)
    }

    /// Syncs, and removes old segments, if it is time.
    pub(crate) fn look_after(&mut self) -> Result<(), Broken> {
        let now = Instant::now();
        if let SyncPolicy::Every(interval) = self.options.sync
            && self.is_dirty
            && now.duration_since(self.synced) >= interval
        {
            self.sync()?;
        }
        if now.duration_since(self.looked) >= LOOK_AFTER {
            self.retain();
        }
        Ok(())
    }

    /// How long the thread may sleep.
    pub(crate) fn patience(&self, longest: Duration) -> Duration {
        match self.options.sync {
            SyncPolicy::Every(interval) if self.is_dirty => longest.min(interval.saturating_sub(self.synced.elapsed())),
            _ => longest,
        }
    }

    /// Appends the batch, or leaves the file as it was and notes that the disk is full.
    fn write(&mut self) -> Result<(), Broken> {
        let is_new = self.current.as_ref().is_none_or(|current| current.bytes >= self.options.segment_bytes);
        if is_new && self.options.sync != SyncPolicy::Never {
            // What is durable has no gap.
            self.sync()?;
        }
        self.batch.finish(self.written, self.next);
        let tried = if is_new { self.write_new() } else { self.append() };
        let is_full = tried.is_err();
        if let Err(error) = tried {
            self.retry_at = Some((Instant::now() + RETRY, error));
            self.cut()?;
        } else {
            if is_new && self.options.sync != SyncPolicy::Never {
                // It fails as a segment's sync does: another one would say nothing of what this one was to sync.
                reach(Step::RollWritten)?;
                sync_directory(&self.directory)?;
                reach(Step::RollSynced)?;
            }
            self.retry_at = None;
            self.wrote(is_new);
        }
        self.shared.lock().is_full = is_full;
        self.shared.notify();
        if !is_full && self.options.sync == SyncPolicy::EachBatch {
            self.sync()?;
        }
        Ok(())
    }

    fn append(&mut self) -> io::Result<()> {
        let current = self.current.as_ref().ok_or(io::ErrorKind::NotFound)?;
        reach(Step::Append)?;
        step::write_all_at(&current.file, self.batch.bytes(), current.bytes, Step::AppendHalf)?;
        reach(Step::AppendWritten)
    }

    /// Writes the batch as the first one of a new segment.
    fn write_new(&mut self) -> io::Result<()> {
        let path = path_of(&self.directory, self.epoch, self.written);
        let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&path)?;
        let written = reach(Step::RollCreated).and_then(|()| {
            file.write_all_at(&segment_head(), 0)?;
            reach(Step::RollHead)?;
            step::write_all_at(&file, self.batch.bytes(), SEGMENT_HEAD as u64, Step::RollHalf)
        });
        if let Err(error) = written {
            drop(file);
            fs::remove_file(&path)?;
            return Err(error);
        }
        self.current = Some(Current { file, first: self.written, bytes: SEGMENT_HEAD as u64 });
        Ok(())
    }

    /// Takes from the file what a write that failed left there.
    fn cut(&mut self) -> Result<(), Broken> {
        reach(Step::Cut)?;
        self.current.as_ref().map_or(Ok(()), |current| current.file.set_len(current.bytes))
    }

    /// Shows what was written to readers.
    fn wrote(&mut self, is_new: bool) {
        let Some(current) = &mut self.current else { return };
        let place = current.bytes;
        current.bytes += self.batch.bytes().len() as u64;
        let mut state = self.shared.lock();
        if is_new {
            let path = path_of(&self.directory, self.epoch, current.first);
            let (epoch, first) = (self.epoch, current.first);
            let (age, index, times) = (Age::new(), Vec::new(), Vec::new());
            state.segments.push_back(Segment { path, epoch, first, end: first, bytes: 0, age, index, times });
        }
        if let Some(segment) = state.segments.back_mut() {
            (segment.end, segment.bytes, segment.age) = (self.next, current.bytes, Age::new());
            for (sequence, at) in self.batch.places() {
                segment.note(*sequence, place + at);
            }
            if let Some(time) = self.time.take() {
                segment.times.push(time);
            }
        }
        state.written = self.next;
        drop(state);
        self.written = self.next;
        self.batch.clear();
        self.is_dirty = true;
        if is_new {
            self.retain();
        }
    }

    fn sync(&mut self) -> Result<(), Broken> {
        if let Some(current) = self.current.as_ref().filter(|_| self.is_dirty) {
            reach(Step::Sync)?;
            current.file.sync_data()?;
            reach(Step::Synced)?;
            self.is_dirty = false;
            self.durable = self.written;
            self.shared.lock().durable = self.durable;
            self.shared.notify();
        }
        self.synced = Instant::now();
        Ok(())
    }

    fn retain(&mut self) {
        self.looked = Instant::now();
        self.shared.retain(self.options.keep_bytes, self.options.keep_for);
    }

    fn count_lost(&mut self) {
        let from = self.counted.max(self.written);
        self.shared.lock().lost += self.next - from;
        self.counted = self.next;
    }
}
