//! What lies in the whiteboard's file: any bytes, in which records are found, and of which only whole ones are taken.

#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../apps/whiteboard/src/protocol/mod.rs"]
#[allow(dead_code, unused_imports, reason = "records need names alone")]
mod protocol;
#[path = "../../apps/whiteboard/src/store/record.rs"]
mod record;

use protocol::ClientId;
use record::Record;

fuzz_target!(|input: (&[u8], usize)| {
    let (bytes, cut) = input;
    let found: Vec<(usize, Record<'_>)> = Record::all_in(bytes).collect();
    for (at, record) in &found {
        let _ = record.board();
        let again = record.bytes();
        assert_eq!(&bytes[*at..at + again.len()], again, "what was read is what was written");
    }
    // The same bytes as a frame: whole it is found, and cut it is not.
    let record = Record { board: "main", client: ClientId::new([7; 16]), frame: bytes };
    let stored = record.bytes();
    assert_eq!(Record::read(&stored), Some(record));
    assert_eq!(Record::read(&stored[..cut % stored.len()]), None);
});
