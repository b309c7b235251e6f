//! What a journal or a ring may hold as compressed bytes: whatever they are, no more memory is taken than was stated, nobody panics, and what is shown is whole.

#![no_main]

use std::cell::RefCell;

use libfuzzer_sys::fuzz_target;
use rusted_ring_compression::{Compression, PACKED, Packer, Unpacker};

#[path = "../../crates/rusted-ring-journal/src/block.rs"]
#[allow(dead_code, reason = "blocks are read here, and made of anything")]
mod block;
#[path = "../../crates/rusted-ring-journal/src/format.rs"]
#[allow(dead_code, reason = "blocks need a part of it")]
mod format;

use block::Block;
use format::{Kind, RECORD_HEAD, Record};

/// The bytes of what is unpacked, at most. The stage bounds what is taken in C, too.
const LONGEST: usize = 1 << 20;
/// The sequence of a block.
const FIRST: u64 = 70;

/// What outlives an input: what one leaves behind must not matter to the next.
struct Reader {
    unpacker: Unpacker,
    unpacked: Vec<u8>,
    block: Block,
    lz4: Packer,
    zstd: Packer,
}

thread_local! {
    static READER: RefCell<Reader> = RefCell::new(Reader {
        unpacker: Unpacker::new(LONGEST),
        unpacked: Vec::new(),
        block: Block::new(Unpacker::new(LONGEST)),
        lz4: Packer::new(&Compression::Lz4),
        zstd: Packer::new(&Compression::Zstd { level: 1, dictionary: None }),
    });
}

fuzz_target!(|input: &[u8]| READER.with_borrow_mut(|reader| {
    let Some((by, bytes)) = input.split_first() else { return };
    let frame = match by % 3 {
        0 => Some(bytes.to_vec()),
        by => packed(reader, by, bytes),
    };
    if let Some(frame) = frame {
        unpacked(reader, &frame);
    }
    // What was hostile changes nothing for the next.
    let batch = [7; 100];
    let frame = reader.lz4.pack(&batch).expect("it shrinks");
    assert_eq!(reader.unpacker.unpack(frame).expect("it is whole"), batch);
}));

/// A frame of any bytes, of which it must be the frame; a byte of it is then another.
fn packed(reader: &mut Reader, by: u8, bytes: &[u8]) -> Option<Vec<u8>> {
    let (change, bytes) = bytes.split_first_chunk::<3>()?;
    // Again and again, so that it shrinks.
    let batch = bytes.repeat(1 + usize::from(change[2] % 8));
    let packer = if by == 1 { &mut reader.lz4 } else { &mut reader.zstd };
    let (shown, event_type) = packer.pack_event(&batch, 9).expect("a type that is free");
    assert_eq!(event_type & PACKED != 0, shown.len() < batch.len());
    assert_eq!(reader.unpacker.unpack_event(shown, event_type), Ok((&batch[..], 9)));
    let mut frame = packer.pack(&batch)?.to_vec();
    assert!(frame.len() < batch.len());
    assert_eq!(reader.unpacker.unpack(&frame), Ok(&batch[..]));
    let at = usize::from(change[0]) % frame.len();
    frame[at] ^= change[1];
    Some(frame)
}

/// Unpacks a frame, which may be anything, and as a block.
fn unpacked(reader: &mut Reader, frame: &[u8]) {
    let outcome = reader.unpacker.unpack_into(frame, &mut reader.unpacked);
    assert!(reader.unpacked.capacity() <= LONGEST, "it took more than was stated");
    if outcome.is_err() {
        assert!(reader.unpacked.is_empty());
    }
    // The span that it has, if it is a batch, and another.
    let (mut rest, mut end) = (&reader.unpacked[..], FIRST);
    while let Some(record) = Record::laid(rest, end) {
        (rest, end) = (&rest[record.size()..], record.end());
    }
    let span = u32::try_from(end - FIRST).unwrap_or(u32::MAX);
    for span in [span, span.wrapping_add(1)] {
        let record = Record { kind: Kind::Block { len: frame.len() as u32 }, sequence: FIRST, span };
        let is_whole = outcome.is_ok() && rest.is_empty() && record.end() == end;
        assert_eq!(reader.block.open(&record, frame).is_ok(), is_whole);
        let (mut next, mut passed, mut bytes) = (FIRST, 0, 0);
        while let Some(shown) = reader.block.peek() {
            assert_eq!((shown.sequence, passed), (next, 0));
            assert_eq!(reader.block.rest()[..shown.size()], reader.unpacked[bytes..][..shown.size()]);
            (next, bytes) = (shown.end(), bytes + shown.size());
            passed = reader.block.advance(&shown);
        }
        if is_whole && !reader.unpacked.is_empty() {
            assert_eq!((next, bytes, passed), (end, reader.unpacked.len(), RECORD_HEAD + frame.len()));
        }
    }
}
