//! The books of rings, and who uses latest-value cells, in the text format that Prometheus reads.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use rusted_ring::{Lease, ledger::ReaderStatus, pool::PoolId};
use rusted_ring_metrics::{Books, CellSource, Cells, Properties, RingCollector, Source, encode};
use rusted_ring_shm::{AnyObserver, DIRECTORY, FileError, Identity, LatestFile, LatestObserver, RingFile};

use crate::{place, sets, sets::Membership, survey};

/// What is shown.
#[derive(Debug)]
pub(crate) enum Which {
    /// All that have names.
    All,
    /// The rings, pool sets and cells in these files.
    Named(Vec<PathBuf>),
}

impl Which {
    /// What has these names or paths; without any, all.
    pub(crate) fn of(names: &[String]) -> Result<Self, FileError> {
        let paths = names.iter().map(|name| Ok(place::ring(name)?.path().to_owned())).collect::<Result<Vec<_>, _>>()?;
        Ok(if paths.is_empty() { Which::All } else { Which::Named(paths) })
    }

    fn files(&self) -> Vec<PathBuf> {
        match self {
            Which::Named(paths) => paths.iter().flat_map(|path| pools_or_itself(path)).collect(),
            // A directory that cannot be read has nothing to show.
            Which::All => {
                fs::read_dir(Path::new(DIRECTORY)).into_iter().flatten().flatten().map(|entry| entry.path()).collect()
            }
        }
    }
}

/// The files of the pool set at `path`, if there is one; else `path`.
fn pools_or_itself(path: &Path) -> Vec<PathBuf> {
    match sets::at(path) {
        Some(files) => PoolId::ALL.map(|pool| files.file(pool).path().to_owned()).into(),
        None => vec![path.to_owned()],
    }
}

/// What was found in a file.
enum Found {
    Ring(RingFile),
    Cells(LatestFile),
}

/// Rings and cells that are read whenever their text is asked for. They may come, go and be replaced meanwhile.
#[derive(Debug)]
pub(crate) struct Exposition {
    which: Which,
    collector: RingCollector,
    /// How many rings and cells are shown at most, if that is bounded.
    most: Option<usize>,
    /// Those that are registered, by their names.
    known: BTreeMap<String, Identity>,
}

impl Exposition {
    pub(crate) fn new(which: Which, most: Option<usize>) -> Self {
        Exposition { which, collector: RingCollector::new(), most, known: BTreeMap::new() }
    }

    /// The metrics of what is there now. What is neither a ring nor cells, or is damaged, is not shown. What is shown stays, until it is gone.
    pub(crate) fn text(&mut self) -> String {
        let mut found = BTreeMap::new();
        for path in self.which.files() {
            let name = place::name(&path);
            let (file, cells) = (RingFile::at(&path), LatestFile::at(&path));
            if let Ok(properties) = file.properties() {
                found.insert(name, (Found::Ring(file), properties.identity));
            } else if let Ok(properties) = cells.properties() {
                found.insert(name, (Found::Cells(cells), properties.identity));
            }
        }
        self.known.retain(|name, known| {
            let is_there = found.get(name).is_some_and(|(_, identity)| identity == known);
            if !is_there && !self.collector.unregister(name) {
                self.collector.unregister_cells(name);
            }
            is_there
        });
        let mut unshown = 0;
        for (name, (file, _)) in found {
            if self.known.contains_key(&name) {
                continue;
            }
            if self.most.is_none_or(|most| self.known.len() < most) {
                self.show(name, &file);
            } else {
                unshown += 1;
            }
        }
        if self.most.is_some() {
            self.collector.set_unshown(unshown);
        }
        encode(&self.collector)
    }

    /// What has gone since it was found is not there at the next look either.
    fn show(&mut self, name: String, found: &Found) {
        let (identity, shown) = match found {
            Found::Ring(file) => {
                let Ok(observer) = file.observe_any() else { return };
                let properties = observer.properties();
                let (identity, set) = (properties.identity, properties.set);
                let pool = set.and_then(|set| Membership::of(file.path(), set));
                let pool = pool.map(|membership| (membership.name, membership.pool));
                (identity, self.collector.register_source(&name, Observed { observer, pool }))
            }
            Found::Cells(file) => {
                let Ok(observer) = file.observe() else { return };
                (observer.properties().identity, self.collector.register_cells(&name, ObservedCells(observer)))
            }
        };
        if shown.is_ok() {
            self.known.insert(name, identity);
        }
    }
}

/// Cells between processes, of which the file is read.
struct ObservedCells(LatestObserver);

impl CellSource for ObservedCells {
    fn cells(&mut self) -> Option<Cells> {
        let properties = self.0.properties();
        Some(Cells {
            keys: properties.keys,
            max_readers: properties.readers,
            readers: self.0.readers().len() as u64,
            is_written: self.0.writer().is_some(),
        })
    }
}

/// A ring between processes, of which the file is read.
#[derive(Debug)]
struct Observed {
    observer: AnyObserver,
    /// Of which set it is which pool.
    pool: Option<(String, PoolId)>,
}

impl Source for Observed {
    fn properties(&self) -> Properties {
        let properties = self.observer.properties();
        Properties {
            capacity: properties.capacity,
            many: properties.many,
            slot_bytes: properties.slot_bytes(),
            pool: self.pool.clone(),
        }
    }

    fn books(&mut self) -> Option<Books> {
        let mut readers: Vec<ReaderStatus> = Vec::new();
        for _ in 0..survey::READS {
            self.observer.look().ok()?;
            readers = self.observer.readers();
            if readers.iter().all(survey::balances) {
                break;
            }
        }
        let is_dead = |reader: &ReaderStatus| self.observer.holder(Lease::Reader(reader.entry)).is_none();
        let dead = readers.iter().filter(|reader| is_dead(reader)).map(|reader| reader.entry).collect();
        Some(Books {
            claimed: self.observer.claimed(),
            unlisted: self.observer.unlisted(),
            closed: false,
            readers,
            dead,
        })
    }
}

#[cfg(test)]
mod tests {
    use rusted_ring::{Bytes, Many};

    use super::*;

    #[test]
    fn rings_beyond_the_bound_are_counted_and_not_shown() {
        const MOST: usize = 20;
        let directory = tempfile::tempdir().unwrap();
        let files = (0..MOST + 3).map(|number| RingFile::at(directory.path().join(number.to_string())));
        let files: Vec<_> = files.collect();
        let rings: Vec<_> = files.iter().map(|file| file.create::<Bytes<64>, Many>(8).unwrap()).collect();
        let paths = files.iter().map(|file| file.path().to_owned()).collect();
        let mut exposition = Exposition::new(Which::Named(paths), Some(MOST));
        for _ in 0..2 {
            let text = exposition.text();
            assert_eq!(text.matches("\nrusted_ring_info{").count(), MOST);
            assert!(text.contains("\nrusted_ring_unshown 3\n"));
        }
        drop(rings);
    }
}
