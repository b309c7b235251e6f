//! The end of rings, pool sets and latest-value cells.

use rusted_ring::pool::PoolId;
use rusted_ring_shm::{FileError, LatestFile, PoolFiles, RingFile};

use crate::{
    cells::{self, Cells},
    cli::Rm,
    exit::End,
    place,
    sets::{self, Membership},
    survey::Survey,
    text, words,
};

/// What a name leads to.
enum Found {
    /// A ring, or nothing that is known.
    Ring(RingFile),
    Set(PoolFiles),
    Cells(LatestFile),
}

/// Removes all that it can, and then says the first of those that it could not.
pub(crate) fn run(rm: &Rm) -> anyhow::Result<()> {
    let mut outcome = Ok(());
    for ring in &rm.rings {
        match (remove(ring, rm.force), &outcome) {
            (Err(error), Ok(())) => outcome = Err(error),
            (Err(error), Err(_)) => crate::text::say!("rring: {}", text::message(&words::of(&error))),
            (Ok(()), _) => {}
        }
    }
    outcome
}

fn remove(name: &str, is_forced: bool) -> anyhow::Result<()> {
    let found = Found::at(place::ring(name)?);
    if let Found::Ring(file) = &found
        && !is_forced
        && let Some(set) = pool_of(file)
    {
        return Err(End::InUse(format!(
            "{name} was not removed, for it is one of the five pools of the set {0}, which nobody opens without it: `rring rm {0}` removes all \
             five, and --force this one alone",
            set.name
        ))
        .into());
    }
    match if is_forced { found.remove() } else { found.remove_unused() } {
        Ok(()) => Ok(()),
        Err(FileError::InUse(_)) => Err(End::InUse(format!(
            "{name} was not removed, for it is in use by {}: end them first, or give --force, which leaves it to them and to nobody else",
            found.holders()
        ))
        .into()),
        Err(FileError::NotFound(_)) if matches!(found, Found::Set(_)) => Err(End::InUse(format!(
            "{name} was not removed, for its pool XS is missing, by which it is seen who is at work on the set: give --force"
        ))
        .into()),
        Err(
            error @ (FileError::Damaged(_)
            | FileError::Version { .. }
            | FileError::Mismatch { .. }
            | FileError::Sparse { .. }),
        ) => {
            let text = format!("{name} was not removed, for it cannot be seen which processes have it open: give --force ({error})");
            Err(End::InUse(text).into())
        }
        Err(error) => Err(error.into()),
    }
}

/// The set that is whole with the ring of `file`, and not without.
fn pool_of(file: &RingFile) -> Option<Membership> {
    let set = file.properties().ok()?.set?;
    Membership::of(file.path(), set).filter(Membership::is_whole)
}

impl Found {
    fn at(file: RingFile) -> Self {
        match (file.properties(), sets::at(file.path())) {
            (Err(FileError::NotFound(_)), Some(files)) => Found::Set(files),
            (Err(FileError::NotARing(_)), _) if cells::are_at(file.path()) => Found::Cells(LatestFile::at(file.path())),
            _ => Found::Ring(file),
        }
    }

    fn remove(&self) -> Result<(), FileError> {
        match self {
            Found::Ring(file) => file.remove(),
            Found::Set(files) => files.remove(),
            Found::Cells(file) => file.remove(),
        }
    }

    fn remove_unused(&self) -> Result<(), FileError> {
        match self {
            Found::Ring(file) => file.remove_unused(),
            Found::Set(files) => files.remove_unused(),
            Found::Cells(file) => file.remove_unused(),
        }
    }

    /// The processes that have it open, as far as its leases tell.
    fn holders(&self) -> String {
        let holders = match self {
            Found::Ring(file) => of_ring(file),
            Found::Set(files) => {
                let mut holders: Vec<_> = PoolId::ALL.iter().flat_map(|pool| of_ring(files.file(*pool))).collect();
                // One thread may read all five.
                holders.sort();
                holders.dedup();
                holders
            }
            Found::Cells(file) => of_cells(file),
        };
        match holders.as_slice() {
            [] => "a process that neither reads nor is the sole publisher".to_owned(),
            some => some.join(", "),
        }
    }
}

fn of_ring(file: &RingFile) -> Vec<String> {
    let Ok(ring) = Survey::of(file) else { return Vec::new() };
    let readers = ring
        .readers
        .iter()
        .filter_map(|reader| Some(format!("{} `{}` of process {}", reader.kind(), reader.name(), reader.holder?)));
    readers.chain(ring.publisher.map(|process| format!("the publisher, of process {process}"))).collect()
}

fn of_cells(file: &LatestFile) -> Vec<String> {
    let Ok(cells) = Cells::of(file.path()) else { return Vec::new() };
    let writer = cells.writer.map(|process| format!("the writer, of process {process}"));
    writer.into_iter().chain(cells.readers.iter().map(|process| format!("a reader of process {process}"))).collect()
}
