//! A ring's events, recorded.

use std::{
    fmt,
    time::{Duration, Instant},
};

use anyhow::bail;
use rusted_ring::{Sequence, Start};
use rusted_ring_recording::{self as recording, Balance, Clock, Options, Origin, Recorder};
use rusted_ring_shm::{Properties, RingFile};

use crate::{
    cli::{Compression, From, Record},
    event::{self, Account, Contract, Found, Read},
    exit::End,
    namesake::{Change, Namesake},
    place,
    progress::Progress,
    stop::Stop,
    text,
};

/// How long a look for an event lasts: what it takes from being asked to stop to the end.
const LOOK: Duration = Duration::from_millis(50);

pub(crate) fn run(record: &Record) -> anyhow::Result<()> {
    let file = place::ring(&record.ring)?;
    let stop = Stop::install()?;
    let properties = file.properties()?;
    if record.lossless && properties.in_static {
        let text = format!(
            "{} is a static of one process, and others lose what they are too late for: leave --lossless out",
            record.ring
        );
        return Err(End::Unreadable(text).into());
    }
    let start = match record.from {
        From::Oldest => Start::Oldest,
        From::Newest => Start::Newest,
        From::At(sequence) => Start::At(Sequence::new(sequence)),
    };
    let contract = if record.lossless { Contract::Lossless } else { Contract::Lossy };
    let mut reader = event::reader(&file, contract, start, &record.name)?;
    let origin = origin(&file, &properties, record.lossless, reader.position());
    let compression = match record.compression {
        Compression::None => recording::Compression::None,
        Compression::Lz4 => recording::Compression::Lz4,
        Compression::Zstd => recording::Compression::Zstd,
    };
    let options = Options { compression, replace: record.force };
    let clock = Clock::new();
    let mut recorder = Recorder::create(&record.output, &origin, options)?;
    let outcome = all(record, &file, &stop, &clock, &mut *reader, &mut recorder);
    let Account { received, lost, holes } = reader.account();
    let ledger = Balance { first: origin.first, next: reader.position(), received, repaired: 0, lost, holes };
    // Publishers wait for the file no longer.
    drop(reader);
    text::say!("received {received}; lost {lost}, holes {holes}; the next sequence is {}", ledger.next);
    let ended = outcome?;
    recorder.finish(clock.now(), &ledger)?;
    text::say!("recorded {received} events of {} into {}: {ended}", record.ring, record.output.display());
    match ended {
        Ended::Corrupt(why) => bail!("{} is corrupt: {why}; what was received before is recorded", record.ring),
        _ => Ok(()),
    }
}

/// Why a recording ends.
enum Ended {
    Asked,
    Count,
    Time,
    Removed,
    Replaced,
    Corrupt(rusted_ring::Corrupt),
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Ended::Asked => "it was asked to stop",
            Ended::Count => "these are as many as were asked for",
            Ended::Time => "the time is over",
            Ended::Removed => "the ring was removed",
            Ended::Replaced => "another ring has its name now",
            Ended::Corrupt(_) => "the ring is corrupt",
        })
    }
}

/// What ring it is, for who makes another one like it.
fn origin(file: &RingFile, properties: &Properties, lossless: bool, first: u64) -> Origin {
    Origin {
        ring: place::name(file.path()),
        id: properties.identity.id,
        epoch: properties.identity.epoch,
        capacity: properties.capacity,
        many: properties.many,
        typed: properties.typed,
        event: properties.event.clone(),
        event_bytes: properties.longest,
        align: properties.align_bytes(),
        lossless,
        first,
    }
}

/// Records until something ends it.
fn all(
    record: &Record,
    file: &RingFile,
    stop: &Stop,
    clock: &Clock,
    reader: &mut dyn Read,
    recorder: &mut Recorder,
) -> anyhow::Result<Ended> {
    let (begun, mut namesake, mut progress) = (Instant::now(), Namesake::new(file), Progress::new());
    loop {
        let left = record.time.map_or(LOOK, |time| time.saturating_sub(begun.elapsed()));
        if stop.is_asked() {
            return Ok(Ended::Asked);
        } else if record.count == Some(recorder.counted().received) {
            return Ok(Ended::Count);
        } else if left.is_zero() {
            return Ok(Ended::Time);
        }
        match reader.next(LOOK.min(left)) {
            Found::Event { sequence, event_type, data } => recorder.event(clock.now(), sequence, event_type, &data)?,
            Found::Lost(lagged) => recorder.lost(clock.now(), lagged.from.get(), lagged.to.get())?,
            Found::Corrupt(corrupt) => return Ok(Ended::Corrupt(corrupt)),
            Found::Nothing => {
                recorder.write_old(clock.now())?;
                match namesake.change(|file| reader.has_name(file)) {
                    None => {}
                    Some(Change::Removed) => return Ok(Ended::Removed),
                    Some(Change::Replaced(_)) => return Ok(Ended::Replaced),
                }
            }
        }
        progress.show(|| {
            let (counted, bytes) = (recorder.counted(), text::bytes(recorder.written()));
            format!("{} events, {bytes}; lost {}, holes {}", counted.received, counted.lost, counted.holes)
        });
    }
}
