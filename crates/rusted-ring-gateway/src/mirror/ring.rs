//! A mirror's ring, between processes of its machine.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};

use anyhow::{Context, bail};
use rusted_ring::{Bytes, Sequence, Sole, SolePublisher, ledger::Ledger, publisher::PublishError};
use rusted_ring_shm::{
    FileError, Identity, Ring, RingFile,
    sizes::{self, AtSize},
};

use super::{Described, Sink, Sinks};
use crate::{fingerprint, wire::Origin};

/// How long there may be no room before it is looked whether the program was asked to stop.
const STEP: Duration = Duration::from_millis(100);
/// Sequences that are skipped before it is looked so: with readers that keep pace each takes a step, and a forged frame may speak of very many.
const PIECE: u64 = 1 << 22;

/// The rings of a mirror, which come one after the other under one name.
#[derive(Clone, Debug)]
pub struct RingFiles {
    /// Where they are.
    pub file: RingFile,
    /// Bytes of a ring's slots, at most: its source is not believed beyond.
    pub most_bytes: u64,
    /// Set, once the program is to end: then a full ring is not waited for.
    pub stop: Arc<AtomicBool>,
}

impl Sinks for RingFiles {
    type Sink = Box<dyn Sink + Send>;

    fn found(&mut self) -> anyhow::Result<Option<(Origin, Self::Sink)>> {
        let properties = match self.file.properties() {
            Err(FileError::NotFound(_)) => return Ok(None),
            found => found?,
        };
        if properties.many {
            bail!(
                "{} is no mirror, for many may publish there: give another name by --ring, or remove it",
                self.file.path().display()
            );
        }
        let origin = fingerprint::origin_of(&properties, self.file.path())?;
        let open = Open { file: &self.file, stop: &self.stop, create: None };
        Ok(Some((origin, with(properties.slot_bytes(), open)?)))
    }

    fn create(&mut self, source: Described, first: u64) -> anyhow::Result<Self::Sink> {
        let Described { origin, capacity, slot_bytes } = source;
        let slot = u64::from(slot_bytes);
        if fingerprint::of_bytes(slot) != origin.fingerprint {
            bail!(
                "the source says that it has bytes in slots of {slot}, and the fingerprint of another type: both ends must be of one version"
            );
        }
        if capacity == 0 || capacity.checked_mul(slot + 16).is_none_or(|bytes| bytes > self.most_bytes) {
            bail!(
                "the source has {capacity} slots of {slot} bytes, and a mirror may take {} bytes: give more by --most-bytes, if that is its source",
                self.most_bytes
            );
        }
        match self.file.properties() {
            Err(FileError::NotFound(_)) => {}
            found => {
                let before = found?.slot_bytes();
                if before != slot {
                    bail!(
                        "the source's ring has slots of {slot} bytes now, and what was mirrored has {before}: remove {} by `rring rm`, if the new ring is to be \
                         mirrored",
                        self.file.path().display()
                    );
                }
                self.file.remove()?;
            }
        }
        let identity = Identity { id: origin.id, epoch: origin.epoch };
        with(slot, Open { file: &self.file, stop: &self.stop, create: Some((identity, capacity as usize, first)) })
    }
}

fn with(slot: u64, open: Open<'_>) -> anyhow::Result<Box<dyn Sink + Send>> {
    sizes::with(slot, open)
        .unwrap_or_else(|| bail!("slots of {slot} bytes are asked for, and this program has those of {}", sizes::SIZES))
}

struct Open<'a> {
    file: &'a RingFile,
    stop: &'a Arc<AtomicBool>,
    create: Option<(Identity, usize, u64)>,
}

impl AtSize for Open<'_> {
    type Output = anyhow::Result<Box<dyn Sink + Send>>;

    fn at<const N: usize>(self) -> Self::Output {
        let ring = match self.create {
            Some((source, capacity, first)) => {
                self.file.create_mirror::<Bytes<N>>(source, capacity, Sequence::new(first))?
            }
            None => self.file.open::<Bytes<N>, Sole>()?,
        };
        let publisher = SolePublisher::join(ring).with_context(|| {
            format!("{}: is it mirrored by another program, or no mirror?", self.file.path().display())
        })?;
        Ok(Box::new(Mirrored { publisher, stop: Arc::clone(self.stop) }))
    }
}

/// The publisher of a mirror's ring.
struct Mirrored<const N: usize> {
    publisher: SolePublisher<Ring<Bytes<N>, Sole>>,
    stop: Arc<AtomicBool>,
}

impl<const N: usize> Mirrored<N> {
    /// Tries until there is room.
    fn until_done(&mut self, mut attempt: impl FnMut(&mut Self) -> Result<(), PublishError>) -> anyhow::Result<()> {
        loop {
            match attempt(self) {
                Err(PublishError::Full(full)) if full.corrupt.is_none() => {
                    if self.stop.load(Relaxed) {
                        return Err(PublishError::Full(full)).context("the mirror is to end, and its ring is full");
                    }
                }
                outcome => return Ok(outcome?),
            }
        }
    }
}

impl<const N: usize> Sink for Mirrored<N> {
    fn next(&self) -> u64 {
        Ledger::of(self.publisher.ring()).claimed().get()
    }

    fn publish(&mut self, data: &[u8], event_type: u32) -> anyhow::Result<()> {
        self.until_done(|mirrored| mirrored.publisher.publish_timeout(data, event_type, STEP).map(drop))
    }

    fn skip_to(&mut self, sequence: u64) -> anyhow::Result<()> {
        let mut next = self.next();
        while next < sequence {
            next = sequence.min(next.saturating_add(PIECE));
            self.until_done(|mirrored| Ok(mirrored.publisher.skip_to_timeout(Sequence::new(next), STEP)?))?;
            if next < sequence && self.stop.load(Relaxed) {
                bail!("the mirror is to end, in the middle of a skip from sequence {next} to {sequence}");
            }
        }
        Ok(())
    }

    fn longest(&self) -> usize {
        N
    }
}

impl Sink for Box<dyn Sink + Send> {
    fn next(&self) -> u64 {
        (**self).next()
    }

    fn publish(&mut self, data: &[u8], event_type: u32) -> anyhow::Result<()> {
        (**self).publish(data, event_type)
    }

    fn skip_to(&mut self, sequence: u64) -> anyhow::Result<()> {
        (**self).skip_to(sequence)
    }

    fn longest(&self) -> usize {
        (**self).longest()
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use rusted_ring::{Consumer, Start};

    use super::*;

    #[test]
    fn a_skip_beside_a_reader_that_keeps_pace_ends_when_the_mirror_is_to() {
        let directory = tempfile::tempdir().unwrap();
        let file = RingFile::at(directory.path().join("mirror"));
        let stop = Arc::new(AtomicBool::new(false));
        let open = Open { file: &file, stop: &stop, create: Some((Identity { id: 1, epoch: 1 }, 64, 0)) };
        let mut mirror = with(64, open).unwrap();
        let ring = file.open::<Bytes<64>, Sole>().unwrap();
        let mut consumer = Consumer::join(ring, Start::Oldest).unwrap();
        thread::scope(|scope| {
            let skipping = scope.spawn(|| mirror.skip_to(1 << 40));
            while consumer.next_sequence() < Sequence::new(1000) {
                assert!(consumer.copy_timeout(STEP).is_err(), "there is no event");
            }
            stop.store(true, Relaxed);
            while !skipping.is_finished() {
                let _ = consumer.copy_timeout(STEP);
            }
            let why = skipping.join().unwrap().unwrap_err().to_string();
            assert!(why.contains("is to end"), "{why}");
        });
    }
}
