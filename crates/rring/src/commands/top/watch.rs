//! Rings over time: what changed from one look to the next.

use std::{
    collections::{BTreeMap, VecDeque},
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::Context;
use rusted_ring::pool::PoolId;
use rusted_ring_shm::{AnyObserver, FileError, RingFile};

use crate::{
    sets,
    survey::{Reader, Survey},
};

/// Rates that are kept of each ring.
const HISTORY: usize = 40;

/// The rings of a directory, or one ring.
#[derive(Debug)]
pub(super) struct Watch {
    path: PathBuf,
    rings: BTreeMap<PathBuf, Watched>,
}

/// One ring, as it was at the last look.
#[derive(Debug)]
pub(super) struct Watched {
    observer: AnyObserver,
    pub(super) survey: Survey,
    seen: Instant,
    /// Sequences a second between the last two looks; none after the first.
    pub(super) rate: Option<f64>,
    /// The rates before, the last one last.
    pub(super) history: VecDeque<f64>,
    /// By entry: since when a consumer was seen to block, and where it stands.
    blocking: BTreeMap<usize, (Instant, u64)>,
}

impl Watch {
    pub(super) fn new(path: PathBuf) -> Self {
        Watch { path, rings: BTreeMap::new() }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn rings(&self) -> impl ExactSizeIterator<Item = &Watched> {
        self.rings.values()
    }

    /// Looks at all rings. Those that have gone are forgotten, and one that was created anew is a new one.
    pub(super) fn look(&mut self, now: Instant) -> anyhow::Result<()> {
        let mut before = std::mem::take(&mut self.rings);
        for path in self.files()? {
            let file = RingFile::at(&path);
            let watched = match (before.remove(&path), file.properties()) {
                (Some(mut known), Ok(_)) if known.observer.has_name() => known.look(&file, now).map(|()| known),
                (_, Ok(_)) => Watched::new(&file, now),
                (_, Err(error)) => Err(error),
            };
            match watched {
                Ok(watched) => drop(self.rings.insert(path, watched)),
                // One ring that was asked for is there, or why it is not is said.
                Err(error) if path == self.path => return Err(error.into()),
                Err(_) => {}
            }
        }
        Ok(())
    }

    fn files(&self) -> anyhow::Result<Vec<PathBuf>> {
        if !self.path.is_dir() {
            return Ok(match sets::at(&self.path) {
                Some(files) if !self.path.exists() => {
                    PoolId::ALL.map(|pool| files.file(pool).path().to_owned()).to_vec()
                }
                _ => vec![self.path.clone()],
            });
        }
        let entries =
            fs::read_dir(&self.path).with_context(|| format!("reading the directory {}", self.path.display()))?;
        Ok(entries.flatten().map(|entry| entry.path()).collect())
    }
}

impl Watched {
    pub(super) fn new(file: &RingFile, now: Instant) -> Result<Self, FileError> {
        let observer = file.observe_any()?;
        let survey = Survey::by(file, &observer);
        Ok(Watched { observer, survey, seen: now, rate: None, history: VecDeque::new(), blocking: BTreeMap::new() })
    }

    fn look(&mut self, file: &RingFile, now: Instant) -> Result<(), FileError> {
        self.observer.look()?;
        let survey = Survey::by(file, &self.observer);
        let sequences = survey.claimed.saturating_sub(self.survey.claimed);
        let seconds = now.saturating_duration_since(self.seen).as_secs_f64();
        if seconds > 0.0 {
            let rate = sequences as f64 / seconds;
            self.rate = Some(rate);
            self.history.push_back(rate);
            if self.history.len() > HISTORY {
                self.history.pop_front();
            }
        }
        let before = std::mem::take(&mut self.blocking);
        if sequences == 0 {
            for reader in survey.readers.iter().filter(|reader| is_in_the_way(reader, survey.properties.capacity)) {
                let (entry, position) = (reader.status.entry, reader.status.position.get());
                let was = self.survey.readers.iter().find(|was| was.status.entry == entry);
                // Where it stood at the look before, it stands since then at least.
                if was.is_some_and(|was| was.status.position.get() == position) {
                    let since =
                        before.get(&entry).filter(|(_, stood)| *stood == position).map_or(self.seen, |known| known.0);
                    self.blocking.insert(entry, (since, position));
                }
            }
        }
        (self.survey, self.seen) = (survey, now);
        Ok(())
    }

    /// Whether nothing has moved as long as it is remembered, and every reader lives, has lost nothing and is not behind.
    pub(super) fn is_idle(&self) -> bool {
        let rests = |reader: &Reader| reader.holder.is_some() && reader.status.ahead == 0 && reader.status.lost == 0;
        self.history.iter().all(|rate| *rate == 0.0) && self.survey.readers.iter().all(rests)
    }

    /// For how long `reader` was seen to block the publishers.
    pub(super) fn blocks_for(&self, reader: &Reader) -> Option<Duration> {
        self.blocking.get(&reader.status.entry).map(|(since, _)| self.seen.saturating_duration_since(*since))
    }
}

/// Whether the publishers may have to wait for `reader`: it is a consumer, and as far behind as can be, but for the eighth of the ring
/// that it shows its position late by.
fn is_in_the_way(reader: &Reader, capacity: u64) -> bool {
    reader.status.gating && reader.status.ahead + (capacity / 8).max(1) > capacity
}

#[cfg(test)]
mod tests {
    use rusted_ring::{Bytes, Consumer, Many, Publisher, Start};

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn rates_and_blockers_are_what_changed_between_two_looks() {
        let directory = tempfile::tempdir().unwrap();
        let file = RingFile::at(directory.path().join("ring"));
        let ring = file.create::<Bytes<64>, Many>(8).unwrap();
        let mut archive = Consumer::join(ring.clone(), Start::Newest).unwrap().named("archive");
        let publisher = Publisher::join(ring).unwrap();
        let mut watch = Watch::new(directory.path().to_owned());
        let begun = Instant::now();
        let blocks = |watch: &Watch| {
            let ring = watch.rings().next().unwrap();
            ring.blocks_for(&ring.survey.readers[0])
        };
        watch.look(begun).unwrap();
        for _ in 0..8 {
            publisher.try_publish(b"event", 0).unwrap();
        }
        watch.look(begun + 2 * SECOND).unwrap();
        assert_eq!((watch.rings().next().unwrap().rate, blocks(&watch)), (Some(4.0), None), "it may read on");
        watch.look(begun + 3 * SECOND).unwrap();
        assert_eq!((watch.rings().next().unwrap().rate, blocks(&watch)), (Some(0.0), Some(SECOND)));
        watch.look(begun + 5 * SECOND).unwrap();
        assert_eq!(blocks(&watch), Some(3 * SECOND), "since it was first seen there");
        while archive.try_copy().is_ok() {}
        watch.look(begun + 6 * SECOND).unwrap();
        assert_eq!(blocks(&watch), None);
        assert_eq!(watch.rings().next().unwrap().history, [4.0, 0.0, 0.0, 0.0]);
    }

    #[test]
    fn rings_come_go_and_are_replaced() {
        let directory = tempfile::tempdir().unwrap();
        let file = RingFile::at(directory.path().join("ring"));
        let mut watch = Watch::new(directory.path().to_owned());
        let mut look = || {
            watch.look(Instant::now()).unwrap();
            watch.rings().map(|ring| (ring.survey.properties.capacity, ring.rate.is_some())).collect::<Vec<_>>()
        };
        assert_eq!(look(), []);
        drop(file.create::<Bytes<64>, Many>(8).unwrap());
        assert_eq!(look(), [(8, false)]);
        assert_eq!(look(), [(8, true)]);
        file.remove().unwrap();
        drop(file.create::<Bytes<64>, Many>(9).unwrap());
        assert_eq!(look(), [(9, false)], "another ring has no rate yet");
        file.remove().unwrap();
        assert_eq!(look(), []);
        assert!(Watch::new(file.path().to_owned()).look(Instant::now()).is_err());
    }
}
