//! What travels: frames of one version, little-endian, of which nothing is believed that was not compared.
//!
//! ```text
//! 0   4  "rrgw"
//! 4   1  version, 1
//! 5   1  kind: 1 events, 2 missing, 3 beat, 4 question
//! 6   2  zero
//! 8  16  the source ring's id
//! 24  8  its epoch
//! 32  8  the fingerprint of what its slots hold
//! 40  8  from
//! 48  8  to
//! 56     events: for each its offset from `from`, type and length, of 4 bytes each, and its bytes
//!        beat: the source's capacity, 8 bytes, and its slots' size, 4 bytes
//! ```

use std::{error::Error, fmt};

/// Bytes of a frame, at most: an event of the largest slots, and room for the rest.
pub const LONGEST_FRAME: usize = 128 << 10;
/// Bytes of an event, at most.
pub const LONGEST_EVENT: usize = 64 << 10;
/// The sequence behind the last one that a ring can carry.
pub const END: u64 = (1 << 62) - 1;

const MAGIC: [u8; 4] = *b"rrgw";
const VERSION: u8 = 1;
const HEADER: usize = 56;
const RECORD: usize = 12;
const BEAT: usize = HEADER + 12;

/// Which ring a frame is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Origin {
    /// The ring's id, which no other has.
    pub id: u128,
    /// When it was made: of two that had one name, the later has more.
    pub epoch: u64,
    /// What its slots hold, as a number that programs of one version compute alike.
    pub fingerprint: u64,
}

/// What a frame says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body<'a> {
    /// All that the sequences from `from` to `to` carry. Those without a record carry nothing, and are holes.
    Events(Records<'a>),
    /// The sequences from `from` to `to` are not to be had any more.
    Missing,
    /// The source lives: what lies from `from` to `to` is to be had, or soon.
    Beat {
        /// The source's slots.
        capacity: u64,
        /// Bytes of each.
        slot_bytes: u32,
    },
    /// Asks for the sequences from `from` to `to`.
    Question,
}

/// A frame, every length of which was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    /// The ring.
    pub origin: Origin,
    /// The first sequence that it speaks of.
    pub from: u64,
    /// The sequence behind the last one.
    pub to: u64,
    /// What it says of them.
    pub body: Body<'a>,
}

/// An event of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record<'a> {
    /// Its sequence.
    pub sequence: u64,
    /// Its type.
    pub event_type: u32,
    /// Its bytes.
    pub data: &'a [u8],
}

/// The events of a frame: in order, within it, none twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Records<'a> {
    from: u64,
    bytes: &'a [u8],
}

/// Why bytes are no frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoFrame {
    /// What was found, and what was expected.
    pub why: &'static str,
}

impl fmt::Display for NoFrame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "these bytes are no frame of version {VERSION}: {}", self.why)
    }
}

impl Error for NoFrame {}

fn number<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..)?.first_chunk().copied()
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    number(bytes, at).map_or(0, u64::from_le_bytes)
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    number(bytes, at).map_or(0, u32::from_le_bytes)
}

impl<'a> Records<'a> {
    /// The first record, and those behind it; none at the end, and where a record is cut.
    fn split(self) -> Option<(Record<'a>, Self)> {
        let data = self.bytes.get(RECORD..)?;
        let (data, rest) = data.split_at_checked(u32_at(self.bytes, 8) as usize)?;
        let sequence = self.from + u64::from(u32_at(self.bytes, 0));
        let record = Record { sequence, event_type: u32_at(self.bytes, 4), data };
        Some((record, Records { bytes: rest, ..self }))
    }

    fn check(mut self, to: u64) -> Result<(), NoFrame> {
        let mut next = self.from;
        while !self.bytes.is_empty() {
            let (record, rest) = self.split().ok_or(NoFrame { why: "a record is cut off" })?;
            if record.data.len() > LONGEST_EVENT {
                return Err(NoFrame { why: "an event is longer than 65536 bytes" });
            }
            if record.sequence < next || record.sequence >= to {
                return Err(NoFrame { why: "its records are not in order, or not within it" });
            }
            (next, self) = (record.sequence + 1, rest);
        }
        Ok(())
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = Record<'a>;

    fn next(&mut self) -> Option<Record<'a>> {
        let (record, rest) = self.split()?;
        *self = rest;
        Some(record)
    }
}

impl<'a> Frame<'a> {
    /// What `bytes` say.
    ///
    /// # Errors
    ///
    /// [`NoFrame`], if anything of them is not what a frame has.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, NoFrame> {
        let refused = |why| Err(NoFrame { why });
        if bytes.len() > LONGEST_FRAME {
            return refused("there are more than 131072 bytes");
        }
        if bytes.len() < HEADER {
            return refused("there are fewer than its header has");
        }
        if bytes[..4] != MAGIC {
            return refused("they do not begin with `rrgw`");
        }
        if bytes[4] != VERSION {
            return refused("it is of another version: use the same version at both ends");
        }
        if bytes[6..8] != [0, 0] {
            return refused("what is to be zero is not");
        }
        let origin = Origin {
            id: number(bytes, 8).map_or(0, u128::from_le_bytes),
            epoch: u64_at(bytes, 24),
            fingerprint: u64_at(bytes, 32),
        };
        let (from, to) = (u64_at(bytes, 40), u64_at(bytes, 48));
        if from > to || to > END {
            return refused("its sequences are in no order, or beyond the last that a ring has");
        }
        let kind = bytes[5];
        if from == to && kind != 3 {
            return refused("it is of no sequences");
        }
        let (len, rest) = (bytes.len(), &bytes[HEADER..]);
        let body = match kind {
            1 => {
                let records = Records { from, bytes: rest };
                records.check(to)?;
                Body::Events(records)
            }
            2 if len == HEADER => Body::Missing,
            3 if len == BEAT => Body::Beat { capacity: u64_at(rest, 0), slot_bytes: u32_at(rest, 8) },
            4 if len == HEADER => Body::Question,
            2..=4 => return refused("it is longer or shorter than its kind is"),
            _ => return refused("its kind is none of 1 to 4"),
        };
        Ok(Frame { origin, from, to, body })
    }

    /// The frame of no events that says this.
    pub fn encode(&self) -> Vec<u8> {
        let kind = match self.body {
            Body::Events(_) => 1,
            Body::Missing => 2,
            Body::Beat { .. } => 3,
            Body::Question => 4,
        };
        let mut bytes = header(kind, self.origin, self.from);
        seal(&mut bytes, self.to);
        match self.body {
            Body::Events(records) => bytes.extend_from_slice(records.bytes),
            Body::Beat { capacity, slot_bytes } => {
                bytes.extend_from_slice(&capacity.to_le_bytes());
                bytes.extend_from_slice(&slot_bytes.to_le_bytes());
            }
            Body::Missing | Body::Question => {}
        }
        bytes
    }
}

fn header(kind: u8, origin: Origin, from: u64) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(HEADER);
    bytes.extend_from_slice(&MAGIC);
    bytes.extend_from_slice(&[VERSION, kind, 0, 0]);
    bytes.extend_from_slice(&origin.id.to_le_bytes());
    bytes.extend_from_slice(&origin.epoch.to_le_bytes());
    bytes.extend_from_slice(&origin.fingerprint.to_le_bytes());
    bytes.extend_from_slice(&from.to_le_bytes());
    bytes.extend_from_slice(&from.to_le_bytes());
    bytes
}

fn seal(bytes: &mut [u8], to: u64) {
    bytes[48..56].copy_from_slice(&to.to_le_bytes());
}

/// A frame of events that is being made.
#[derive(Debug)]
pub struct Batch {
    from: u64,
    end: u64,
    bytes: Vec<u8>,
}

impl Batch {
    /// One that begins at `from`.
    pub fn new(origin: Origin, from: u64) -> Self {
        Batch { from, end: from, bytes: header(1, origin, from) }
    }

    /// Bytes by now.
    pub fn bytes(&self) -> usize {
        self.bytes.len()
    }

    /// Whether an event of `len` bytes at `sequence`, beyond all others, has room.
    pub fn has_room(&self, sequence: u64, len: usize) -> bool {
        sequence - self.from <= u64::from(u32::MAX) && self.bytes.len() + RECORD + len <= LONGEST_FRAME
    }

    /// Adds an event, which has room, and is beyond all others. What lies between carries nothing.
    pub fn push(&mut self, sequence: u64, event_type: u32, data: &[u8]) {
        let offset = (sequence - self.from) as u32;
        for number in [offset, event_type, data.len() as u32] {
            self.bytes.extend_from_slice(&number.to_le_bytes());
        }
        self.bytes.extend_from_slice(data);
        self.end = sequence + 1;
    }

    /// The frame, which is of all sequences up to `to`, or up to its last event; none, if that is none.
    pub fn finish(mut self, to: u64) -> Option<Vec<u8>> {
        let to = to.max(self.end);
        seal(&mut self.bytes, to);
        (to > self.from).then_some(self.bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORIGIN: Origin = Origin { id: 7 << 100, epoch: 8, fingerprint: 9 };

    fn batch() -> Vec<u8> {
        let mut batch = Batch::new(ORIGIN, 100);
        batch.push(100, 1, b"a");
        batch.push(103, 2, b"");
        batch.push(104, 3, b"three");
        batch.finish(110).unwrap()
    }

    #[test]
    fn what_is_encoded_is_decoded() {
        let bytes = batch();
        let frame = Frame::decode(&bytes).unwrap();
        assert_eq!((frame.origin, frame.from, frame.to), (ORIGIN, 100, 110));
        assert_eq!(frame.encode(), bytes);
        let Body::Events(records) = frame.body else { panic!() };
        let records: Vec<_> = records.map(|record| (record.sequence, record.event_type, record.data)).collect();
        assert_eq!(records, [(100, 1, &b"a"[..]), (103, 2, b""), (104, 3, b"three")]);
        for body in [Body::Missing, Body::Question, Body::Beat { capacity: 5, slot_bytes: 6 }] {
            let frame = Frame { origin: ORIGIN, from: 3, to: 4, body };
            assert_eq!(Frame::decode(&frame.encode()), Ok(frame));
        }
        assert_eq!(Batch::new(ORIGIN, 5).finish(5), None);
    }

    #[test]
    fn a_frame_that_is_cut_anywhere_is_none_but_between_records() {
        let bytes = batch();
        let whole: Vec<usize> = (0..=bytes.len()).filter(|len| Frame::decode(&bytes[..*len]).is_ok()).collect();
        assert_eq!(whole, [HEADER, HEADER + 13, HEADER + 25, bytes.len()]);
    }

    #[test]
    fn what_no_frame_has_is_refused() {
        let refused = |change: fn(&mut Vec<u8>)| {
            let mut bytes = batch();
            change(&mut bytes);
            Frame::decode(&bytes).unwrap_err().why
        };
        assert!(refused(|bytes| bytes[0] = 0).contains("begin"));
        assert!(refused(|bytes| bytes[4] = 2).contains("version"));
        assert!(refused(|bytes| bytes[5] = 9).contains("kind"));
        assert!(refused(|bytes| bytes[5] = 2).contains("longer or shorter"));
        assert!(refused(|bytes| bytes[6] = 1).contains("zero"));
        assert!(refused(|bytes| seal(bytes, 99)).contains("order"));
        assert!(refused(|bytes| seal(bytes, END + 1)).contains("beyond"));
        assert!(refused(|bytes| seal(bytes, 104)).contains("within"));
        // The second record's offset: as the first's.
        assert!(refused(|bytes| bytes[HEADER + 13..][..4].fill(0)).contains("order"));
        assert!(refused(|bytes| bytes.resize(LONGEST_FRAME + 1, 0)).contains("131072"));
    }
}
