//! What a file can make a reader take, by itself in a process.

use std::{fs, io::Write};

use rusted_ring_recording::Recording;

#[path = "recording/forge.rs"]
#[allow(dead_code, reason = "a part of it is enough")]
mod forge;

use forge::{chunk, record, write};

/// The bytes of a record, and of a chunk, at most.
const LONGEST: usize = 1 << 25;
/// A kind of which nobody says what it is.
const PRIVATE: u8 = 0x90;

/// So many KiB does the system say of this process.
fn says(what: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with(what)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[test]
fn the_largest_records_and_chunks_take_what_is_stated() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("forged");
    {
        let inner = record(PRIVATE, &vec![0; LONGEST - 9]);
        let whole = record(PRIVATE, &vec![0; LONGEST - 9]);
        let mut zstd = zstd::Encoder::new(Vec::new(), 1).unwrap();
        // As far back as a reader allows.
        zstd.window_log(25).unwrap();
        zstd.write_all(&inner).unwrap();
        let zstd = zstd.finish().unwrap();
        let mut lz4 = lz4::EncoderBuilder::new().build(Vec::new()).unwrap();
        lz4.write_all(&inner).unwrap();
        let lz4 = lz4.finish().0;
        let (size, bomb) = (inner.len() as u64, zstd::encode_all(&vec![0; 200 << 20][..], 1).unwrap());
        // The last one says less than it has.
        let parts = [whole, chunk(size, "zstd", &zstd), chunk(size, "lz4", &lz4), chunk(LONGEST as u64, "zstd", &bomb)];
        write(&path, &parts);
    }
    // The most that it has had is forgotten.
    fs::write("/proc/self/clear_refs", "5").unwrap();
    let before = says("VmRSS:");
    let end = Recording::open(&path).unwrap().read().unwrap_err().to_string();
    assert!(end.contains("as many bytes as it says"), "{end}");
    let taken = (says("VmHWM:") - before) >> 10;
    assert!((32..=STATED).contains(&taken), "{taken} MiB");
}

/// The MiB that the README states.
const STATED: u64 = 192;
