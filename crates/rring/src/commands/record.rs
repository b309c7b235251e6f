//! A ring's events, recorded.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::bail;
use rusted_ring_recording::{self as recording, Balance, Clock, Options, Origin, Recorder};
use rusted_ring_shm::{Properties, RingFile};
use signal_hook::{consts::SIGXFSZ, flag};

use crate::{
    cli::{Compression, Record},
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
    // A file that reaches its limit is an error of the write, as a full disk is, and not the end of the process.
    flag::register(SIGXFSZ, Arc::default())?;
    let properties = file.properties()?;
    if record.lossless && properties.in_static {
        let text = format!(
            "{} is a static of one process, and others lose what they are too late for: leave --lossless out",
            record.ring
        );
        return Err(End::Unreadable(text).into());
    }
    let contract = if record.lossless { Contract::Lossless } else { Contract::Lossy };
    let mut reader = event::reader(&file, contract, record.from.start(), &record.name)?;
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
        event: properties.event.clone() + if properties.is_event_cut() { event::CUT } else { "" },
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
    // Why it ends once there is nothing more, because the ring's name is gone.
    let mut ending = None;
    loop {
        let left = record.time.map_or(LOOK, |time| time.saturating_sub(begun.elapsed()));
        if stop.is_asked() {
            return Ok(Ended::Asked);
        } else if record.count == Some(recorder.counted().received) {
            return Ok(Ended::Count);
        } else if left.is_zero() {
            return Ok(Ended::Time);
        }
        let patience = if ending.is_some() { Duration::ZERO } else { LOOK.min(left) };
        match reader.next(patience) {
            Found::Event { sequence, event_type, data } => recorder.event(clock.now(), sequence, event_type, &data)?,
            Found::Lost(lagged) => recorder.lost(clock.now(), lagged.from.get(), lagged.to.get())?,
            Found::Corrupt(corrupt) => return Ok(Ended::Corrupt(corrupt)),
            Found::Nothing => {
                if let Some(ended) = ending {
                    return Ok(ended);
                }
                recorder.write_old(clock.now())?;
                // What was published before the name went may have come since the last look.
                ending = namesake.change(|file| reader.has_name(file)).map(|change| match change {
                    Change::Removed => Ended::Removed,
                    Change::Replaced(_) => Ended::Replaced,
                });
            }
        }
        progress.show(|| {
            let (counted, bytes) = (recorder.counted(), text::bytes(recorder.written()));
            format!("{} events, {bytes}; lost {}, holes {}", counted.received, counted.lost, counted.holes)
        });
    }
}
