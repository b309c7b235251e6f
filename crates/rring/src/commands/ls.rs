//! Which rings and latest-value cells there are.

use std::{
    fs,
    io::{Write, stdout},
    path::{Path, PathBuf},
};

use anyhow::Context;
use rusted_ring::pool::PoolId;
use rusted_ring_shm::{FileError, RingFile};
use serde_json::json;

use crate::{
    cells::{self, Cells},
    cli::Ls,
    place,
    sets::{self, Membership},
    survey::Survey,
    text, words,
};

/// What is in a directory.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) rings: Vec<Survey>,
    pub(crate) cells: Vec<Cells>,
    /// Rings and cells that cannot be opened, and why.
    pub(crate) broken: Vec<(String, FileError)>,
    /// What is no ring, or cannot be read.
    pub(crate) foreign: Vec<String>,
}

/// Names of foreign files that are shown.
const SHOWN: usize = 3;

pub(crate) fn run(ls: &Ls) -> anyhow::Result<()> {
    let found = find(&place::directory_or_ring(ls.place.as_deref())?)?;
    let mut out = stdout().lock();
    if ls.json {
        let broken = found.broken.iter().map(|(name, why)| json!({ "ring": name, "error": words::of_file(why) }));
        let all = json!({
            "rings": found.rings.iter().map(Survey::json).collect::<Vec<_>>(),
            "latest": found.cells.iter().map(Cells::json).collect::<Vec<_>>(),
            "broken": broken.collect::<Vec<_>>(),
            "skipped": found.foreign,
        });
        return Ok(writeln!(out, "{all}")?);
    }
    if !found.rings.is_empty() {
        out.write_all(table(&found.rings).as_bytes())?;
    }
    if !found.cells.is_empty() {
        let gap = if found.rings.is_empty() { "" } else { "\n" };
        write!(out, "{gap}{}", table_of_cells(&found.cells))?;
    }
    for (name, why) in &found.broken {
        writeln!(out, "{name}: {}", text::message(&words::of_file(why)))?;
    }
    out.flush()?;
    if found.rings.is_empty() && found.cells.is_empty() && found.broken.is_empty() {
        crate::text::say!("no rings; `rring pub NAME --create 64,1024` makes one");
    }
    if !found.foreign.is_empty() {
        let names = found.foreign.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
        let more = if found.foreign.len() > SHOWN { ", ..." } else { "" };
        crate::text::say!("skipped, as no rings or not to be read: {} ({names}{more})", found.foreign.len());
    }
    Ok(())
}

/// The rings and cells in `path`, or those that it is: one, or the five pools of the set of that name.
fn find(path: &Path) -> anyhow::Result<Found> {
    let mut found = Found::default();
    if !path.is_dir() {
        match Survey::of(&RingFile::at(path)) {
            Err(FileError::NotARing(_)) if cells::are_at(path) => found.cells.push(Cells::of(path)?),
            Err(error @ FileError::NotFound(_)) => found.take_set(path, error)?,
            ring => found.rings.push(ring?),
        }
        return Ok(found);
    }
    let entries = fs::read_dir(path).with_context(|| format!("reading the directory {}", path.display()))?;
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        found.take(&path);
    }
    found.rings.sort_by_cached_key(order);
    Ok(found)
}

/// By name, and the pools of a set one after another, smallest slots first.
fn order(ring: &Survey) -> (String, usize) {
    ring.set.as_ref().map_or((ring.name.clone(), 0), |set| (set.name.clone(), 1 + set.pool as usize))
}

impl Found {
    fn take(&mut self, path: &Path) {
        let why = match Survey::of(&RingFile::at(path)) {
            Ok(ring) => return self.rings.push(ring),
            Err(FileError::NotARing(_)) if cells::are_at(path) => match Cells::of(path) {
                Ok(cells) => return self.cells.push(cells),
                Err(why) => why,
            },
            Err(why) => why,
        };
        match why {
            // It has gone meanwhile.
            FileError::NotFound(_) => {}
            FileError::NotARing(_) | FileError::Link(_) | FileError::System { .. } => {
                let name = path.file_name().unwrap_or_default().as_encoded_bytes();
                // What is hidden is nobody's concern.
                if !name.starts_with(b".") {
                    self.foreign.push(text::escaped(name));
                }
            }
            why => self.broken.push((text::escaped(place::name(path).as_bytes()), why)),
        }
    }

    /// Takes what is there of the pools of the set at `path`, or says that there is nothing, as `otherwise`.
    fn take_set(&mut self, path: &Path, otherwise: FileError) -> Result<(), FileError> {
        let files = sets::at(path).ok_or(otherwise)?;
        for pool in PoolId::ALL {
            self.take(files.file(pool).path());
        }
        Ok(())
    }
}

fn table(rings: &[Survey]) -> String {
    let mut head = vec!["RING", "STATE", "MODE", "SLOT", "CAPACITY", "CLAIMED", "READERS", "PUBLISHERS"];
    let is_any_of_set = rings.iter().any(|ring| ring.set.is_some());
    if is_any_of_set {
        head.push("SET");
    }
    let row = |ring: &Survey| {
        let readers = match ring.living_and_dead() {
            (living, 0) => living.to_string(),
            (living, dead) => format!("{living} + {dead} dead"),
        };
        let mut row = vec![
            ring.name.clone(),
            ring.state().to_owned(),
            ring.mode().to_owned(),
            ring.slots(),
            ring.properties.capacity.to_string(),
            ring.claimed.to_string(),
            readers,
            ring.publishers().map_or("-".to_owned(), |count| count.to_string()),
        ];
        if is_any_of_set {
            row.push(ring.set.as_ref().map_or("-".to_owned(), Membership::show));
        }
        row
    };
    table_under(&head, rings.iter().map(row))
}

fn table_of_cells(cells: &[Cells]) -> String {
    let row = |cells: &Cells| {
        vec![
            cells.name.clone(),
            cells.state().to_owned(),
            cells.properties.keys.to_string(),
            cells.value(),
            cells.writer.map_or("-".to_owned(), |process| process.to_string()),
            format!("{} of {}", cells.readers.len(), cells.properties.readers),
        ]
    };
    table_under(&["LATEST", "STATE", "KEYS", "VALUE", "WRITER", "READERS"], cells.iter().map(row))
}

fn table_under(head: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let head = head.iter().map(|&name| name.to_owned()).collect();
    text::table(&[head].into_iter().chain(rows).collect::<Vec<_>>())
}
