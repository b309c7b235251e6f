//! The end of rings.

use rusted_ring_shm::{FileError, RingFile};

use crate::{cli::Rm, exit::End, place, survey::Survey, text, words};

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
    let file = place::ring(name)?;
    match if is_forced { file.remove() } else { file.remove_unused() } {
        Ok(()) => Ok(()),
        Err(FileError::InUse(_)) => Err(End::InUse(format!(
            "{name} was not removed, for it is in use by {}: end them first, or give --force, which leaves it to them and to nobody else",
            holders(&file)
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

/// The processes that have the ring of `file` open, as far as its leases tell.
fn holders(file: &RingFile) -> String {
    let holders = Survey::of(file).map(|ring| {
        let readers = ring
            .readers
            .iter()
            .filter_map(|reader| Some(format!("{} `{}` of process {}", reader.kind(), reader.name(), reader.holder?)));
        readers.chain(ring.publisher.map(|process| format!("the publisher, of process {process}"))).collect::<Vec<_>>()
    });
    match holders.unwrap_or_default().as_slice() {
        [] => "a process that neither reads nor is the sole publisher".to_owned(),
        some => some.join(", "),
    }
}
