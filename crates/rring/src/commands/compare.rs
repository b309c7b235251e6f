//! Where two recordings differ.

use std::io::{ErrorKind, Write, stdout};

use rusted_ring_recording::{Content, Difference, Recording, Why, compare};

use crate::{cli::Compare, exit::End, text};

pub(crate) fn run(compared: &Compare) -> anyhow::Result<()> {
    let paths = [&compared.first, &compared.second];
    let [mut first, mut second] = [Recording::open(paths[0])?, Recording::open(paths[1])?];
    let Some(Difference { sequence, first, second }) = compare(&mut first, &mut second)? else {
        let counted = first.counted();
        writeln!(stdout(), "the same: {counted}")?;
        return Ok(());
    };
    for (path, content) in paths.into_iter().zip([first, second]) {
        let path = text::escaped(path.as_os_str().as_encoded_bytes());
        match writeln!(stdout(), "{sequence}\t{path}\t{}", show(&content)) {
            // That they differ is told by the exit code, too, whoever reads the rest.
            Err(error) if error.kind() != ErrorKind::BrokenPipe => return Err(error.into()),
            _ => {}
        }
    }
    Err(End::Different(format!("the recordings differ at sequence {sequence}")).into())
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
