//! The journal, and what else appends to files.

use std::{
    fs::File,
    io::{BufReader, BufWriter, Read, Write},
    path::Path,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};
use commitlog::{
    CommitLog, LogOptions, ReadLimit,
    message::{MessageBuf, MessageSet},
};
use rusted_ring::{Consumer, HeapRing, Sequence, Sole, SolePublisher, Start, subscriber::Kept};
use rusted_ring_journal::{Journal, Options, SyncPolicy};

use crate::events;

/// Something that appends events of some bytes to files in a directory, and reads them again.
pub(crate) struct Contender {
    pub(crate) name: &'static str,
    /// Takes the directory, the bytes of each event, and how many there are; returns how long the appending took, and the reading.
    pub(crate) run: fn(&Path, usize, usize) -> anyhow::Result<[Duration; 2]>,
}

pub(crate) const CONTENDERS: [Contender; 5] = [
    Contender { name: "rusted-ring-journal", run: journal },
    Contender { name: "khata-rs", run: khata },
    Contender { name: "commitlog", run: commitlog_one_by_one },
    Contender { name: "commitlog, 64 KiB at a time", run: commitlog_in_batches },
    Contender { name: "write", run: write },
];

/// Bytes that are written at a time, where nothing else is said.
const BUFFER: usize = 1 << 20;
/// Bytes that a message of commitlog has beside its event.
const MESSAGE_HEAD: usize = 20;
/// Bytes of messages that commitlog is given at a time.
const MESSAGES: usize = 64 << 10;

fn journal(directory: &Path, length: usize, count: usize) -> anyhow::Result<[Duration; 2]> {
    match length {
        64 => journal_of::<64>(directory, count),
        1024 => journal_of::<1024>(directory, count),
        other => anyhow::bail!("no ring has slots of {other} bytes here"),
    }
}

fn journal_of<const N: usize>(directory: &Path, count: usize) -> anyhow::Result<[Duration; 2]> {
    let ring = HeapRing::<N, Sole>::sole(BUFFER / N);
    let consumer = Consumer::join(ring.clone(), Start::Oldest)?;
    let journal = Journal::open(directory, Options::default().sync(SyncPolicy::Never))?;
    let recording = journal.record(consumer)?;
    let mut publisher = SolePublisher::join(ring)?;
    let mut event = [0; N];
    let begun = Instant::now();
    for n in 0..count {
        events::write(&mut event, n);
        publisher.publish(&event, 1)?;
    }
    drop(publisher);
    while recording.is_running() {
        thread::sleep(Duration::from_micros(100));
    }
    let appended = begun.elapsed();
    let journal = recording.stop()?;
    let mut reader = journal.reader(1);
    let begun = Instant::now();
    for n in 0..count {
        let kept = reader.read(Sequence::new(n as u64), Sequence::new(count as u64), &mut event)?;
        ensure!(kept == Kept::Event { len: N, event_type: 1 }, "event {n} is not there");
        events::check(&event, n, N)?;
    }
    Ok([appended, begun.elapsed()])
}

fn khata(directory: &Path, length: usize, count: usize) -> anyhow::Result<[Duration; 2]> {
    // A file is mapped whole, and does not grow: each record has eight bytes more.
    let queue = khata_rs::Queue::new(directory).block_size(count * (length + 8) + BUFFER).build()?;
    let mut event = vec![0; length];
    let mut writer = queue.writer()?;
    let begun = Instant::now();
    for n in 0..count {
        events::write(&mut event, n);
        writer.write(&event)?;
    }
    let appended = begun.elapsed();
    let mut reader = queue.reader()?;
    reader.rewind()?;
    let begun = Instant::now();
    for n in 0..count {
        events::check(reader.read()?.with_context(|| format!("event {n} is not there"))?, n, length)?;
    }
    Ok([appended, begun.elapsed()])
}

fn commitlog_one_by_one(directory: &Path, length: usize, count: usize) -> anyhow::Result<[Duration; 2]> {
    let mut log = CommitLog::new(LogOptions::new(directory))?;
    let mut event = vec![0; length];
    let begun = Instant::now();
    for n in 0..count {
        events::write(&mut event, n);
        log.append_msg(&event)?;
    }
    Ok([begun.elapsed(), read_commitlog(&log, length, count)?])
}

fn commitlog_in_batches(directory: &Path, length: usize, count: usize) -> anyhow::Result<[Duration; 2]> {
    let mut log = CommitLog::new(LogOptions::new(directory))?;
    let (mut event, mut messages) = (vec![0; length], MessageBuf::default());
    let begun = Instant::now();
    for n in 0..count {
        events::write(&mut event, n);
        messages.push(&event).ok().context("the messages have too many bytes")?;
        if messages.bytes().len() + length + MESSAGE_HEAD > MESSAGES || n + 1 == count {
            log.append(&mut messages)?;
            messages.clear();
        }
    }
    Ok([begun.elapsed(), read_commitlog(&log, length, count)?])
}

fn read_commitlog(log: &CommitLog, length: usize, count: usize) -> anyhow::Result<Duration> {
    let begun = Instant::now();
    let mut n = 0;
    while n < count {
        let messages = log.read(n as u64, ReadLimit::max_bytes(MESSAGES))?;
        ensure!(!messages.is_empty(), "event {n} is not there");
        for message in messages.iter() {
            events::check(message.payload(), n, length)?;
            n += 1;
        }
    }
    Ok(begun.elapsed())
}

fn write(directory: &Path, length: usize, count: usize) -> anyhow::Result<[Duration; 2]> {
    let path = directory.join("events");
    let mut file = BufWriter::with_capacity(BUFFER, File::create(&path)?);
    let mut event = vec![0; length];
    let begun = Instant::now();
    for n in 0..count {
        events::write(&mut event, n);
        file.write_all(&event)?;
    }
    file.flush()?;
    let appended = begun.elapsed();
    let mut file = BufReader::with_capacity(BUFFER, File::open(&path)?);
    let begun = Instant::now();
    for n in 0..count {
        file.read_exact(&mut event)?;
        events::check(&event, n, length)?;
    }
    Ok([appended, begun.elapsed()])
}
