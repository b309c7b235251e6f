//! What lies in the whiteboard's file: any bytes, in which records are found, and of which only whole ones are taken.

#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../apps/whiteboard/src/protocol/mod.rs"]
#[allow(dead_code, unused_imports, reason = "records need names alone")]
mod protocol;
#[path = "../../apps/whiteboard/src/store/record.rs"]
mod record;
#[path = "../../apps/whiteboard/src/store/seal.rs"]
#[allow(dead_code, reason = "nothing is kept")]
mod seal;

use protocol::ClientId;
use record::{Candidate, Record, plain};
use seal::Key;

fuzz_target!(|input: (&[u8], usize)| {
    let (bytes, cut) = input;
    let key = Key::new([7; Key::LEN]);
    for at in 0..bytes.len() {
        if let Some(candidate) = Candidate::at_start_of(&bytes[at..]) {
            assert!(!candidate.is_of(&key), "nobody knows the key");
            let _ = (candidate.record().map(|record| record.board()), candidate.crc());
            assert!(bytes[at..].starts_with(candidate.bytes()));
        }
    }
    // The same bytes as a frame: whole it is found, and cut it is not.
    let frame = &bytes[..bytes.len().min(protocol::ACTION_MAX)];
    let record = Record { board: "main", client: ClientId::new([7; 16]), frame };
    for stored in [record.bytes(&key), plain(&record)] {
        assert_eq!(Record::read(&stored), Some(record));
        assert_eq!(Record::read(&stored[..cut % stored.len()]), None);
    }
    let stored = record.bytes(&key);
    let candidate = Candidate::at_start_of(&stored).expect("a whole record");
    assert!(candidate.is_of(&key) && !candidate.is_of(&Key::new([8; Key::LEN])));
});
