//! Lines, published.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, stdin},
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, bail};
use rusted_ring::publisher::{Full, PublishError};

use crate::{cli, event, event::Publish, exit::End, place};

/// What went out, and how.
struct Lines<'a> {
    publisher: Box<dyn Publish>,
    event_type: u32,
    timeout: Duration,
    ring: &'a str,
    published: u64,
    /// The last one's sequence.
    last: Option<u64>,
}

pub(crate) fn run(publish: &cli::Publish) -> anyhow::Result<()> {
    let mut file = place::ring(&publish.ring)?;
    if publish.group {
        file = file.for_group();
    }
    let publisher = match publish.create {
        None => event::publisher(&file)?,
        Some(create) => event::creator(&file, create.slot_bytes, create.capacity, !publish.sole)?,
    };
    let mut lines = Lines {
        publisher,
        event_type: publish.event_type,
        timeout: publish.timeout,
        ring: &publish.ring,
        published: 0,
        last: None,
    };
    let inputs = if publish.files.is_empty() { &[PathBuf::from("-")][..] } else { &publish.files };
    let outcome = inputs.iter().try_for_each(|input| lines.publish_all(input));
    match lines.last {
        Some(last) => crate::text::say!("published {}, the last as sequence {last}", lines.published),
        None => crate::text::say!("published 0"),
    }
    outcome
}

impl Lines<'_> {
    fn publish_all(&mut self, input: &Path) -> anyhow::Result<()> {
        if input == Path::new("-") {
            return self.publish_each(&mut stdin().lock(), "standard input");
        }
        let name = input.display().to_string();
        let file = File::open(input).with_context(|| format!("opening {name}"))?;
        self.publish_each(&mut BufReader::new(file), &name)
    }

    fn publish_each(&mut self, input: &mut dyn BufRead, name: &str) -> anyhow::Result<()> {
        let (mut line, mut number) = (Vec::new(), 0);
        while read_line(input, &mut line).with_context(|| format!("reading {name}"))? {
            number += 1;
            match self.publisher.publish(&line, self.event_type, self.timeout) {
                Ok(sequence) => (self.published, self.last) = (self.published + 1, Some(sequence.get())),
                Err(PublishError::Full(full)) => return Err(self.blocked(&full, number, name)),
                Err(error) => bail!("line {number} of {name} was not published: {error}"),
            }
        }
        Ok(())
    }

    fn blocked(&self, full: &Full, number: u64, name: &str) -> anyhow::Error {
        let process = full.blocker.and_then(|blocker| self.publisher.process_of(blocker.entry));
        let process = process.map(|process| format!(" (it is process {process})")).unwrap_or_default();
        End::Full(format!("line {number} of {name} was not published to {}: {full}{process}", self.ring)).into()
    }
}

/// The next line, without its end; whether there was one.
fn read_line(input: &mut dyn BufRead, line: &mut Vec<u8>) -> io::Result<bool> {
    line.clear();
    if input.read_until(b'\n', line)? == 0 {
        return Ok(false);
    }
    if line.last() == Some(&b'\n') {
        line.pop();
    }
    Ok(true)
}
