//! Readers of a ring whose slots and mode are found in its file, and of its journal.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, bail};
use rusted_ring::{
    Bytes, Consumer, Many, Mode, RingRef, Sequence, Sole, Start, Subscriber,
    ledger::Ledger,
    subscriber::{History, Repaired, TryRecvError},
};
use rusted_ring_journal::{Journal, Options, Recording};
use rusted_ring_shm::{
    Identity, Ring, RingFile,
    sizes::{self, AtSize},
};

use super::{Read, Step};
use crate::{
    fingerprint,
    wire::{LONGEST_EVENT, Origin},
};

/// A source's ring.
pub struct Opened {
    /// Which one it is.
    pub origin: Origin,
    /// Its slots.
    pub capacity: u64,
    /// Bytes of each.
    pub slot_bytes: u32,
    /// What comes, from now on.
    pub live: Box<dyn Read + Send>,
    /// What was.
    pub kept: Box<dyn Kept>,
}

/// What a source still has: in its ring, and in its journal, if it keeps one.
pub trait Kept: Send + Sync {
    /// A reader of what is kept from `from` on. It begins later, if less is.
    fn read_from(&self, from: u64) -> Box<dyn Read>;
    /// The next sequence to be published.
    fn next(&self) -> u64;
    /// The oldest sequence that is kept.
    fn oldest(&self) -> u64;
    /// Whether `file` still leads to the ring.
    fn has_name(&self, file: &RingFile) -> bool;
    /// Why the journal has ended, if it has: nobody keeps the ring any more.
    fn has_failed(&self) -> bool;
}

/// Opens the ring in `file`, and records it in a directory of its own in `journal`, if that is given.
///
/// # Errors
///
/// If the ring is not there, is of a kind that cannot be mirrored, or the journal cannot be written.
pub fn open(file: &RingFile, journal: Option<&Path>) -> anyhow::Result<Opened> {
    let properties = file.properties()?;
    let origin = fingerprint::origin_of(&properties, file.path())?;
    let slot = properties.slot_bytes();
    let directory = journal.map(|journal| directory_of(journal, properties.identity));
    let open = Open { file, many: properties.many, directory: directory.as_deref() };
    let Some(opened) = sizes::with(slot, open) else { bail!("slots of {slot} bytes are not compiled in") };
    let (live, kept) = opened.with_context(|| format!("opening {}", file.path().display()))?;
    // The name may have come to another ring in between.
    if !kept.has_name(file) {
        bail!("{} was replaced while it was opened", file.path().display());
    }
    Ok(Opened { origin, capacity: properties.capacity, slot_bytes: slot as u32, live, kept })
}

/// Where a ring is recorded: each has a directory, so that no other's events are taken for its own.
fn directory_of(journal: &Path, identity: Identity) -> PathBuf {
    journal.join(format!("{:032x}.{}", identity.id, identity.epoch))
}

struct Open<'a> {
    file: &'a RingFile,
    many: bool,
    directory: Option<&'a Path>,
}

type Parts = (Box<dyn Read + Send>, Box<dyn Kept>);

impl Open<'_> {
    fn with<const N: usize, M: Mode>(&self) -> anyhow::Result<Parts> {
        let ring = self.file.open::<Bytes<N>, M>()?;
        let recording = self.directory.map(|directory| record(&ring, directory)).transpose()?;
        let live = Subscriber::join(ring.clone(), Start::Newest).named("mirror");
        Ok((Box::new(live), Box::new(OfRing { ring, recording })))
    }
}

impl AtSize for Open<'_> {
    type Output = anyhow::Result<Parts>;

    fn at<const N: usize>(self) -> Self::Output {
        if self.many { self.with::<N, Many>() } else { self.with::<N, Sole>() }
    }
}

/// Records `ring` in `directory`, and goes on with what is there.
fn record<const N: usize, M: Mode>(ring: &Ring<Bytes<N>, M>, directory: &Path) -> anyhow::Result<Recording> {
    let journal = Journal::open(directory, Options::default())?;
    let start = journal.epochs().last().map_or(Start::Oldest, |last| Start::At(last.end));
    let consumer = Consumer::join(ring.clone(), start)?.named("mirror's journal");
    Ok(journal.resume(consumer)?)
}

struct OfRing<const N: usize, M: Mode> {
    ring: Ring<Bytes<N>, M>,
    recording: Option<Recording>,
}

impl<const N: usize, M: Mode> OfRing<N, M> {
    /// The oldest sequence that the ring has.
    fn retained(&self) -> u64 {
        self.next().saturating_sub(self.ring.capacity() as u64)
    }
}

impl<const N: usize, M: Mode> Kept for OfRing<N, M> {
    fn read_from(&self, from: u64) -> Box<dyn Read> {
        let at = |sequence| Start::At(Sequence::new(sequence));
        let join = |start| Subscriber::join(self.ring.clone(), start).named("mirror's question");
        match &self.recording {
            Some(recording) => Box::new(join(at(from)).repaired_by(recording.history())),
            None => Box::new(join(at(from.max(self.retained())))),
        }
    }

    fn next(&self) -> u64 {
        Ledger::of(&self.ring).claimed().get()
    }

    fn oldest(&self) -> u64 {
        let recorded = self.recording.as_ref().and_then(|recording| recording.history().oldest());
        recorded.map_or(u64::MAX, Sequence::get).min(self.retained())
    }

    fn has_name(&self, file: &RingFile) -> bool {
        self.ring.peers().has_name(file)
    }

    fn has_failed(&self) -> bool {
        self.recording.as_ref().is_some_and(|recording| !recording.is_running())
    }
}

/// What a reader of either kind answered.
fn step(outcome: Result<(u64, u32, usize), TryRecvError>) -> anyhow::Result<Step> {
    match outcome {
        Ok((sequence, event_type, len)) => Ok(Step::Event { sequence, event_type, len }),
        Err(TryRecvError::Lagged(lagged)) => Ok(Step::Lost { from: lagged.from.get(), to: lagged.to.get() }),
        Err(TryRecvError::Empty) => Ok(Step::Nothing),
        Err(error) => Err(error.into()),
    }
}

/// The front of the buffer that an event has at most.
fn front<const N: usize>(out: &mut [u8; LONGEST_EVENT]) -> anyhow::Result<&mut [u8; N]> {
    out.first_chunk_mut().with_context(|| format!("events of {N} bytes are too long for a frame"))
}

impl<const N: usize, M: Mode> Read for Subscriber<Ring<Bytes<N>, M>> {
    fn next(&mut self, out: &mut [u8; LONGEST_EVENT], timeout: Duration) -> anyhow::Result<Step> {
        let outcome = self.read_timeout(front::<N>(out)?, timeout);
        step(outcome.map(|event| (event.sequence.get(), event.event_type, event.data.len())))
    }

    fn position(&self) -> u64 {
        self.next_sequence().get()
    }
}

impl<const N: usize, M: Mode, H: History> Read for Repaired<Ring<Bytes<N>, M>, H> {
    /// It does not wait: what is asked for was published.
    fn next(&mut self, out: &mut [u8; LONGEST_EVENT], _timeout: Duration) -> anyhow::Result<Step> {
        let outcome = self.try_read(front::<N>(out)?);
        step(outcome.map(|event| (event.sequence.get(), event.event_type, event.data.len())))
    }

    fn position(&self) -> u64 {
        self.next_sequence().get()
    }
}
