//! An action in the store's file: everything that belongs to it, with a checksum that shows damage, and with a seal of the
//! store's key. The seal proves, in a file whose tables cannot be read, that the store wrote a record, and that it is not
//! a part of something that somebody drew.
//!
//! ```text
//! "rr b0 a3"  tag (8)  length of all (u32)  length of the name (u8)  board's name  client (16)  frame  seal (16)  CRC-32
//! "rr b0 a2"           length of all (u32)  length of the name (u8)  board's name  client (16)  frame             CRC-32
//! ```
//!
//! The second is plain: formats 2 and 3 of the store wrote it, and nothing proves its origin. The tag depends on the key alone,
//! the seal covers everything between them, and the checksum everything before it.

use super::seal::{Key, SEAL_LEN, TAG_LEN};
use crate::protocol::{ACTION_MAX, BoardName, ClientId};

const SEALED: [u8; MARK_LEN] = *b"rr\xb0\xa3";
const PLAIN: [u8; MARK_LEN] = *b"rr\xb0\xa2";
/// How both begin.
const MARKS: &[u8] = b"rr\xb0";
const MARK_LEN: usize = 4;
const LEN_LEN: usize = 4;
pub(super) const CRC_LEN: usize = 4;
/// The size of a sealed record apart from its name and its frame, in bytes.
pub(super) const REST: usize = MARK_LEN + TAG_LEN + LEN_LEN + 1 + ClientId::LEN + SEAL_LEN + CRC_LEN;
/// The longest record.
pub(super) const RECORD_MAX: usize = REST + BoardName::MAX + ACTION_MAX;

/// An action as it is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Record<'a> {
    pub(super) board: &'a str,
    pub(super) client: ClientId,
    pub(super) frame: &'a [u8],
}

/// Bytes that begin like a record; their checksum shows whether they are one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Candidate<'a> {
    /// All of it.
    bytes: &'a [u8],
    is_sealed: bool,
    name_len: usize,
}

impl<'a> Record<'a> {
    /// Its bytes in the file of the store with this key.
    pub(super) fn bytes(&self, key: &Key) -> Vec<u8> {
        let len = REST + self.board.len() + self.frame.len();
        let mut bytes = Vec::with_capacity(len);
        bytes.extend_from_slice(&SEALED);
        bytes.extend_from_slice(key.tag());
        bytes.extend_from_slice(&u32::try_from(len).expect("a frame is short").to_le_bytes());
        bytes.push(u8::try_from(self.board.len()).expect("a name is short"));
        bytes.extend_from_slice(self.board.as_bytes());
        bytes.extend_from_slice(self.client.bytes());
        bytes.extend_from_slice(self.frame);
        let seal = key.seal(&bytes[MARK_LEN + TAG_LEN..]);
        bytes.extend_from_slice(&seal);
        bytes.extend_from_slice(&crc32fast::hash(&bytes).to_le_bytes());
        bytes
    }

    /// Reads a record at the beginning of `bytes`, which may go on after it; `None` if it is damaged, or none at all.
    pub(super) fn read(bytes: &'a [u8]) -> Option<Self> {
        let candidate = Candidate::at_start_of(bytes)?;
        let (checked, crc) = candidate.bytes.split_last_chunk::<CRC_LEN>()?;
        if crc32fast::hash(checked) == u32::from_le_bytes(*crc) { candidate.record() } else { None }
    }

    /// The name of its board.
    pub(super) fn board(&self) -> Option<BoardName> {
        self.board.parse().ok()
    }
}

impl<'a> Candidate<'a> {
    /// Whether a record may begin where `bytes` do. It looks only at the length and the name, so it costs the same
    /// however long the record claims to be.
    pub(super) fn at_start_of(bytes: &'a [u8]) -> Option<Self> {
        if !bytes.starts_with(MARKS) {
            return None;
        }
        let (mark, rest) = bytes.split_first_chunk::<MARK_LEN>()?;
        let (is_sealed, before_len) = match *mark {
            SEALED => (true, TAG_LEN),
            PLAIN => (false, 0),
            _ => return None,
        };
        let (len, rest) = rest.get(before_len..)?.split_first_chunk::<LEN_LEN>()?;
        let len = usize::try_from(u32::from_le_bytes(*len)).ok().filter(|&len| len <= RECORD_MAX)?;
        let (&name_len, rest) = rest.split_first()?;
        let name_len = usize::from(name_len);
        let candidate = Candidate { bytes: bytes.get(..len)?, is_sealed, name_len };
        let is_long_enough = candidate.head_len() + candidate.tail_len() <= len;
        (is_long_enough && BoardName::is_one(rest.get(..name_len)?)).then_some(candidate)
    }

    /// All of its bytes.
    pub(super) fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// Whether this key wrote it. Bytes without the key's tag, which nobody outside sees, cost no more than that look.
    pub(super) fn is_of(&self, key: &Key) -> bool {
        let behind_mark = &self.bytes[MARK_LEN..];
        self.is_sealed && behind_mark.starts_with(key.tag()) && {
            let sealed = &behind_mark[TAG_LEN..behind_mark.len() - SEAL_LEN - CRC_LEN];
            key.has_sealed(sealed, &behind_mark[TAG_LEN + sealed.len()..][..SEAL_LEN])
        }
    }

    /// Its checksum field.
    pub(super) fn crc(&self) -> Option<u32> {
        self.bytes.last_chunk().map(|crc| u32::from_le_bytes(*crc))
    }

    /// The record, if it is whole.
    pub(super) fn record(&self) -> Option<Record<'a>> {
        let said =
            self.bytes.get(self.head_len() - self.name_len - ClientId::LEN..self.bytes.len() - self.tail_len())?;
        let (board, rest) = said.split_at_checked(self.name_len)?;
        let (client, frame) = rest.split_first_chunk::<{ ClientId::LEN }>()?;
        Some(Record { board: std::str::from_utf8(board).ok()?, client: ClientId::new(*client), frame })
    }

    /// The bytes before the frame.
    fn head_len(&self) -> usize {
        let tag = if self.is_sealed { TAG_LEN } else { 0 };
        MARK_LEN + tag + LEN_LEN + 1 + self.name_len + ClientId::LEN
    }

    /// The bytes after it.
    fn tail_len(&self) -> usize {
        CRC_LEN + if self.is_sealed { SEAL_LEN } else { 0 }
    }
}

/// A record as formats 2 and 3 wrote it.
#[cfg(any(test, fuzzing))]
pub(super) fn plain(record: &Record<'_>) -> Vec<u8> {
    let len = MARK_LEN + LEN_LEN + 1 + record.board.len() + ClientId::LEN + record.frame.len() + CRC_LEN;
    let mut bytes = PLAIN.to_vec();
    bytes.extend_from_slice(&u32::try_from(len).expect("a frame is short").to_le_bytes());
    bytes.push(u8::try_from(record.board.len()).expect("a name is short"));
    bytes.extend_from_slice(record.board.as_bytes());
    bytes.extend_from_slice(record.client.bytes());
    bytes.extend_from_slice(record.frame);
    bytes.extend_from_slice(&crc32fast::hash(&bytes).to_le_bytes());
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: Record<'static> = Record { board: "main", client: ClientId::new([3; 16]), frame: b"a frame" };

    fn key(byte: u8) -> Key {
        Key::new([byte; 32])
    }

    #[test]
    fn a_record_is_read_as_it_was_written() {
        for (mut bytes, len) in [(ONE.bytes(&key(1)), REST + 4 + 7), (plain(&ONE), 29 + 4 + 7)] {
            assert_eq!(bytes.len(), len);
            assert_eq!(Record::read(&bytes), Some(ONE));
            bytes.extend_from_slice(b"what follows");
            assert_eq!(Record::read(&bytes), Some(ONE));
        }
    }

    #[test]
    fn any_changed_byte_and_any_cut_is_seen() {
        for bytes in [ONE.bytes(&key(1)), plain(&ONE)] {
            for at in 0..bytes.len() {
                let mut changed = bytes.clone();
                changed[at] ^= 0x10;
                assert_eq!(Record::read(&changed), None, "byte {at}");
                assert_eq!(Record::read(&bytes[..at]), None, "cut at {at}");
            }
        }
    }

    #[test]
    fn only_the_key_that_sealed_a_record_knows_it() {
        let bytes = ONE.bytes(&key(1));
        let of = |bytes: &[u8], key: &Key| Candidate::at_start_of(bytes).is_some_and(|candidate| candidate.is_of(key));
        assert!(of(&bytes, &key(1)) && !of(&bytes, &key(2)) && !of(&plain(&ONE), &key(1)));
        // Somebody who has seen a tag, and knows how to make a checksum, still has no key.
        let mut forged = Record { frame: b"a forgery", ..ONE }.bytes(&key(2));
        forged[MARK_LEN..][..TAG_LEN].copy_from_slice(key(1).tag());
        let end = forged.len() - CRC_LEN;
        let crc = crc32fast::hash(&forged[..end]);
        forged[end..].copy_from_slice(&crc.to_le_bytes());
        assert!(Record::read(&forged).is_some() && !of(&forged, &key(1)));
    }

    #[test]
    fn what_is_too_long_or_names_no_board_is_no_candidate() {
        let bytes = plain(&ONE);
        let with = |at: usize, value: &[u8]| {
            let mut changed = [&bytes[..], &[0; 2 * RECORD_MAX]].concat();
            changed[at..at + value.len()].copy_from_slice(value);
            Candidate::at_start_of(&changed).is_some()
        };
        assert!(with(4, &(RECORD_MAX as u32).to_le_bytes()) && !with(4, &(RECORD_MAX as u32 + 1).to_le_bytes()));
        assert!(!with(4, &28u32.to_le_bytes()), "too short for its name");
        assert!(!with(8, &[0]) && !with(8, &[41]) && !with(9, b"M") && !with(9, b"-"));
    }
}
