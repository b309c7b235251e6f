//! A ring's events, printed.

use std::{
    io::{BufWriter, Write, stdout},
    str,
    time::Duration,
};

use rusted_ring::{Sequence, Start, subscriber::Lagged};
use serde_json::json;

use crate::{
    cli::{Form, From, Tap},
    event::{Account, Found, Read, reader},
    exit::is_closed_pipe,
    place,
    stop::Stop,
    text,
};

/// How long a look for an event lasts: what it takes from being asked to stop to the end.
const LOOK: Duration = Duration::from_millis(50);

pub(crate) fn run(tap: &Tap) -> anyhow::Result<()> {
    let file = place::ring(&tap.ring)?;
    let stop = Stop::install()?;
    let start = match tap.from {
        Some(From::Oldest) => Start::Oldest,
        Some(From::Newest) => Start::Newest,
        Some(From::At(sequence)) => Start::At(Sequence::new(sequence)),
        None if tap.follow => Start::Newest,
        None => Start::Oldest,
    };
    let mut reader = reader(&file, start, &tap.name)?;
    let mut printed = 0;
    let outcome = print(tap, &stop, &mut *reader, &mut printed);
    let Account { received, lost, holes } = reader.account();
    let (position, others) = (reader.position(), received - printed);
    let others = if others > 0 { format!(", {others} of them not printed") } else { String::new() };
    crate::text::say!("received {received}{others}; lost {lost}, holes {holes}; the next sequence is {position}");
    match outcome {
        Err(error) if !is_closed_pipe(&error) => Err(error),
        _ => Ok(()),
    }
}

fn print(tap: &Tap, stop: &Stop, reader: &mut dyn Read, printed: &mut u64) -> anyhow::Result<()> {
    // What there was when it began.
    let end = reader.position() + reader.lag();
    let mut out = BufWriter::new(stdout().lock());
    while !stop.is_asked() && tap.count != Some(*printed) && (tap.follow || reader.position() < end) {
        // What was read is shown before a wait begins.
        let mut found = reader.next(Duration::ZERO);
        if matches!(found, Found::Nothing) {
            out.flush()?;
            found = reader.next(LOOK);
        }
        match found {
            Found::Event { sequence, event_type, data } if tap.event_type.is_none_or(|wanted| wanted == event_type) => {
                writeln!(out, "{}", line(tap.form, sequence, event_type, &data))?;
                *printed += 1;
            }
            Found::Lost(lagged) => tell(tap.form, &mut out, lagged)?,
            Found::Event { .. } => {}
            // What is claimed there, and not published, may never be.
            Found::Nothing if !tap.follow => break,
            Found::Nothing => {}
        }
    }
    Ok(out.flush()?)
}

fn line(form: Form, sequence: u64, event_type: u32, data: &[u8]) -> String {
    if form.json {
        return json!({
            "sequence": sequence,
            "type": event_type,
            "hex": text::hex(data),
            "text": str::from_utf8(data).ok(),
        })
        .to_string();
    }
    let payload = if form.hex { text::hex(data) } else { text::escaped(data) };
    format!("{sequence}\t{event_type}\t{payload}")
}

fn tell(form: Form, out: &mut impl Write, lagged: Lagged) -> anyhow::Result<()> {
    let (from, to, count) = (lagged.from.get(), lagged.to.get(), lagged.count());
    if form.json {
        writeln!(out, "{}", json!({ "lost": count, "from": from, "to": to }))?;
    } else {
        out.flush()?;
        crate::text::say!("lost {count}: overwritten from {from} on, it goes on at {to}");
    }
    Ok(())
}
