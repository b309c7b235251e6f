//! A journal that Rust began, whose position Python confirms until it is killed, and Go takes up.

use std::{
    ops::Range,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use rusted_ring::{Bytes, Consumer, Sequence, Sole, SolePublisher, Start};
use rusted_ring_journal::{Journal, Options};
use rusted_ring_shm::{Ring, RingFile};

use crate::{LONG, Result, process::Process};

/// Fewer than the events that each of the programs has to deal with.
const SLOTS: usize = 64;
/// What is published while Rust records, and up to where Rust confirms.
const FIRST: u64 = 400;
const BY_RUST: u64 = 100;
/// Up to where Python confirms; it deals with 30 more before it is killed.
const BY_PYTHON: u64 = 200;
/// What is published when Python is gone and nobody records, and is still on the ring when Go comes.
const ALL: u64 = FIRST + SLOTS as u64 / 2;

/// Each program says what it found confirmed, and reads from there on.
pub(crate) fn is_taken_up(directory: &Path, python: [&Path; 2], go: &Path) -> Result<()> {
    let (kept, file) = (directory.join("kept"), RingFile::at(directory.join("mails")));
    let ring: Ring<Bytes<8>, Sole> = file.create(SLOTS)?;
    let recording = Journal::open(&kept, Options::default())?.record(Consumer::join(ring.clone(), Start::Oldest)?)?;
    let mut pen = SolePublisher::join(ring)?;
    let mut publish = |numbers: Range<u64>| -> Result<()> {
        for number in numbers {
            pen.publish_timeout(&number.to_le_bytes(), 1, LONG)?;
        }
        Ok(())
    };
    publish(0..FIRST)?;
    recording.position("mail")?.confirm(recording.epoch(), Sequence::new(BY_RUST))?;
    drop(recording.stop()?);

    let text = |path: PathBuf| path.into_os_string().into_string().map_err(|path| format!("{path:?} is no text"));
    let (kept_text, ring_text) = (text(kept.clone())?, text(file.path().to_owned())?);
    let [interpreter, program] = python;
    let program = program.to_str().ok_or("the program's path is no text")?;
    let arguments = [program, &kept_text, &ring_text, &BY_PYTHON.to_string()];
    let mut killed = Process::start_silent("python", interpreter, &arguments)?;
    says(&mut killed, &format!("began 1 {BY_RUST}"))?;
    says(&mut killed, &format!("dealt {}", BY_PYTHON + 30))?;
    killed.kill()?;

    publish(FIRST..ALL)?;
    let mut next = Process::start_silent("go", go, &[&kept_text, &ring_text, &ALL.to_string()])?;
    says(&mut next, &format!("began 1 {BY_PYTHON}"))?;
    says(&mut next, &format!("dealt {ALL}"))?;
    next.end()?;

    let journal = opened(&kept)?;
    let confirmed = journal.position("mail")?.confirmed().ok_or("nothing is confirmed")?;
    let end = journal.epochs().last().ok_or("there is no epoch")?.end.get();
    if (confirmed.epoch, confirmed.next.get(), end) != (1, ALL, ALL) {
        return Err(format!("{confirmed:?} is confirmed, and the journal ends at {end}: {ALL} was expected").into());
    }
    println!(
        "kept: rust confirmed {BY_RUST}, python {BY_PYTHON} until it was killed, and go had all from there to {ALL}"
    );
    Ok(())
}

fn says(process: &mut Process, expected: &str) -> Result<()> {
    let line = process.line()?;
    if line == expected { Ok(()) } else { Err(format!("it said `{line}`, not `{expected}`").into()) }
}

/// The journal, once the process that had it is gone.
fn opened(directory: &Path) -> Result<Journal> {
    let begun = Instant::now();
    loop {
        match Journal::open(directory, Options::default()) {
            Err(error) if begun.elapsed() > LONG => return Err(error.into()),
            Err(_) => std::thread::sleep(Duration::from_millis(5)),
            Ok(journal) => return Ok(journal),
        }
    }
}
