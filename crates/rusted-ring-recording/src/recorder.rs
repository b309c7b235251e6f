//! Writing a recording.

use std::{fs::File, io, path::Path};

use mcap::{
    McapError, McapResult, WriteOptions, Writer,
    records::{MessageHeader, Metadata},
    write::NoSeek,
};

use crate::{
    Balance, Missing, Origin, RecordError, Why,
    draft::Draft,
    layout::{self, Layout},
    missing,
};

/// The name of the record that has the balance.
pub(crate) const BALANCE: &str = "rusted-ring.balance";
/// By what a channel says that it is one of a recording's, and which.
pub(crate) const CHANNEL: &str = "rusted-ring";
pub(crate) const EVENTS: &str = "events";
pub(crate) const MISSING: &str = "missing";

/// Bytes of a chunk, before they are compressed, beyond which the next begins.
const CHUNK: usize = 1 << 20;
/// Nanoseconds after which a chunk is written, however little is in it: what is lost at most when the recorder is killed.
const FLUSH_AFTER: u64 = 1_000_000_000;

/// By what a recording is compressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Compression {
    /// Nothing.
    None,
    /// LZ4: quicker.
    Lz4,
    /// Zstandard: smaller.
    #[default]
    Zstd,
}

/// How a recording is written.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// By what it is compressed.
    pub compression: Compression,
    /// Whether a file that has the name already is replaced, once the new one is finished, and what an earlier recorder left unfinished at once.
    pub replace: bool,
}

/// Writes the events of one ring into a file.
///
/// The file has its name once it is [finished](Self::finish); until then `.part` is behind it. Chunks are written whole, and once a second, so that a
/// recorder that is killed leaves all but the last second. Sequences that are passed over are holes.
///
/// Dropped without being finished, it leaves the file under the name that it has: without a balance, and readers say so.
#[derive(Debug)]
pub struct Recorder {
    draft: Draft,
    output: Output,
    layout: Layout,
    events: u16,
    missing: u16,
    /// The message that is being made.
    message: Vec<u8>,
    counted: Balance,
    chunk: Chunk,
}

/// What is in the chunk that is not written yet.
#[derive(Debug, Default)]
struct Chunk {
    bytes: usize,
    /// When its first message was written.
    since: u64,
}

impl Recorder {
    /// Begins a recording of `origin` that is to be called `path`.
    ///
    /// # Errors
    ///
    /// [`RecordError::Exists`], [`RecordError::Left`] or [`RecordError::InUse`], if there is such a file; or what the system refuses.
    pub fn create(path: &Path, origin: &Origin, options: Options) -> Result<Self, RecordError> {
        let draft = Draft::create(path, options.replace)?;
        let begin = || {
            let mut output = Output::new(draft.file()?, options.compression, draft.name())?;
            let channels = output.attempt(&draft, |writer| add_channels(writer, origin))?;
            output.flush(&draft, 0)?;
            Ok((output, channels))
        };
        let (output, (events, missing)) = match begin() {
            Ok(begun) => begun,
            Err(error) => {
                draft.discard();
                return Err(error);
            }
        };
        let counted = Balance { first: origin.first, next: origin.first, ..Balance::default() };
        let (layout, message) = (Layout::of(origin), Vec::new());
        Ok(Recorder { draft, output, layout, events, missing, message, counted, chunk: Chunk::default() })
    }

    /// Records an event. What is between it and what came before are holes. Times are those of a [`Clock`](crate::Clock).
    ///
    /// # Errors
    ///
    /// [`RecordError::Stopped`]; what comes after that is refused in the same way.
    ///
    /// # Panics
    ///
    /// If `sequence` was recorded before, or is the last that 64 bits have, which no ring gives; or if the event has more bytes than its ring's [`Origin`] says, or than 16 MiB; or a value not as many.
    pub fn event(&mut self, time: u64, sequence: u64, event_type: u32, data: &[u8]) -> Result<(), RecordError> {
        assert!(
            self.layout.holds(data.len()),
            "an event of {} bytes is none of the ring's: {:?}",
            data.len(),
            self.layout
        );
        self.pass_holes(time, sequence)?;
        self.message.clear();
        self.layout.encode(&mut self.message, sequence, event_type, data);
        self.counted.next = sequence.checked_add(1).expect("no ring has an event of the last sequence");
        self.counted.received += 1;
        self.write(self.events, time, sequence)
    }

    /// Records that the events from the sequence `from` up to and without `to` were lost.
    ///
    /// # Errors
    ///
    /// As [`event`](Self::event).
    ///
    /// # Panics
    ///
    /// If `from` was recorded before, or if `to` is not behind it.
    pub fn lost(&mut self, time: u64, from: u64, to: u64) -> Result<(), RecordError> {
        assert!(from < to, "from {from} to {to} nothing is lost");
        self.pass_holes(time, from)?;
        self.lack(Missing { time, from, to, why: Why::Lost })
    }

    /// Writes what is a second old. Call it now and then while there are no events.
    ///
    /// # Errors
    ///
    /// As [`event`](Self::event).
    pub fn write_old(&mut self, time: u64) -> Result<(), RecordError> {
        if self.chunk.bytes > 0 && time.saturating_sub(self.chunk.since) >= FLUSH_AFTER { self.flush() } else { Ok(()) }
    }

    /// What was recorded so far.
    pub fn counted(&self) -> Balance {
        self.counted
    }

    /// Bytes of the file, without what is a second old at most.
    pub fn written(&self) -> u64 {
        self.output.whole
    }

    /// Ends the recording with its reader's account, as the ring's ledger has it, and gives the file its name. It is synced.
    ///
    /// # Errors
    ///
    /// [`RecordError::Stopped`] or [`RecordError::Unnamed`]; then the file keeps the name that it had, and can be read. [`RecordError::Gone`], if it has lost that;
    /// [`RecordError::Unsynced`], if it has its name.
    pub fn finish(mut self, time: u64, ledger: &Balance) -> Result<(), RecordError> {
        if ledger.next > self.counted.next {
            self.pass_holes(time, ledger.next)?;
        }
        self.flush()?;
        let metadata = Metadata { name: BALANCE.to_owned(), metadata: ledger.to_map() };
        self.output.attempt(&self.draft, |writer| writer.write_metadata(&metadata))?;
        self.output.attempt(&self.draft, |writer| writer.finish().map(drop))?;
        if let Err(cause) = self.draft.sync() {
            return Err(self.output.stopped(&self.draft, cause));
        }
        self.draft.finish()
    }

    fn pass_holes(&mut self, time: u64, to: u64) -> Result<(), RecordError> {
        let from = self.counted.next;
        assert!(from <= to, "the sequence {to} was recorded before: the next is {from}");
        if from == to { Ok(()) } else { self.lack(Missing { time, from, to, why: Why::Hole }) }
    }

    fn lack(&mut self, missing: Missing) -> Result<(), RecordError> {
        match missing.why {
            Why::Lost => self.counted.lost += missing.count(),
            Why::Hole => self.counted.holes += missing.count(),
        }
        self.counted.next = missing.to;
        self.message = missing.encode();
        self.write(self.missing, missing.time, missing.from)
    }

    /// Writes the message that was made.
    fn write(&mut self, channel_id: u16, time: u64, sequence: u64) -> Result<(), RecordError> {
        self.write_old(time)?;
        // Its own sequence has 32 bits: the lower ones. The whole one is in the message.
        let header = MessageHeader { channel_id, sequence: sequence as u32, log_time: time, publish_time: time };
        let message = &self.message;
        self.output.attempt(&self.draft, |writer| writer.write_to_known_channel(&header, message))?;
        if self.chunk.bytes == 0 {
            self.chunk.since = time;
        }
        self.chunk.bytes += self.message.len();
        if self.chunk.bytes >= CHUNK { self.flush() } else { Ok(()) }
    }

    /// Writes the chunk, whole.
    fn flush(&mut self) -> Result<(), RecordError> {
        self.chunk = Chunk::default();
        self.output.flush(&self.draft, self.counted.received)
    }
}

/// What writes the file, until it cannot.
struct Output {
    writer: Option<Writer<NoSeek<File>>>,
    /// Bytes up to which the file is whole.
    whole: u64,
    /// Events in them.
    events: u64,
}

impl std::fmt::Debug for Output {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Output").field("whole", &self.whole).field("events", &self.events).finish_non_exhaustive()
    }
}

impl Output {
    fn new(file: File, compression: Compression, path: &Path) -> Result<Self, RecordError> {
        let compression = match compression {
            Compression::None => None,
            Compression::Lz4 => Some(mcap::Compression::Lz4),
            Compression::Zstd => Some(mcap::Compression::Zstd),
        };
        let writer = WriteOptions::new()
            .profile("rusted-ring")
            .library(concat!("rusted-ring-recording/", env!("CARGO_PKG_VERSION")))
            .compression(compression)
            .compression_threads(0)
            // Where a chunk ends is decided here, and it is written once it is whole.
            .chunk_size(None)
            .disable_seeking(true)
            .create(NoSeek::new(file))
            .map_err(|error| RecordError::Io { doing: "writing", path: path.to_owned(), cause: cause(error) })?;
        Ok(Output { writer: Some(writer), whole: 0, events: 0 })
    }

    /// Does `what`. If that fails, the file is cut to what was whole, and nothing is written any more.
    fn attempt<T>(
        &mut self,
        draft: &Draft,
        what: impl FnOnce(&mut Writer<NoSeek<File>>) -> McapResult<T>,
    ) -> Result<T, RecordError> {
        match self.writer.as_mut().map(what) {
            Some(Ok(done)) => Ok(done),
            Some(Err(error)) => Err(self.stopped(draft, cause(error))),
            None => Err(self.stopped(draft, io::Error::other("it could not be written before"))),
        }
    }

    /// Writes a chunk, with which so many `events` are in the file.
    fn flush(&mut self, draft: &Draft, events: u64) -> Result<(), RecordError> {
        self.attempt(draft, Writer::flush)?;
        self.whole = draft.len().map_err(|cause| self.stopped(draft, cause))?;
        self.events = events;
        Ok(())
    }

    fn stopped(&mut self, draft: &Draft, cause: io::Error) -> RecordError {
        if let Some(writer) = self.writer.take() {
            // A writer that is only dropped would go on writing.
            drop(writer.into_inner());
            // What cannot be cut is what readers find torn.
            let _ = draft.cut(self.whole);
        }
        RecordError::Stopped { path: draft.name().to_owned(), events: self.events, cause }
    }
}

/// Adds the channels of events and of what is missing.
fn add_channels(writer: &mut Writer<NoSeek<File>>, origin: &Origin) -> McapResult<(u16, u16)> {
    // Of a ring that is called by its path, the last part.
    let name = origin.ring.rsplit('/').next().unwrap_or_default();
    let topic = |what| format!("/{name}/{what}");
    let role = |what: &str| (CHANNEL.to_owned(), what.to_owned());
    let (title, schema) = layout::schema(origin);
    let schema = writer.add_schema(title, "ros1msg", schema.as_bytes())?;
    let mut says = origin.to_map();
    says.extend([role(EVENTS)]);
    let events = writer.add_channel(schema, &topic(EVENTS), "ros1", &says)?;
    let schema = writer.add_schema("rusted_ring.Missing", "jsonschema", &missing::schema())?;
    let missing = writer.add_channel(schema, &topic(MISSING), "json", &[role(MISSING)].into())?;
    Ok((events, missing))
}

fn cause(error: McapError) -> io::Error {
    match error {
        McapError::Io(error) => error,
        other => io::Error::other(other),
    }
}
