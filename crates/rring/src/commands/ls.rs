//! Which rings there are.

use std::{
    fs,
    io::{Write, stdout},
    path::{Path, PathBuf},
};

use anyhow::Context;
use rusted_ring_shm::{FileError, RingFile};
use serde_json::json;

use crate::{cli::Ls, place, survey::Survey, text, words};

/// What is in a directory.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) rings: Vec<Survey>,
    /// Rings that cannot be opened, and why.
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
            "broken": broken.collect::<Vec<_>>(),
            "skipped": found.foreign,
        });
        return Ok(writeln!(out, "{all}")?);
    }
    if !found.rings.is_empty() {
        out.write_all(table(&found.rings).as_bytes())?;
    }
    for (name, why) in &found.broken {
        writeln!(out, "{name}: {}", text::message(&words::of_file(why)))?;
    }
    out.flush()?;
    if found.rings.is_empty() && found.broken.is_empty() {
        crate::text::say!("no rings; `rring pub NAME --create 64,1024` makes one");
    }
    if !found.foreign.is_empty() {
        let names = found.foreign.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
        let more = if found.foreign.len() > SHOWN { ", ..." } else { "" };
        crate::text::say!("skipped, as no rings or not to be read: {} ({names}{more})", found.foreign.len());
    }
    Ok(())
}

/// The rings in `path`, or the one that it is.
pub(crate) fn find(path: &Path) -> anyhow::Result<Found> {
    let mut found = Found::default();
    if !path.is_dir() {
        found.rings.push(Survey::of(&RingFile::at(path))?);
        return Ok(found);
    }
    let entries = fs::read_dir(path).with_context(|| format!("reading the directory {}", path.display()))?;
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        match Survey::of(&RingFile::at(&path)) {
            Ok(ring) => found.rings.push(ring),
            // It has gone meanwhile.
            Err(FileError::NotFound(_)) => {}
            Err(FileError::NotARing(_) | FileError::Link(_) | FileError::System { .. }) => {
                let name = path.file_name().unwrap_or_default().as_encoded_bytes();
                // What is hidden is nobody's concern.
                if !name.starts_with(b".") {
                    found.foreign.push(text::escaped(name));
                }
            }
            Err(why) => found.broken.push((text::escaped(place::name(&path).as_bytes()), why)),
        }
    }
    Ok(found)
}

fn table(rings: &[Survey]) -> String {
    let head = ["RING", "STATE", "MODE", "SLOT", "CAPACITY", "CLAIMED", "READERS", "PUBLISHERS"];
    let row = |ring: &Survey| {
        let readers = match ring.living_and_dead() {
            (living, 0) => living.to_string(),
            (living, dead) => format!("{living} + {dead} dead"),
        };
        vec![
            ring.name.clone(),
            ring.state().to_owned(),
            ring.mode().to_owned(),
            ring.slots(),
            ring.properties.capacity.to_string(),
            ring.claimed.to_string(),
            readers,
            ring.publishers().map_or("-".to_owned(), |count| count.to_string()),
        ]
    };
    let rows: Vec<_> = [head.map(str::to_owned).to_vec()].into_iter().chain(rings.iter().map(row)).collect();
    text::table(&rows)
}
