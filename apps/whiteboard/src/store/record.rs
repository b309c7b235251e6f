//! An action in the store's file: all that belongs to it, with a checksum, so that damage is seen, and so that it can be
//! found in a file whose tables are beyond reading.
//!
//! ```text
//! mark (4)  length of all (u32)  length of the name (u8)  board's name  client (16)  frame  CRC-32 of what is before it
//! ```

use crate::protocol::{BoardName, ClientId};

const MARK: [u8; 4] = *b"rr\xb0\xa2";
const LEN: std::ops::Range<usize> = 4..8;
const NAME_LEN: usize = 8;
const CRC_LEN: usize = 4;
/// What a record has beside its name and its frame, in bytes.
const REST: usize = NAME_LEN + 1 + ClientId::LEN + CRC_LEN;

/// An action as it is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Record<'a> {
    pub(super) board: &'a str,
    pub(super) client: ClientId,
    pub(super) frame: &'a [u8],
}

impl<'a> Record<'a> {
    /// Its bytes in the file.
    pub(super) fn bytes(&self) -> Vec<u8> {
        let len = REST + self.board.len() + self.frame.len();
        let mut bytes = Vec::with_capacity(len);
        bytes.extend_from_slice(&MARK);
        bytes.extend_from_slice(&u32::try_from(len).expect("a frame is short").to_le_bytes());
        bytes.push(u8::try_from(self.board.len()).expect("a name is short"));
        bytes.extend_from_slice(self.board.as_bytes());
        bytes.extend_from_slice(self.client.bytes());
        bytes.extend_from_slice(self.frame);
        bytes.extend_from_slice(&crc32fast::hash(&bytes).to_le_bytes());
        bytes
    }

    /// Reads one from the beginning of `bytes`, which may go on behind it; `None` if it is damaged, or none at all.
    pub(super) fn read(bytes: &'a [u8]) -> Option<Self> {
        let len = bytes.strip_prefix(&MARK)?.first_chunk::<4>()?;
        let len = usize::try_from(u32::from_le_bytes(*len)).ok()?;
        let (checked, crc) = bytes.get(..len)?.split_last_chunk::<CRC_LEN>()?;
        if crc32fast::hash(checked) != u32::from_le_bytes(*crc) {
            return None;
        }
        let (&name_len, rest) = checked.get(LEN.end..)?.split_first()?;
        let (board, rest) = rest.split_at_checked(usize::from(name_len))?;
        let (client, frame) = rest.split_first_chunk::<{ ClientId::LEN }>()?;
        Some(Record { board: std::str::from_utf8(board).ok()?, client: ClientId::new(*client), frame })
    }

    /// Every record that lies whole in `bytes`, and where it begins.
    pub(super) fn all_in(bytes: &'a [u8]) -> impl Iterator<Item = (usize, Self)> {
        let marks = bytes.windows(MARK.len()).enumerate().filter(|&(_, window)| window == MARK);
        marks.filter_map(|(at, _)| Some((at, Record::read(&bytes[at..])?)))
    }

    /// The name of its board, if it is one.
    pub(super) fn board(&self) -> Option<BoardName> {
        self.board.parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: Record<'static> = Record { board: "main", client: ClientId::new([3; 16]), frame: b"a frame" };

    #[test]
    fn a_record_is_read_as_it_was_written() {
        let mut bytes = ONE.bytes();
        assert_eq!(bytes.len(), REST + 4 + 7);
        assert_eq!(Record::read(&bytes), Some(ONE));
        bytes.extend_from_slice(b"what follows");
        assert_eq!(Record::read(&bytes), Some(ONE));
    }

    #[test]
    fn any_changed_byte_and_any_cut_is_seen() {
        let bytes = ONE.bytes();
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 0x10;
            assert_eq!(Record::read(&changed), None, "byte {at}");
            assert_eq!(Record::read(&bytes[..at]), None, "cut at {at}");
        }
    }

    #[test]
    fn records_are_found_in_a_ruin() {
        let two = Record { frame: &[0; 300], ..ONE };
        let ruin =
            [&MARK[..], b"\xff\xff\xff\xff junk", &ONE.bytes(), &ONE.bytes()[..20], &two.bytes(), &MARK].concat();
        let first = 4 + 9;
        let second = first + ONE.bytes().len() + 20;
        assert_eq!(Record::all_in(&ruin).collect::<Vec<_>>(), [(first, ONE), (second, two)]);
    }
}
