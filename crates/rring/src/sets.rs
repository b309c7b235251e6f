//! Pool sets: which five rings belong together.

use std::path::Path;

use rusted_ring::pool::PoolId;
use rusted_ring_shm::PoolFiles;

use crate::{place, text};

/// Of which set a ring is a pool.
#[derive(Clone, Debug)]
pub(crate) struct Membership {
    /// What to call the set.
    pub(crate) name: String,
    pub(crate) pool: PoolId,
    /// How many pools of the set are there.
    pub(crate) there: usize,
}

impl Membership {
    /// That of the ring at `path`, which is a pool of the set with the number `set`; none, if it is called otherwise than its set's pools.
    pub(crate) fn of(path: &Path, set: u128) -> Option<Self> {
        let stem = path.with_extension("");
        let files = PoolFiles::at(&stem);
        let pool = PoolId::ALL.into_iter().find(|pool| files.file(*pool).path() == path)?;
        let is_of_it = |pool: &PoolId| files.file(*pool).properties().is_ok_and(|found| found.set == Some(set));
        let there = PoolId::ALL.iter().filter(|pool| is_of_it(pool)).count();
        Some(Membership { name: text::escaped(place::name(&stem).as_bytes()), pool, there })
    }

    pub(crate) fn is_whole(&self) -> bool {
        self.there == PoolId::ALL.len()
    }

    /// The set's name; and how many of its pools are there, if these are too few.
    pub(crate) fn show(&self) -> String {
        match self.is_whole() {
            true => self.name.clone(),
            false => format!("{}, {} of 5 left", self.name, self.there),
        }
    }
}

/// The files of the set at `path`, if any pool of one is there.
pub(crate) fn at(path: &Path) -> Option<PoolFiles> {
    let files = PoolFiles::at(path);
    let is_pool = |pool: PoolId| files.file(pool).properties().is_ok_and(|found| found.set.is_some());
    PoolId::ALL.into_iter().any(is_pool).then_some(files)
}
