//! Opening a journal's directory, and what is found there.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Read},
    os::unix::fs::{FileExt, OpenOptionsExt},
    path::{Path, PathBuf},
    sync::Arc,
};

use rusted_ring::{Consumer, RingRef, Sequence, Slot};

use crate::{
    OpenError, Options, Position, PositionError, Reader, RecordError, Recording, SyncPolicy, Watch,
    directory::{Lock, segments_in, sync_directory},
    format::{Kind, OLDEST_VERSION, SEGMENT_HEAD, VERSION, salt, version_of},
    options::Dictionaries,
    position,
    shared::{Age, Segment, Shared, Time},
    step::{Step, reach},
    walk::Walk,
    writer::Writer,
};

/// The file whose lock says that the directory is in use.
const LOCK: &str = "lock";

/// A directory of kept events, open for one writer: this one.
///
/// It has epochs, numbered from 1. An epoch has the events of one ring under their sequences. A ring in a process's own memory begins at
/// sequence 0 whenever the program starts, so each of its [recordings](Self::record) is an epoch of its own.
#[derive(Debug)]
pub struct Journal {
    directory: PathBuf,
    options: Options,
    shared: Arc<Shared>,
    found: Found,
    lock: Arc<Lock>,
}

/// What was not whole when a journal was opened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Found {
    /// The torn tail that was cut off, if there was one.
    pub cut: Option<Cut>,
    /// What is damaged elsewhere. It stays in the files, and readers go past it.
    pub damaged: Vec<Damage>,
}

/// A torn tail: bytes at the end of the youngest segment, with no whole record in them.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Cut {
    /// The segment.
    pub path: PathBuf,
    /// Its epoch.
    pub epoch: u32,
    /// The bytes that were cut off.
    pub bytes: u64,
    /// The sequence at which the journal ends now.
    pub end: Sequence,
}

/// Sequences whose records are not what was written.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Damage {
    /// The segment.
    pub path: PathBuf,
    /// Its epoch.
    pub epoch: u32,
    /// The first sequence that is damaged.
    pub from: Sequence,
    /// The sequence behind the last one that is. The same as `from`, if only bytes are damaged that stand for no sequence, such as the segment's
    /// head.
    pub to: Sequence,
}

/// Which events an epoch has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Epoch {
    /// Its number.
    pub number: u32,
    /// Its oldest sequence that is still there.
    pub oldest: Sequence,
    /// The sequence behind its last.
    pub end: Sequence,
}

impl Journal {
    /// Opens the journal in `directory`, which is made if it is not there.
    ///
    /// Reads every segment once, whole, checks each record, and cuts the torn tail that a sudden end left: [`found`](Self::found) says what was not
    /// whole. Takes memory for the largest segment's damaged part at most, and 16 MiB for a block.
    ///
    /// # Errors
    ///
    /// - [`OpenError::InUse`], if anybody has it open, in this process or another.
    /// - [`OpenError::Version`], if a segment is of another version. Nothing is changed then.
    /// - [`OpenError::Io`]; also, if a block was compressed by what this program does not have, or with a dictionary that the options lack. Nothing is cut then.
    pub fn open(directory: impl AsRef<Path>, options: Options) -> Result<Self, OpenError> {
        let directory = directory.as_ref().to_owned();
        let io = |doing, path: &Path| {
            let path = path.to_owned();
            move |cause| OpenError::Io { doing, path, cause }
        };
        fs::create_dir_all(&directory).map_err(io("making the directory", &directory))?;
        let path = directory.join(LOCK);
        let lock = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(&path);
        let lock = lock.map_err(io("opening the lock", &path))?;
        lock.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => OpenError::InUse(directory.clone()),
            TryLockError::Error(cause) => io("locking", &path)(cause),
        })?;
        let names = segments_in(&directory).map_err(io("reading the directory", &directory))?;
        for (path, ..) in &names {
            match version(path).map_err(io("reading", path))? {
                Some(found) if !(OLDEST_VERSION..=VERSION).contains(&found) => {
                    return Err(OpenError::Version { path: path.clone(), found, expected: VERSION });
                }
                _ => {}
            }
        }
        let mut found = Found::default();
        let shared = Arc::new(Shared::new(options.dictionaries.clone()));
        for (at, (path, epoch, first)) in names.iter().enumerate() {
            let next = names.get(at + 1);
            let limit = next.filter(|next| next.1 == *epoch).map(|next| next.2);
            let before = shared.lock().segments.back().map(|segment| segment.age);
            let scanned =
                scan(path, (*epoch, *first), before, &shared.dictionaries, &mut found).map_err(io("reading", path))?;
            let is_cut = next.is_none() && cut(&scanned, &mut found).map_err(io("cutting", path))?;
            if is_cut && scanned.end == *first {
                continue;
            }
            if let Some(limit) = limit.filter(|limit| *limit > scanned.end) {
                found.damaged.push(Damage {
                    path: path.clone(),
                    epoch: *epoch,
                    from: Sequence::new(scanned.end),
                    to: Sequence::new(limit),
                });
            }
            shared.lock().segments.push_back(scanned);
        }
        Ok(Journal { directory, options, shared, found, lock: Arc::new(Lock(lock)) })
    }

    /// Returns what was not whole when it was opened.
    pub fn found(&self) -> &Found {
        &self.found
    }

    /// Returns the epochs of which there are events, the oldest first.
    pub fn epochs(&self) -> Vec<Epoch> {
        let mut epochs: Vec<Epoch> = Vec::new();
        for segment in &self.shared.lock().segments {
            let end = Sequence::new(segment.end);
            match epochs.last_mut().filter(|last| last.number == segment.epoch) {
                Some(last) => last.end = end,
                None => epochs.push(Epoch { number: segment.epoch, oldest: Sequence::new(segment.first), end }),
            }
        }
        epochs
    }

    /// Returns a reader of an epoch.
    pub fn reader(&self, epoch: u32) -> Reader {
        Reader::new(Arc::clone(&self.shared), epoch)
    }

    /// Returns what tells the status of its recordings, one after the other, wherever the journal is then.
    pub fn watch(&self) -> Watch {
        Watch::new(Arc::clone(&self.shared), &self.options)
    }

    /// Returns the position of this name, as it was confirmed last.
    ///
    /// ```
    /// # use rusted_ring::Sequence;
    /// # use rusted_ring_journal::{Journal, Options};
    /// # let directory = tempfile::tempdir()?;
    /// let journal = Journal::open(&directory, Options::default())?;
    /// let mut mail = journal.position("mail")?;
    /// assert_eq!(mail.confirmed(), None);
    /// mail.confirm(1, Sequence::new(50))?;            // all below 50 is dealt with
    /// drop((mail, journal));
    ///
    /// let journal = Journal::open(&directory, Options::default())?;
    /// let mail = journal.position("mail")?.confirmed().unwrap();
    /// assert_eq!((mail.epoch, mail.next.get()), (1, 50));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// - [`PositionError::Name`], unless the name is 1 to 64 ASCII letters, digits, `-` and `_`.
    /// - [`PositionError::InUse`], while somebody has this position.
    /// - [`PositionError::Damaged`], if its file is not what was written. It is left as it is.
    /// - [`PositionError::Io`].
    pub fn position(&self, name: &str) -> Result<Position, PositionError> {
        let is_synced = self.options.sync != SyncPolicy::Never;
        Position::open(Arc::clone(&self.shared), Arc::clone(&self.lock), &self.directory, name, is_synced)
    }

    /// Begins an epoch with what `consumer` receives, on a thread of its own. The Consumer gates the ring: its publishers never
    /// overwrite what was not taken.
    ///
    /// # Errors
    ///
    /// [`RecordError::Io`], [`RecordError::Thread`], or [`RecordError::LastEpoch`]. The journal is closed then.
    pub fn record<R>(self, consumer: Consumer<R>) -> Result<Recording, RecordError>
    where
        R: RingRef,
        Consumer<R>: Send + 'static,
    {
        let epoch = self.new_epoch()?;
        self.begin_in(epoch, consumer)
    }

    /// Returns the number of an epoch of which nothing is known yet: neither an event, nor a position in it. One that ended before its first write may have
    /// readers that confirmed its events.
    pub(crate) fn new_epoch(&self) -> Result<u32, RecordError> {
        let io = |cause| RecordError::Io { doing: "reading the positions in", path: self.directory.clone(), cause };
        let confirmed = position::newest_epoch(&self.directory).map_err(io)?;
        let kept = self.epochs().last().map(|last| last.number);
        let next = kept.max(confirmed).map_or(Some(1), |newest| newest.checked_add(1));
        next.ok_or_else(|| RecordError::LastEpoch(self.directory.clone()))
    }

    /// Goes on with the last epoch, with a Consumer of the ring that was recorded there. What was published since the epoch's end, and before the
    /// Consumer joined, is missing, and counts as lost. Begins the first epoch, if there is none.
    ///
    /// Nobody checks that it is the same ring.
    ///
    /// What is kept of the epoch is synced first, unless the policy is [`SyncPolicy::Never`]. If that fails for an epoch that was recorded under that policy,
    /// do not resume it a second time but [`record`](Self::record) the next: the system tells a failure of an older segment only once.
    ///
    /// # Errors
    ///
    /// [`RecordError::Behind`], if the Consumer stands before the epoch's end; and as [`record`](Self::record). The journal is closed then.
    pub fn resume<R>(self, consumer: Consumer<R>) -> Result<Recording, RecordError>
    where
        R: RingRef,
        Consumer<R>: Send + 'static,
    {
        let last = self.epochs().last().map(|last| last.number);
        let epoch = last.map_or_else(|| self.new_epoch(), Ok)?;
        self.begin_in(epoch, consumer)
    }

    /// Begins an epoch behind all others, or goes on with the last one.
    pub(crate) fn begin_in<R>(self, epoch: u32, consumer: Consumer<R>) -> Result<Recording, RecordError>
    where
        R: RingRef,
        Consumer<R>: Send + 'static,
    {
        let next = consumer.next_sequence();
        match self.epochs().last().filter(|last| last.number == epoch) {
            None => self.begin(epoch, next, next, consumer),
            Some(last) if last.end <= next => {
                let durable = if self.options.sync == SyncPolicy::Never { last.oldest } else { self.sync(last)? };
                self.begin(last.number, last.end, durable, consumer)
            }
            Some(last) => Err(RecordError::Behind { next, end: last.end }),
        }
    }

    /// Makes what is kept of an epoch durable: who wrote it may have ended before it was, also because a sync failed. Returns the sequence behind it.
    ///
    /// A sync that failed once may succeed now, although the system has dropped what it could not write. So the youngest segment is written again: it has
    /// all of its bytes at hand, and they are checked. Who syncs at all has synced the others before it went on to the next.
    fn sync(&self, epoch: &Epoch) -> Result<Sequence, RecordError> {
        let io = |path: &Path| {
            let path = path.to_owned();
            move |cause| RecordError::Io { doing: "syncing", path, cause }
        };
        // Nobody waits for the disk who wants to know how far the journal is. The list stays as it is: nobody records.
        let of_epoch = |segment: &&Segment| segment.epoch == epoch.number;
        let paths: Vec<_> =
            self.shared.lock().segments.iter().filter(of_epoch).map(|segment| segment.path.clone()).collect();
        let mut paths = paths.iter().peekable();
        while let Some(path) = paths.next() {
            let file = OpenOptions::new().read(true).write(true).open(path).map_err(io(path))?;
            if paths.peek().is_none() {
                write_again(&file).map_err(io(path))?;
            }
            reach(Step::ResumeSync).and_then(|()| file.sync_all()).map_err(io(path))?;
        }
        sync_directory(&self.directory).map_err(io(&self.directory))?;
        Ok(epoch.end)
    }

    fn begin<R>(
        self,
        epoch: u32,
        start: Sequence,
        durable: Sequence,
        consumer: Consumer<R>,
    ) -> Result<Recording, RecordError>
    where
        R: RingRef,
        Consumer<R>: Send + 'static,
    {
        let shared = Arc::clone(&self.shared);
        {
            let mut state = shared.lock();
            (state.written, state.durable, state.lost) = (start.get(), durable.get(), 0);
            (state.recording, state.epoch, state.began, state.has_failed) = (Some(epoch), epoch, start.get(), false);
        }
        let (directory, options) = (self.directory.clone(), self.options.clone());
        let mut writer = Writer::new(Arc::clone(&shared), directory, options, epoch, start.get(), R::Slot::LONGEST);
        writer.lose(consumer.next_sequence().get());
        Recording::begin(self, shared, epoch, consumer, writer).map_err(RecordError::Thread)
    }
}

/// Writes a file's bytes in their places, so that the next sync is of all of them.
fn write_again(file: &File) -> io::Result<()> {
    let (mut bytes, mut at) = (vec![0; 1 << 20], 0);
    loop {
        let count = match file.read_at(&mut bytes, at) {
            Ok(0) => return Ok(()),
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        file.write_all_at(&bytes[..count], at)?;
        at += count as u64;
    }
}

/// The version in a segment's head, if that is whole.
fn version(path: &Path) -> io::Result<Option<u32>> {
    let mut head = Vec::new();
    File::open(path)?.take(SEGMENT_HEAD as u64).read_to_end(&mut head)?;
    Ok(version_of(&head))
}

/// Reads a whole segment: where its last whole record ends, an index of it, and what is damaged before that.
fn scan(
    path: &Path,
    (epoch, first): (u32, u64),
    before: Option<Age>,
    dictionaries: &Dictionaries,
    found: &mut Found,
) -> io::Result<Segment> {
    let mut damaged = |from: u64, to: u64| {
        let (from, to) = (Sequence::new(from), Sequence::new(to));
        found.damaged.push(Damage { path: path.to_owned(), epoch, from, to });
    };
    let file = File::open(path)?;
    let metadata = file.metadata()?;
    let (len, age) = (metadata.len(), Age::found(metadata.modified()?, before));
    let head = SEGMENT_HEAD as u64;
    let mut segment = Segment {
        path: path.to_owned(),
        epoch,
        first,
        end: first,
        bytes: head.min(len),
        age,
        index: Vec::new(),
        times: Vec::new(),
    };
    if len >= head && version(path)?.is_none() {
        damaged(first, first);
    }
    let mut walk = Walk::through(file, salt(epoch, first), len, first, dictionaries);
    while let Some(record) = walk.peek()? {
        if walk.place() != segment.bytes || walk.sequence() < record.sequence {
            damaged(walk.sequence(), record.sequence);
        }
        segment.note(record.sequence, walk.place());
        if let (Kind::Time, Ok(nanos)) = (record.kind, walk.event(&record).try_into()) {
            segment.times.push(Time { sequence: record.sequence, nanos: u64::from_le_bytes(nanos) });
        }
        walk.advance(&record);
        (segment.end, segment.bytes) = (record.end(), walk.place());
    }
    Ok(segment)
}

/// Cuts off what lies behind the last whole record of the youngest segment; removes it, if it has none. Whether there was anything.
fn cut(segment: &Segment, found: &mut Found) -> io::Result<bool> {
    let len = fs::metadata(&segment.path)?.len();
    let is_empty = segment.end == segment.first;
    if len == segment.bytes && !is_empty {
        return Ok(false);
    }
    reach(Step::OpenCut)?;
    if is_empty {
        fs::remove_file(&segment.path)?;
    } else {
        OpenOptions::new().write(true).open(&segment.path)?.set_len(segment.bytes)?;
    }
    reach(Step::OpenCutDone)?;
    let bytes = if is_empty { len } else { len - segment.bytes };
    let (path, epoch) = (segment.path.clone(), segment.epoch);
    found.cut = Some(Cut { path, epoch, bytes, end: Sequence::new(segment.end) });
    Ok(true)
}
