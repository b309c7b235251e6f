//! The end of rings.

use rusted_ring_shm::{FileError, RingFile};

use crate::{cli::Rm, exit::End, place, survey::Survey, text};

/// Removes all that it can, and then says the first of those that it could not.
pub(crate) fn run(rm: &Rm) -> anyhow::Result<()> {
    let mut outcome = Ok(());
    for ring in &rm.rings {
        match (remove(ring, rm.force), &outcome) {
            (Err(error), Ok(())) => outcome = Err(error),
            (Err(error), Err(_)) => crate::text::say!("rring: {}", text::message(&format!("{error:#}"))),
            (Ok(()), _) => {}
        }
    }
    outcome
}

fn remove(ring: &str, is_forced: bool) -> anyhow::Result<()> {
    let file = place::ring(ring)?;
    if !is_forced {
        refuse_if_used(ring, &file)?;
    }
    Ok(file.remove()?)
}

fn refuse_if_used(name: &str, file: &RingFile) -> anyhow::Result<()> {
    let ring = match Survey::of(file) {
        Ok(ring) => ring,
        Err(error @ (FileError::Damaged(_) | FileError::Version { .. } | FileError::Mismatch { .. })) => {
            let text = format!("{name} was not removed, for it cannot be seen who has it open: give --force ({error})");
            return Err(End::InUse(text).into());
        }
        Err(error) => return Err(error.into()),
    };
    let mut holders: Vec<String> = ring
        .readers
        .iter()
        .filter_map(|reader| Some(format!("{} `{}` of process {}", reader.kind(), reader.name(), reader.holder?)))
        .collect();
    holders.extend(ring.publisher.map(|process| format!("the publisher, of process {process}")));
    if holders.is_empty() {
        match ring.alive {
            Some(false) => {}
            Some(true) => holders.push("a process that neither reads nor is the sole publisher".to_owned()),
            None => holders.push("nobody that can be seen, as its file system does not say".to_owned()),
        }
    }
    match holders.as_slice() {
        [] => Ok(()),
        some => Err(End::InUse(format!(
            "{name} was not removed, for it is in use by {}: end them first, or give --force, which leaves it to them and to nobody else",
            some.join(", ")
        ))
        .into()),
    }
}
