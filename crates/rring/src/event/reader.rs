//! Readers.

use std::{
    marker::PhantomData,
    sync::atomic::{AtomicU8, AtomicU16, AtomicU32, AtomicU64},
    time::Duration,
};

use rusted_ring::{
    Bytes, Consumer, Many, Mode, Notes, PooledEvent, Slot, Sole, Start, Subscriber, consumer, subscriber,
};
use rusted_ring_shm::{
    FileError, Properties, Ring, RingFile,
    sizes::{AtSize, with, with_pool},
};

use super::{Account, Found, Read, unreadable};

/// What a reader is promised, and what it costs the publishers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Contract {
    /// It may lose events, and is never waited for.
    Lossy,
    /// It loses none, and publishers wait for it.
    Lossless,
}

/// A reader of the ring in `file`, called `name`.
pub(crate) fn reader(file: &RingFile, contract: Contract, start: Start, name: &str) -> anyhow::Result<Box<dyn Read>> {
    let properties = file.properties()?;
    let open = OpenReader { file, properties: &properties, contract, start, name };
    let whole = properties.slot_bytes() == properties.longest;
    let opened = if whole { with(properties.slot_bytes(), open) } else { open_noted(open) };
    opened.unwrap_or_else(|| Err(unreadable(file.path(), &properties)))
}

/// A reader of a ring of bytes that has a number beside each event: the rings of pools with notes.
fn open_noted(open: OpenReader<'_>) -> Option<anyhow::Result<Box<dyn Read>>> {
    fn noted<A: Notes>(open: OpenReader<'_>) -> Result<anyhow::Result<Box<dyn Read>>, OpenReader<'_>> {
        let longest = if open.properties.has_notes::<A>() { open.properties.longest } else { 0 };
        with_pool(longest, OpenNoted::<A>(open, PhantomData)).ok_or(open)
    }
    noted::<AtomicU8>(open).or_else(noted::<AtomicU16>).or_else(noted::<AtomicU32>).or_else(noted::<AtomicU64>).ok()
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
            Err(subscriber::TryRecvError::Lagged(lagged)) => Found::Lost(lagged),
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

impl<S: Slot, M: Mode> Read for Consumer<Ring<S, M>>
where
    S::Owned: Event,
{
    fn next(&mut self, timeout: Duration) -> Found {
        match self.copy_timeout(timeout) {
            Ok(event) => Found::Event {
                sequence: self.next_sequence().get() - 1,
                event_type: event.event_type(),
                data: event.data().to_vec(),
            },
            Err(consumer::TryRecvError::Corrupt(corrupt)) => Found::Corrupt(corrupt),
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
        Account { received: self.received(), lost: 0, holes: self.holes() }
    }

    fn has_name(&self, file: &RingFile) -> bool {
        self.ring().peers().has_name(file)
    }
}

#[derive(Clone, Copy)]
struct OpenReader<'a> {
    file: &'a RingFile,
    properties: &'a Properties,
    contract: Contract,
    start: Start,
    name: &'a str,
}

impl OpenReader<'_> {
    fn join<S: Slot, M: Mode>(&self, ring: Result<Ring<S, M>, FileError>) -> anyhow::Result<Box<dyn Read>>
    where
        S::Owned: Event,
    {
        Ok(match self.contract {
            Contract::Lossy => Box::new(Subscriber::join(ring?, self.start).named(self.name)),
            Contract::Lossless => Box::new(Consumer::join(ring?, self.start)?.named(self.name)),
        })
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
