//! The books of rings, in the text format that Prometheus reads.

use std::{collections::BTreeMap, fs, path::Path};

use rusted_ring::{Lease, ledger::ReaderStatus};
use rusted_ring_metrics::{Books, Properties, RingCollector, Source, encode};
use rusted_ring_shm::{AnyObserver, DIRECTORY, FileError, Identity, RingFile};

use crate::{place, survey};

/// Which rings are shown.
#[derive(Debug)]
pub(crate) enum Which {
    /// All that have names.
    All,
    /// These.
    Named(Vec<RingFile>),
}

impl Which {
    /// The rings of these names or paths; without any, all.
    pub(crate) fn of(rings: &[String]) -> Result<Self, FileError> {
        let files = rings.iter().map(|ring| place::ring(ring)).collect::<Result<Vec<_>, _>>()?;
        Ok(if files.is_empty() { Which::All } else { Which::Named(files) })
    }

    fn files(&self) -> Vec<RingFile> {
        match self {
            Which::Named(files) => files.clone(),
            // A directory that cannot be read has no rings to show.
            Which::All => {
                let entries = fs::read_dir(Path::new(DIRECTORY)).into_iter().flatten().flatten();
                entries.map(|entry| RingFile::at(entry.path())).collect()
            }
        }
    }
}

/// Rings that are read whenever their text is asked for. They may come, go and be replaced meanwhile.
#[derive(Debug)]
pub(crate) struct Exposition {
    which: Which,
    rings: RingCollector,
    /// The rings that are registered, by their names.
    known: BTreeMap<String, Identity>,
}

impl Exposition {
    pub(crate) fn new(which: Which) -> Self {
        Exposition { which, rings: RingCollector::new(), known: BTreeMap::new() }
    }

    /// The metrics of the rings that are there now. What is no ring, or damaged, is not shown.
    pub(crate) fn text(&mut self) -> String {
        let mut found = BTreeMap::new();
        for file in self.which.files() {
            if let Ok(properties) = file.properties() {
                found.insert(place::name(file.path()), (file, properties.identity));
            }
        }
        self.known.retain(|name, known| {
            let is_there = found.get(name).is_some_and(|(_, identity)| identity == known);
            if !is_there {
                self.rings.unregister(name);
            }
            is_there
        });
        for (name, (file, _)) in found {
            if !self.known.contains_key(&name) {
                self.show(name, &file);
            }
        }
        encode(&self.rings)
    }

    fn show(&mut self, name: String, file: &RingFile) {
        // What has gone since it was found is not there at the next look either.
        let Ok(observer) = file.observe_any() else { return };
        let identity = observer.properties().identity;
        if self.rings.register_source(&name, Observed(observer)).is_ok() {
            self.known.insert(name, identity);
        }
    }
}

/// A ring between processes, of which the file is read.
#[derive(Debug)]
struct Observed(AnyObserver);

impl Source for Observed {
    fn properties(&self) -> Properties {
        let properties = self.0.properties();
        Properties { capacity: properties.capacity, many: properties.many, slot_bytes: properties.slot_bytes() }
    }

    fn books(&mut self) -> Option<Books> {
        let mut readers: Vec<ReaderStatus> = Vec::new();
        for _ in 0..survey::READS {
            self.0.look().ok()?;
            readers = self.0.readers();
            if readers.iter().all(survey::balances) {
                break;
            }
        }
        let is_dead = |reader: &ReaderStatus| self.0.holder(Lease::Reader(reader.entry)).is_none();
        let dead = readers.iter().filter(|reader| is_dead(reader)).map(|reader| reader.entry).collect();
        Some(Books { claimed: self.0.claimed(), unlisted: self.0.unlisted(), closed: false, readers, dead })
    }
}
