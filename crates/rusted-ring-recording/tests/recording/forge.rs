//! Files of MCAP with records of any kind.

use std::{fs, path::Path};

pub(crate) const MAGIC: &[u8] = b"\x89MCAP0\r\n";
pub(crate) const CHANNEL: u8 = 4;
pub(crate) const MESSAGE: u8 = 5;
pub(crate) const CHUNK: u8 = 6;
pub(crate) const METADATA: u8 = 12;

pub(crate) fn record(kind: u8, bytes: &[u8]) -> Vec<u8> {
    [&[kind][..], &(bytes.len() as u64).to_le_bytes(), bytes].concat()
}

fn text(text: &str) -> Vec<u8> {
    [&(text.len() as u32).to_le_bytes()[..], text.as_bytes()].concat()
}

fn map(pairs: &[(&str, &str)]) -> Vec<u8> {
    let bytes: Vec<u8> = pairs.iter().flat_map(|(key, value)| [text(key), text(value)].concat()).collect();
    [&(bytes.len() as u32).to_le_bytes()[..], &bytes].concat()
}

pub(crate) fn channel(number: u16, says: &[(&str, &str)]) -> Vec<u8> {
    let head = [&number.to_le_bytes()[..], &[0, 0], &text("/x"), &text("ros1")].concat();
    record(CHANNEL, &[head, map(says)].concat())
}

pub(crate) const SAYS: [(&str, &str); 14] = [
    ("rusted-ring", "events"),
    ("version", "1"),
    ("byte_order", "little"),
    ("ring", "x"),
    ("id", "1"),
    ("epoch", "1"),
    ("capacity", "8"),
    ("publishers", "many"),
    ("content", "bytes"),
    ("event", "bytes"),
    ("event_bytes", "64"),
    ("align", "1"),
    ("recorder", "subscriber"),
    ("first", "0"),
];

/// A chunk that says that it has so many bytes, and has no check.
pub(crate) fn chunk(says: u64, compression: &str, data: &[u8]) -> Vec<u8> {
    let head = [&[0; 16][..], &says.to_le_bytes(), &[0; 4], &text(compression)].concat();
    record(CHUNK, &[&head, &(data.len() as u64).to_le_bytes()[..], data].concat())
}

/// A recording's beginning, and these records.
pub(crate) fn write(path: &Path, parts: &[Vec<u8>]) {
    fs::write(path, [MAGIC, &record(1, &[0; 8]), &channel(1, &SAYS), &parts.concat()].concat()).unwrap();
}
