//! Endpoints of rings whose slots and mode are found in their files.

use std::{
    marker::PhantomData,
    path::Path,
    sync::atomic::{AtomicU8, AtomicU16, AtomicU32, AtomicU64},
    time::Duration,
};

use rusted_ring::{
    Bytes, Lease, Many, Mode, Notes, PooledEvent, Publisher, Sequence, Slot, Sole, SolePublisher, Start, Subscriber,
    publisher::PublishError,
    subscriber::{Lagged, TryRecvError},
};
use rusted_ring_shm::{FileError, Properties, Ring, RingFile};

use crate::{
    exit::End,
    place,
    sizes::{AtSize, SIZES, with, with_pool},
};

/// What a reader finds.
#[derive(Debug)]
pub(crate) enum Found {
    Event {
        sequence: u64,
        event_type: u32,
        data: Vec<u8>,
    },
    Lost(Lagged),
    /// Nothing came in time.
    Nothing,
}

/// What a reader did since it joined: its own line of the ledger.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Account {
    pub(crate) received: u64,
    pub(crate) lost: u64,
    pub(crate) holes: u64,
}

/// A Subscriber of any ring.
pub(crate) trait Read {
    fn next(&mut self, timeout: Duration) -> Found;
    /// The next sequence that it wants.
    fn position(&self) -> u64;
    /// Sequences that were claimed, and that it has not come to.
    fn lag(&self) -> u64;
    fn account(&self) -> Account;
    /// Whether the file's name still leads to the ring.
    fn has_name(&self, file: &RingFile) -> bool;
}

/// A publisher of any ring of bytes.
pub(crate) trait Publish {
    fn publish(&mut self, data: &[u8], event_type: u32, timeout: Duration) -> Result<Sequence, PublishError>;
    /// Bytes of an event, at most.
    fn longest(&self) -> usize;
    /// The process of a reader, by its entry.
    fn process_of(&self, entry: usize) -> Option<u32>;
}

/// A Subscriber of the ring in `file`, called `name`.
pub(crate) fn reader(file: &RingFile, start: Start, name: &str) -> anyhow::Result<Box<dyn Read>> {
    let properties = file.properties()?;
    let open = OpenReader { file, properties: &properties, start, name };
    let whole = properties.slot_bytes() == properties.longest;
    let opened = if whole { with(properties.slot_bytes(), open) } else { open_noted(open) };
    opened.unwrap_or_else(|| Err(unreadable(file.path(), &properties)))
}

/// A Subscriber of a ring of bytes that has a number beside each event: the rings of pools with notes.
fn open_noted(open: OpenReader<'_>) -> Option<anyhow::Result<Box<dyn Read>>> {
    fn noted<A: Notes>(open: OpenReader<'_>) -> Result<anyhow::Result<Box<dyn Read>>, OpenReader<'_>> {
        let longest = if open.properties.has_notes::<A>() { open.properties.longest } else { 0 };
        with_pool(longest, OpenNoted::<A>(open, PhantomData)).ok_or(open)
    }
    noted::<AtomicU8>(open).or_else(noted::<AtomicU16>).or_else(noted::<AtomicU32>).or_else(noted::<AtomicU64>).ok()
}

/// A publisher of the ring in `file`.
pub(crate) fn publisher(file: &RingFile) -> anyhow::Result<Box<dyn Publish>> {
    let properties = file.properties()?;
    let whole = properties.slot_bytes() == properties.longest && !properties.typed;
    let opened = with(
        if whole { properties.slot_bytes() } else { 0 },
        OpenPublisher { file, many: properties.many, create: None },
    );
    opened.unwrap_or_else(|| Err(unreadable(file.path(), &properties)))
}

/// A publisher of the ring in `file`, which is created, unless it is there.
pub(crate) fn creator(
    file: &RingFile,
    slot_bytes: u64,
    capacity: usize,
    many: bool,
) -> anyhow::Result<Box<dyn Publish>> {
    with(slot_bytes, OpenPublisher { file, many, create: Some(capacity) }).unwrap_or_else(|| {
        let text = format!(
            "slots of {slot_bytes} bytes were asked for, and this program has those of {SIZES}: choose one of these"
        );
        Err(End::Unreadable(text).into())
    })
}

fn unreadable(path: &Path, properties: &Properties) -> anyhow::Error {
    let (slot, event) = (properties.slot_bytes(), properties.event_bytes());
    let what = match properties {
        Properties { longest, .. } if *longest > event => {
            format!("long events, of up to {longest} bytes in slots of {slot}")
        }
        Properties { event: name, .. } if slot > event => format!("slots with notes beside the event ({name})"),
        Properties { typed: true, event: name, .. } => format!("values of {name}, of {slot} bytes"),
        _ => format!("slots of {slot} bytes"),
    };
    let text = format!(
        "{} has {what}; this program reads bytes and values in slots of {SIZES} bytes, and bytes with one number as a note in slots of pools, and \
         publishes bytes: write a program with the \
         ring's own types, and see `rring stat` for its accounts",
        place::name(path)
    );
    End::Unreadable(text).into()
}

/// An event, as bytes.
trait Event {
    fn event_type(&self) -> u32;
    fn data(&self) -> &[u8];
}

impl<const N: usize> Event for PooledEvent<N> {
    fn event_type(&self) -> u32 {
        self.event_type
    }

    fn data(&self) -> &[u8] {
        self.bytes()
    }
}

/// A value, which has no type but its ring's.
impl<const N: usize> Event for [u8; N] {
    fn event_type(&self) -> u32 {
        0
    }

    fn data(&self) -> &[u8] {
        self
    }
}

impl<S: Slot, M: Mode> Read for Subscriber<Ring<S, M>>
where
    S::Owned: Event,
{
    fn next(&mut self, timeout: Duration) -> Found {
        match self.recv_timeout(timeout) {
            Ok(event) => Found::Event {
                // An event takes one slot, for longer ones are not opened.
                sequence: self.next_sequence().get() - 1,
                event_type: event.event_type(),
                data: event.data().to_vec(),
            },
            Err(TryRecvError::Lagged(lagged)) => Found::Lost(lagged),
            Err(_) => Found::Nothing,
        }
    }

    fn position(&self) -> u64 {
        self.next_sequence().get()
    }

    fn lag(&self) -> u64 {
        self.lag()
    }

    fn account(&self) -> Account {
        Account { received: self.received(), lost: self.lost(), holes: self.holes() }
    }

    fn has_name(&self, file: &RingFile) -> bool {
        self.ring().peers().has_name(file)
    }
}

impl<const N: usize> Publish for Publisher<Ring<Bytes<N>, Many>> {
    fn publish(&mut self, data: &[u8], event_type: u32, timeout: Duration) -> Result<Sequence, PublishError> {
        self.publish_timeout(data, event_type, timeout)
    }

    fn longest(&self) -> usize {
        N
    }

    fn process_of(&self, entry: usize) -> Option<u32> {
        self.ring().peers().holder(Lease::Reader(entry))
    }
}

impl<const N: usize> Publish for SolePublisher<Ring<Bytes<N>, Sole>> {
    fn publish(&mut self, data: &[u8], event_type: u32, timeout: Duration) -> Result<Sequence, PublishError> {
        self.publish_timeout(data, event_type, timeout)
    }

    fn longest(&self) -> usize {
        N
    }

    fn process_of(&self, entry: usize) -> Option<u32> {
        self.ring().peers().holder(Lease::Reader(entry))
    }
}

#[derive(Clone, Copy)]
struct OpenReader<'a> {
    file: &'a RingFile,
    properties: &'a Properties,
    start: Start,
    name: &'a str,
}

impl OpenReader<'_> {
    fn join<S: Slot, M: Mode>(&self, ring: Result<Ring<S, M>, FileError>) -> anyhow::Result<Box<dyn Read>>
    where
        S::Owned: Event,
    {
        Ok(Box::new(Subscriber::join(ring?, self.start).named(self.name)))
    }
}

impl AtSize for OpenReader<'_> {
    type Output = anyhow::Result<Box<dyn Read>>;

    fn at<const N: usize>(self) -> Self::Output {
        // Another user's ring is read all the same: it was asked for by name.
        let file = self.file.clone().for_group();
        match (self.properties.typed, self.properties.many) {
            (false, true) => self.join(file.open::<Bytes<N>, Many>()),
            (false, false) => self.join(file.open::<Bytes<N>, Sole>()),
            (true, true) => self.join(file.open_as_bytes::<N, Many>()),
            (true, false) => self.join(file.open_as_bytes::<N, Sole>()),
        }
    }
}

/// As [`OpenReader`], of slots with notes `A`.
struct OpenNoted<'a, A>(OpenReader<'a>, PhantomData<A>);

impl<A: Notes> AtSize for OpenNoted<'_, A> {
    type Output = anyhow::Result<Box<dyn Read>>;

    fn at<const N: usize>(self) -> Self::Output {
        let file = self.0.file.clone().for_group();
        match self.0.properties.many {
            true => self.0.join(file.open::<Bytes<N, N, A>, Many>()),
            false => self.0.join(file.open::<Bytes<N, N, A>, Sole>()),
        }
    }
}

struct OpenPublisher<'a> {
    file: &'a RingFile,
    many: bool,
    /// The capacity of the ring to be created.
    create: Option<usize>,
}

impl AtSize for OpenPublisher<'_> {
    type Output = anyhow::Result<Box<dyn Publish>>;

    fn at<const N: usize>(self) -> Self::Output {
        let file = self.file;
        Ok(match (self.many, self.create) {
            (true, None) => Box::new(Publisher::join(file.open::<Bytes<N>, Many>()?)?),
            (true, Some(capacity)) => Box::new(Publisher::join(file.open_or_create::<Bytes<N>, Many>(capacity)?)?),
            (false, None) => Box::new(SolePublisher::join(file.open::<Bytes<N>, Sole>()?)?),
            (false, Some(capacity)) => Box::new(SolePublisher::join(file.open_or_create::<Bytes<N>, Sole>(capacity)?)?),
        })
    }
}
