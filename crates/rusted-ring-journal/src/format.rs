//! What the bytes of a segment mean: all numbers little-endian, one record after the other, nothing behind the last.
//!
//! A segment begins with 16 bytes: the magic `rrjournl`, the version (`u32`), and the CRC32C of these twelve. Then come records:
//!
//! | at | bytes | what |
//! |---|---|---|
//! | 0 | 4 | CRC32C of the record's other bytes, begun with the segment's salt |
//! | 4 | 4 | length of the event in bytes; or `u32::MAX`, holes; or `u32::MAX - 1`, sequences that were not kept; or `u32::MAX - 2`, a time; or `u32::MAX - 3`, a block |
//! | 8 | 4 | the event's type; of a block, the length of its frame |
//! | 12 | 4 | span: how many sequences the record stands for, at least 1; of a time, 0 |
//! | 16 | 8 | sequence: that of the event, or the first one of the span |
//! | 24 | length | the event; of a time, 8 bytes: nanoseconds since 1970, by the system's clock, when what follows was taken; of a block, its frame |
//!
//! A record's sequence is its forerunner's plus that one's span, and the first record's is in the file's name. The salt is the CRC32C of the
//! epoch and of this first sequence, so that a record of another file, in an event's bytes, is none here.
//!
//! A block is a batch of records, compressed: a frame as `rusted-ring-compression` describes it. Its span is theirs together. It holds no block, and what its
//! records have in the place of CRC and sequence is not looked at: the block's CRC is of them all, and its sequence is the first one's.

use rusted_ring::Sequence;

/// The bytes before a segment's first record.
pub(crate) const SEGMENT_HEAD: usize = 16;
/// The bytes of a record before its event.
pub(crate) const RECORD_HEAD: usize = 24;
/// The bytes of a time behind its record's head.
pub(crate) const TIME: usize = 8;

const MAGIC: [u8; 8] = *b"rrjournl";
/// The version of the format.
pub(crate) const VERSION: u32 = 3;
/// The oldest one that is read: it has no times, and the one after it no blocks; they are otherwise the same.
pub(crate) const OLDEST_VERSION: u32 = 1;

const HOLES: u32 = u32::MAX;
const LOST: u32 = u32::MAX - 1;
const AT: u32 = u32::MAX - 2;
const BLOCK: u32 = u32::MAX - 3;

/// What a record stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Event {
        len: u32,
        event_type: u32,
    },
    Holes,
    Lost,
    /// When what follows was taken.
    Time,
    /// Other records, compressed to a frame of so many bytes.
    Block {
        len: u32,
    },
}

/// A record without its event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) kind: Kind,
    pub(crate) sequence: u64,
    pub(crate) span: u32,
}

/// Why there is no record at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoRecord {
    /// The bytes end before it does: it has so many, as far as can be told.
    Short(usize),
    /// Its bytes are not what was written.
    Damaged,
}

/// What begins each CRC of a segment.
pub(crate) fn salt(epoch: u32, first: u64) -> u32 {
    crc32c::crc32c_append(crc32c::crc32c(&epoch.to_le_bytes()), &first.to_le_bytes())
}

pub(crate) fn segment_head() -> [u8; SEGMENT_HEAD] {
    let mut head = [0; SEGMENT_HEAD];
    head[..8].copy_from_slice(&MAGIC);
    head[8..12].copy_from_slice(&VERSION.to_le_bytes());
    let crc = crc32c::crc32c(&head[..12]);
    head[12..].copy_from_slice(&crc.to_le_bytes());
    head
}

/// The version that a segment's head names, if the head is whole.
pub(crate) fn version_of(head: &[u8]) -> Option<u32> {
    let head = head.first_chunk::<SEGMENT_HEAD>()?;
    let is_whole = head[..8] == MAGIC && word(head, 12) == crc32c::crc32c(&head[..12]);
    is_whole.then(|| word(head, 8))
}

impl Record {
    /// The bytes that it has, with its event.
    pub(crate) fn size(&self) -> usize {
        match self.kind {
            Kind::Event { len, .. } => RECORD_HEAD + len as usize,
            Kind::Holes | Kind::Lost => RECORD_HEAD,
            Kind::Time => RECORD_HEAD + TIME,
            Kind::Block { len } => RECORD_HEAD + len as usize,
        }
    }

    /// The sequence behind it.
    pub(crate) fn end(&self) -> u64 {
        self.sequence + u64::from(self.span)
    }

    /// Writes the record's head before its event, time or frame, which lies in `bytes` already.
    #[inline]
    pub(crate) fn seal(&self, bytes: &mut [u8], salt: u32) {
        self.write_head(bytes, self.sequence);
        let crc = crc32c::crc32c_append(salt, &bytes[4..self.size()]);
        bytes[..4].copy_from_slice(&crc.to_le_bytes());
    }

    /// Writes the record's head as it is in a block.
    #[inline]
    pub(crate) fn lay(&self, bytes: &mut [u8]) {
        self.write_head(bytes, 0);
        bytes[..4].fill(0);
    }

    #[inline]
    fn write_head(&self, bytes: &mut [u8], sequence: u64) {
        let (len, event_type) = match self.kind {
            Kind::Event { len, event_type } => (len, event_type),
            Kind::Holes => (HOLES, 0),
            Kind::Lost => (LOST, 0),
            Kind::Time => (AT, 0),
            Kind::Block { len } => (BLOCK, len),
        };
        bytes[4..8].copy_from_slice(&len.to_le_bytes());
        bytes[8..12].copy_from_slice(&event_type.to_le_bytes());
        bytes[12..16].copy_from_slice(&self.span.to_le_bytes());
        bytes[16..24].copy_from_slice(&sequence.to_le_bytes());
    }

    /// Reads the record at the front of `bytes`.
    pub(crate) fn read(bytes: &[u8], salt: u32) -> Result<Record, NoRecord> {
        let record = Record::head(bytes)?;
        let whole = bytes.get(..record.size()).ok_or(NoRecord::Short(record.size()))?;
        let is_whole = word(whole, 0) == crc32c::crc32c_append(salt, &whole[4..]);
        if is_whole && record.is_possible() { Ok(record) } else { Err(NoRecord::Damaged) }
    }

    /// Reads the record at the front of `bytes`, which are in a block, whose check was made: it is of `sequence`.
    pub(crate) fn laid(bytes: &[u8], sequence: u64) -> Option<Record> {
        let record = Record { sequence, ..Record::head(bytes).ok()? };
        let is_block = matches!(record.kind, Kind::Block { .. });
        (!is_block && record.is_possible() && record.size() <= bytes.len()).then_some(record)
    }

    /// Whether a time stands for no sequence, anything else for one at least, and there are so many.
    fn is_possible(&self) -> bool {
        let is_time = self.kind == Kind::Time;
        (self.span == 0) == is_time && self.sequence.checked_add(self.span.into()).is_some()
    }

    /// Reads a record's head, which may be anything.
    fn head(bytes: &[u8]) -> Result<Record, NoRecord> {
        let head = bytes.get(..RECORD_HEAD).ok_or(NoRecord::Short(RECORD_HEAD))?;
        let kind = match word(head, 4) {
            HOLES => Kind::Holes,
            LOST => Kind::Lost,
            AT => Kind::Time,
            BLOCK => Kind::Block { len: word(head, 8) },
            len => Kind::Event { len, event_type: word(head, 8) },
        };
        let sequence = u64::from(word(head, 16)) | u64::from(word(head, 20)) << 32;
        Ok(Record { kind, sequence, span: word(head, 12) })
    }
}

/// What was found behind damage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// A whole record begins at this byte.
    Whole(usize),
    /// None begins before this byte. At this one there may be one that goes on behind the bytes.
    Open(usize),
}

/// Looks for the first whole record in `bytes` of a sequence from `from` on, at each byte: what lies before it is damaged. The segment has `left` bytes from
/// the first of these on. Of `budget`, the bytes of what looks like a record, and is none, are paid for; where it does not suffice, nothing looks like one.
pub(crate) fn next_whole(bytes: &[u8], left: u64, from: u64, salt: u32, budget: &mut u64) -> Next {
    // A segment has no more sequences than this, and bytes that were never a head mostly name a larger one.
    let plausible = from..=from.saturating_add(1 << 40).min(Sequence::LAST.get());
    for at in 0..bytes.len() {
        let Ok(head) = Record::head(&bytes[at..]) else { return Next::Open(at) };
        let size = head.size() as u64;
        if !plausible.contains(&head.sequence) || size > (left - at as u64).min(*budget) {
            continue;
        }
        match Record::read(&bytes[at..], salt) {
            Ok(_) => return Next::Whole(at),
            Err(NoRecord::Short(_)) => return Next::Open(at),
            Err(NoRecord::Damaged) => *budget -= size,
        }
    }
    Next::Open(bytes.len())
}

fn word(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_flipped_bit_passes_and_the_next_record_is_found() {
        let salt = salt(3, 70);
        let kinds = [Kind::Event { len: 5, event_type: 9 }, Kind::Holes, Kind::Event { len: 2, event_type: 1 }];
        let mut bytes = Vec::new();
        let mut ends = Vec::new();
        for (kind, sequence) in kinds.into_iter().zip(70..) {
            let record = Record { kind, sequence, span: 1 };
            let at = bytes.len();
            bytes.resize(at + record.size(), 7);
            record.seal(&mut bytes[at..], salt);
            assert_eq!(Record::read(&bytes[at..], salt), Ok(record));
            ends.push(bytes.len());
        }
        for bit in 0..ends[0] * 8 {
            let mut bytes = bytes.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert!(Record::read(&bytes, salt).is_err(), "bit {bit}");
            assert_eq!(next_whole(&bytes[1..], bytes.len() as u64 - 1, 70, salt, &mut 1000), Next::Whole(ends[0] - 1));
        }
        assert_eq!(Record::read(&bytes[..ends[0] - 1], salt), Err(NoRecord::Short(ends[0])));
        let rest = bytes.len() - 23;
        assert_eq!(next_whole(&bytes, bytes.len() as u64, 70, super::salt(3, 71), &mut 1000), Next::Open(rest));
        // A record that may go on behind the bytes is not passed over, unless the segment ends before it does.
        let cut = &bytes[1..ends[1] + 25];
        assert_eq!(next_whole(cut, bytes.len() as u64 - 1, 72, salt, &mut 1000), Next::Open(ends[1] - 1));
        assert_eq!(next_whole(cut, cut.len() as u64, 72, salt, &mut 1000), Next::Open(ends[1] + 1));
        // What looks like a record is paid for, and passed over when the budget does not suffice.
        let last = &bytes[ends[1]..];
        assert_eq!(next_whole(last, 26, 72, salt, &mut 26), Next::Whole(0));
        assert_eq!(next_whole(last, 26, 72, salt, &mut 25), Next::Open(3));
        let mut budget = 30;
        assert_eq!(next_whole(last, 26, 72, super::salt(3, 71), &mut budget), Next::Open(3));
        assert_eq!(budget, 4);
    }

    #[test]
    fn a_time_stands_for_no_sequence_and_nothing_else_does() {
        let salt = salt(3, 70);
        for (kind, span, is_possible) in
            [(Kind::Time, 0, true), (Kind::Time, 1, false), (Kind::Holes, 0, false), (Kind::Holes, 1, true)]
        {
            let record = Record { kind, sequence: 70, span };
            let mut bytes = vec![7; record.size()];
            record.seal(&mut bytes, salt);
            assert_eq!(Record::read(&bytes, salt).is_ok(), is_possible, "{record:?}");
            bytes[23 + record.size() % RECORD_HEAD] ^= 1;
            assert_eq!(Record::read(&bytes, salt), Err(NoRecord::Damaged));
        }
    }

    #[test]
    fn a_heads_bytes_are_all_checked() {
        assert_eq!(version_of(&segment_head()), Some(VERSION));
        for byte in 0..SEGMENT_HEAD {
            let mut head = segment_head();
            head[byte] ^= 1;
            assert_eq!(version_of(&head), None);
        }
    }
}
