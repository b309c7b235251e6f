//! What `rescue` finds in a file of records, in which lie torn ones, forged ones, and such in others: all that the store
//! has written and that is whole, and nothing else.

#![no_main]

use std::collections::BTreeMap;
use std::io::Cursor;

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;

#[path = "../../apps/whiteboard/src/protocol/mod.rs"]
#[allow(dead_code, unused_imports, reason = "records need a part of it")]
mod protocol;
#[path = "../../apps/whiteboard/src/store/record.rs"]
#[allow(dead_code, reason = "the scan needs a part of it")]
mod record;
#[path = "../../apps/whiteboard/src/store/scan.rs"]
mod scan;
#[path = "../../apps/whiteboard/src/store/seal.rs"]
#[allow(dead_code, reason = "nothing is kept")]
mod seal;
#[path = "../../apps/whiteboard/src/store/sums.rs"]
mod sums;

use protocol::{ClientId, Kind};
use record::{Record, plain};
use seal::Key;

/// A part of the file.
#[derive(Arbitrary, Debug)]
enum Part {
    /// Any bytes.
    Bytes(Vec<u8>),
    /// A record that the store wrote, which holds others, as a picture does.
    Written(Vec<Part>),
    /// One whose end is gone, or one of whose bytes is changed.
    Cut(Vec<Part>, u16),
    Changed(Vec<Part>, u16, u8),
    /// A record of a format before.
    Plain {
        revision: u64,
        run: u32,
        holds: Vec<Part>,
    },
    /// One that another store wrote.
    Forged {
        revision: u64,
        run: u32,
        holds: Vec<Part>,
    },
}

/// What the store wrote, by revision, and its key.
struct Store {
    key: Key,
    written: BTreeMap<u64, Vec<u8>>,
    last: u64,
}

/// What is written of a part at most: a frame has an end, too.
const HELD: usize = 4000;

impl Store {
    /// The bytes of a part; `is_outside` if it lies in no other.
    fn bytes(&mut self, part: &Part, is_outside: bool) -> Vec<u8> {
        match part {
            Part::Bytes(bytes) => bytes.clone(),
            Part::Written(parts) => {
                // The store writes into a record only what people draw, and they have no key.
                let held = self.held(parts);
                if !is_outside {
                    return held;
                }
                let frame = self.next(&held);
                self.written.insert(self.last, frame.clone());
                of(&frame).bytes(&self.key)
            }
            Part::Cut(parts, at) => {
                let held = self.held(parts);
                let frame = self.next(&held);
                let mut bytes = of(&frame).bytes(&self.key);
                // More than its end: of that, what follows might be just what is missing.
                bytes.truncate(usize::from(*at) % (bytes.len() - 32));
                if is_outside { bytes } else { held }
            }
            Part::Changed(parts, at, by) => {
                let held = self.held(parts);
                let frame = self.next(&held);
                let mut bytes = of(&frame).bytes(&self.key);
                let at = usize::from(*at) % bytes.len();
                bytes[at] ^= (*by).max(1);
                if is_outside { bytes } else { held }
            }
            Part::Plain { revision, run, holds } => plain(&of(&frame(*revision, *run, &self.held(holds)))),
            Part::Forged { revision, run, holds } => {
                of(&frame(*revision, *run, &self.held(holds))).bytes(&Key::new([8; Key::LEN]))
            }
        }
    }

    fn held(&mut self, parts: &[Part]) -> Vec<u8> {
        let mut held = Vec::new();
        for part in parts {
            held.extend(self.bytes(part, false));
        }
        held.truncate(HELD);
        held
    }

    /// A frame at the next revision.
    fn next(&mut self, held: &[u8]) -> Vec<u8> {
        self.last += 1;
        frame(self.last, 1, held)
    }
}

/// An action that may hold any bytes.
fn frame(revision: u64, run: u32, held: &[u8]) -> Vec<u8> {
    let mut frame = vec![0; 25];
    frame[0] = Kind::Hide as u8;
    protocol::set_author(&mut frame, u64::from(run) << 32);
    protocol::set_revision(&mut frame, revision);
    frame.extend_from_slice(held);
    frame.resize(25 + held.len().next_multiple_of(8).max(8), 0);
    frame
}

fn of(frame: &[u8]) -> Record<'_> {
    Record { board: "main", client: ClientId::new([7; 16]), frame }
}

fuzz_target!(|parts: Vec<Part>| {
    let mut store = Store { key: Key::new([7; Key::LEN]), written: BTreeMap::new(), last: 0 };
    let mut file = Vec::new();
    for part in &parts {
        file.extend(store.bytes(part, true));
    }
    let len = file.len() as u64;
    let found = scan::scan(&mut Cursor::new(&file), len, Some(&store.key), |_| {}).expect("memory is read");
    let mut frames = BTreeMap::new();
    for (&revision, found) in &found.actions {
        assert!(!found.is_disputed, "a store gives each revision once");
        let record = Record::read(&file[found.place as usize..]).expect("a whole record");
        frames.insert(revision, record.frame.to_vec());
    }
    assert_eq!(frames, store.written);
    // Without the key, whatever is taken is whole.
    let found = scan::scan(&mut Cursor::new(&file), len, None, |_| {}).expect("memory is read");
    for found in found.actions.values() {
        assert!(Record::read(&file[found.place as usize..]).is_some());
    }
});
