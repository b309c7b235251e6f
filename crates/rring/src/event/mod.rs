//! Endpoints of rings whose slots and mode are found in their files.

mod publisher;
mod reader;

use std::{path::Path, time::Duration};

use rusted_ring::{Corrupt, Sequence, publisher::PublishError, subscriber::Lagged};
use rusted_ring_shm::{Properties, RingFile, sizes::SIZES};

use crate::{exit::End, place};

pub(crate) use publisher::{CUT, creator, like, publish, publisher};
pub(crate) use reader::{Contract, reader};

/// What a reader finds.
#[derive(Debug)]
pub(crate) enum Found {
    Event {
        sequence: u64,
        event_type: u32,
        data: Vec<u8>,
    },
    Lost(Lagged),
    /// Other processes wrote what cannot be.
    Corrupt(Corrupt),
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

/// A reader of any ring.
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

/// A publisher of any ring.
pub(crate) trait Publish {
    fn publish(&mut self, data: &[u8], event_type: u32, timeout: Duration) -> Result<Sequence, PublishError>;
    /// Bytes of an event, at most.
    fn longest(&self) -> usize;
    /// The process of a reader, by its entry.
    fn process_of(&self, entry: usize) -> Option<u32>;
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
