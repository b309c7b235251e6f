//! Where two recordings differ.

use std::{
    any::type_name,
    io::{ErrorKind, Write, stdout},
    path::Path,
};

use rusted_ring::{
    bytemuck,
    topology::{BatchDifference, StageBatch},
};
use rusted_ring_recording::{Content, Difference, Entry, Event, Recording, Why, compare};

use crate::{cli::Compare, exit::End, text};

pub(crate) fn run(compared: &Compare) -> anyhow::Result<()> {
    let paths = [&*compared.first, &*compared.second];
    let recordings = [Recording::open(paths[0])?, Recording::open(paths[1])?];
    if recordings.iter().all(is_of_batches) { of_batches(paths, recordings) } else { of_events(paths, recordings) }
}

fn of_events(paths: [&Path; 2], [mut first, mut second]: [Recording; 2]) -> anyhow::Result<()> {
    let Some(Difference { sequence, first, second }) = compare(&mut first, &mut second)? else {
        let counted = first.counted();
        writeln!(stdout(), "the same: {counted}")?;
        return Ok(());
    };
    for (path, content) in paths.into_iter().zip([first, second]) {
        say(&sequence.to_string(), path, &show(&content))?;
    }
    Err(End::Different(format!("the recordings differ at sequence {sequence}")).into())
}

/// Whether the events are what [`on_batch`](rusted_ring::topology::Topology::on_batch) tells.
fn is_of_batches(recording: &Recording) -> bool {
    let origin = recording.origin();
    origin.typed && origin.event == type_name::<StageBatch>() && origin.event_bytes == size_of::<StageBatch>() as u64
}

/// Compares stage by stage: which of two stages was first differs from run to run.
fn of_batches(paths: [&Path; 2], mut recordings: [Recording; 2]) -> anyhow::Result<()> {
    let mut runs = [Vec::new(), Vec::new()];
    for ((path, recording), run) in paths.into_iter().zip(&mut recordings).zip(&mut runs) {
        while let Some(entry) = recording.read()? {
            if let Entry::Event(Event { data, .. }) = entry {
                run.push(bytemuck::pod_read_unaligned::<StageBatch>(data));
            }
        }
        if let lost @ 1.. = recording.counted().lost {
            text::say!("{} lacks {lost} batches, which were lost when it was recorded", path.display());
        }
    }
    let [first, second] = runs;
    let count = first.len();
    let differences = StageBatch::differences(first, second);
    for BatchDifference { stage, first, second, .. } in &differences {
        for (path, batch) in paths.into_iter().zip([first, second]) {
            say(
                &text::escaped(stage.as_bytes()),
                path,
                &batch.as_ref().map_or("no more batches".to_owned(), show_batch),
            )?;
        }
    }
    match &differences[..] {
        [] => Ok(writeln!(stdout(), "the same {count} batches, stage by stage")?),
        [BatchDifference { stage, .. }] => {
            Err(End::Different(format!("1 stage differs: {}", text::escaped(stage.as_bytes()))).into())
        }
        differences => Err(End::Different(format!("{} stages differ", differences.len())).into()),
    }
}

/// Says what a recording has somewhere. That they differ is told by the exit code, too, whoever reads the rest.
fn say(place: &str, path: &Path, what: &str) -> anyhow::Result<()> {
    let path = text::escaped(path.as_os_str().as_encoded_bytes());
    match writeln!(stdout(), "{place}\t{path}\t{what}") {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

fn show(content: &Content) -> String {
    match content {
        Content::Event { event_type, data } => {
            format!("type {event_type}, {} bytes: {}", data.len(), text::escaped(data))
        }
        Content::Missing(Why::Lost) => "lost".to_owned(),
        Content::Missing(Why::Hole) => "a hole".to_owned(),
        Content::Outside => "nothing: it begins later, or has ended".to_owned(),
    }
}

fn show_batch(batch: &StageBatch) -> String {
    format!("worker {}, sequences {} up to and without {}", batch.worker(), batch.from(), batch.to())
}
