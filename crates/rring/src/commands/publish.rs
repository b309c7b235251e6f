//! Lines, published.

use std::{
    fs::File,
    io::stdin,
    os::fd::AsFd,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, bail};
use rusted_ring::publisher::{Full, PublishError};

use crate::{
    cli, event,
    event::Publish,
    exit::End,
    input::{self, Next},
    place,
    stop::Stop,
    words,
};

/// What went out, and how.
struct Lines<'a> {
    publisher: Box<dyn Publish>,
    event_type: u32,
    timeout: Duration,
    ring: &'a str,
    stop: &'a Stop,
    /// Bytes of an event of the ring, at most.
    longest: usize,
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
    let stop = Stop::install()?;
    let mut lines = Lines {
        event_type: publish.event_type,
        timeout: publish.timeout,
        ring: &publish.ring,
        stop: &stop,
        longest: publisher.longest(),
        publisher,
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
            return self.publish_each(stdin(), "standard input");
        }
        let name = input.display().to_string();
        let file = File::open(input).with_context(|| format!("opening {name}"))?;
        self.publish_each(file, &name)
    }

    fn publish_each(&mut self, input: impl AsFd, name: &str) -> anyhow::Result<()> {
        let (mut lines, mut number) = (input::Lines::of(input, self.longest, self.stop), 0u64);
        loop {
            let line = match lines.next().with_context(|| format!("reading {name}"))? {
                Next::Line(line) => line,
                Next::End => return Ok(()),
                Next::TooLong => bail!(
                    "line {} of {name} has more than {} bytes, which is the most that an event of {} may have: it was not published, and what is \
                     behind it was not read; split it, or use a ring of larger slots",
                    number + 1,
                    self.longest,
                    self.ring
                ),
                Next::Stopped(0) => return Err(interrupted(number, name, "")),
                Next::Stopped(bytes) => {
                    let unfinished = format!(", and {bytes} bytes behind it were not published");
                    return Err(interrupted(number, name, &unfinished));
                }
            };
            number += 1;
            match event::publish(&mut *self.publisher, line, self.event_type, self.timeout, self.stop) {
                Ok(sequence) => (self.published, self.last) = (self.published + 1, Some(sequence.get())),
                Err(PublishError::Full(_)) if self.stop.is_asked() => {
                    return Err(interrupted(number - 1, name, ", and there was no room for the next"));
                }
                Err(PublishError::Full(full)) => return Err(self.blocked(&full, number, name)),
                Err(error) => bail!("line {number} of {name} was not published: {error}"),
            }
        }
    }

    fn blocked(&self, full: &Full, number: u64, name: &str) -> anyhow::Error {
        let process = full.blocker.and_then(|blocker| self.publisher.process_of(blocker.entry));
        let why = words::of_full(full, process);
        End::Full(format!("line {number} of {name} was not published to {}: {why}", self.ring)).into()
    }
}

fn interrupted(number: u64, name: &str, more: &str) -> anyhow::Error {
    End::Interrupted(format!("interrupted: line {number} of {name} was the last to be published{more}")).into()
}
