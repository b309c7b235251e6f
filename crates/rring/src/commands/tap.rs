//! A ring's events, printed.

use std::{
    io::{BufWriter, Write, stdout},
    time::Duration,
};

use rusted_ring::{Start, subscriber::Lagged};
use rusted_ring_shm::{Properties, RingFile};
use serde_json::json;

use crate::{
    cli::{From, Tap},
    event::{self, Account, Contract, Found, Read},
    exit::is_closed_pipe,
    lines,
    namesake::{Change, Namesake},
    place,
    stop::Stop,
};

/// How long a look for an event lasts: what it takes from being asked to stop to the end.
const LOOK: Duration = Duration::from_millis(50);

pub(crate) fn run(tap: &Tap) -> anyhow::Result<()> {
    let file = place::ring(&tap.ring)?;
    let stop = Stop::install()?;
    let unless_said = if tap.follow { From::Newest } else { From::Oldest };
    let start = tap.from.unwrap_or(unless_said).start();
    let mut tapped = Tapped { file: &file, tap, stop: &stop, printed: 0 };
    let mut reader = event::reader(&file, Contract::Lossy, start, &tap.name)?;
    loop {
        let printed = tapped.printed;
        let outcome = tapped.print(&mut *reader);
        let Account { received, lost, holes } = reader.account();
        let (position, others) = (reader.position(), received - (tapped.printed - printed));
        let others = if others > 0 { format!(", {others} of them not printed") } else { String::new() };
        crate::text::say!("received {received}{others}; lost {lost}, holes {holes}; the next sequence is {position}");
        match outcome {
            Ok(Ended::Done) => return Ok(()),
            Ok(Ended::Replaced(found)) => {
                reader = event::reader(&file, Contract::Lossy, Start::Oldest, &tap.name)?;
                tapped.tell_of_another(&found, reader.position())?;
            }
            Err(error) if is_closed_pipe(&error) => return Ok(()),
            Err(error) => return Err(error),
        }
    }
}

/// Why the events of a ring are not printed any more.
enum Ended {
    Done,
    /// Another ring has its name, and all that was in this one was read.
    Replaced(Properties),
}

/// What is printed, and how.
struct Tapped<'a> {
    file: &'a RingFile,
    tap: &'a Tap,
    stop: &'a Stop,
    printed: u64,
}

impl Tapped<'_> {
    fn print(&mut self, reader: &mut dyn Read) -> anyhow::Result<Ended> {
        let (tap, mut namesake) = (self.tap, Namesake::new(self.file));
        // What there was when it began.
        let end = reader.position() + reader.lag();
        let mut out = BufWriter::new(stdout().lock());
        while !self.stop.is_asked() && tap.count != Some(self.printed) && (tap.follow || reader.position() < end) {
            // What was read is shown before a wait begins.
            let mut found = reader.next(Duration::ZERO);
            if matches!(found, Found::Nothing) {
                out.flush()?;
                found = reader.next(LOOK);
            }
            match found {
                Found::Event { sequence, event_type, data }
                    if tap.event_type.is_none_or(|wanted| wanted == event_type) =>
                {
                    writeln!(out, "{}", lines::event(tap.form, sequence, event_type, &data))?;
                    self.printed += 1;
                }
                Found::Lost(Lagged { from, to, .. }) => lines::lost(tap.form, &mut out, from.get(), to.get())?,
                Found::Corrupt(corrupt) => return Err(corrupt.into()),
                Found::Event { .. } => {}
                // What is claimed there, and not published, may never be.
                Found::Nothing if !tap.follow => break,
                Found::Nothing => match namesake.change(|file| reader.has_name(file)) {
                    None => {}
                    Some(Change::Replaced(found)) => return Ok(Ended::Replaced(found)),
                    Some(Change::Removed) => crate::text::say!(
                        "{} was removed: this goes on with what its processes still publish, and with the next ring of that name",
                        tap.ring
                    ),
                },
            }
        }
        out.flush()?;
        Ok(Ended::Done)
    }

    /// Says that `found` has the ring's name now, and is printed from `position` on.
    fn tell_of_another(&self, found: &Properties, position: u64) -> anyhow::Result<()> {
        let id = format!("{:032x}", found.identity.id);
        if self.tap.form.json {
            println_json(&json!({ "replaced_by": id, "lost": position, "from": position }))?;
        } else {
            crate::text::say!(
                "{} is another ring now, {id}: it goes on with that at {position}; {position} were overwritten there before, and what is published to the \
                 ring that it was is lost from here on",
                self.tap.ring
            );
        }
        Ok(())
    }
}

fn println_json(value: &serde_json::Value) -> anyhow::Result<()> {
    let mut out = stdout().lock();
    writeln!(out, "{value}")?;
    Ok(out.flush()?)
}
