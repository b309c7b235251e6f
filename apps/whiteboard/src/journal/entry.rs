//! What the journal has of an action.

use crate::protocol::{self, ACTION_HEAD, ACTION_MAX, BoardName, ClientId, Kind, NAME_MAX};

/// The type of the entry that begins a run: the store's number, and its last revision.
pub(super) const BEGAN: u32 = 1;
/// The type of an action's entry.
pub(super) const ACTION: u32 = 2;
/// Store, time and client.
const HEAD: usize = 8 + 8 + ClientId::LEN;
/// The longest entry, in bytes, in whole lines of memory.
pub(super) const LONGEST: usize = (HEAD + 2 + NAME_MAX + BoardName::MAX + ACTION_MAX).next_multiple_of(128);

/// An action: when it was taken, by which store, of whom, and on which board.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entry<'a> {
    /// The number of the store.
    pub(super) store: u64,
    /// Milliseconds since 1970. Nothing is decided by it.
    pub(super) time: u64,
    /// Who sent it.
    pub(super) client: ClientId,
    /// What its author was called; empty, if that was not known.
    pub(super) name: &'a [u8],
    /// The board's name.
    pub(super) board: &'a str,
    /// Its frame, with author and revision.
    pub(super) frame: &'a [u8],
}

impl<'a> Entry<'a> {
    /// Writes it into `bytes`, whose contents go.
    pub(super) fn write(&self, bytes: &mut Vec<u8>) {
        let Entry { store, time, client, name, board, frame } = self;
        bytes.clear();
        bytes.extend_from_slice(&store.to_le_bytes());
        bytes.extend_from_slice(&time.to_le_bytes());
        bytes.extend_from_slice(client.bytes());
        for text in [name, board.as_bytes()] {
            // Neither is longer than 40 bytes.
            bytes.push(text.len() as u8);
            bytes.extend_from_slice(text);
        }
        bytes.extend_from_slice(frame);
    }

    /// Reads it; `None` if this is none.
    pub(super) fn read(bytes: &'a [u8]) -> Option<Self> {
        let (store, rest) = bytes.split_first_chunk()?;
        let (time, rest) = rest.split_first_chunk()?;
        let (client, rest) = rest.split_first_chunk()?;
        let (name, rest) = text(rest)?;
        let (board, frame) = text(rest)?;
        let is_whole = BoardName::is_one(board)
            && frame.len() >= ACTION_HEAD
            && protocol::kind(frame).is_some_and(Kind::is_action);
        is_whole.then_some(Entry {
            store: u64::from_le_bytes(*store),
            time: u64::from_le_bytes(*time),
            client: ClientId::new(*client),
            name,
            board: str::from_utf8(board).ok()?,
            frame,
        })
    }
}

/// A text of at most 255 bytes, and what lies behind it.
fn text(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (len, rest) = bytes.split_first()?;
    rest.split_at_checked(usize::from(*len))
}

/// The entry that begins a run of this store.
pub(super) fn began(store: u64, last: u64) -> [u8; 16] {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&store.to_le_bytes());
    bytes[8..].copy_from_slice(&last.to_le_bytes());
    bytes
}

/// The store and its last revision in such an entry.
pub(super) fn beginning(bytes: &[u8]) -> Option<(u64, u64)> {
    let (store, last) = bytes.split_first_chunk()?;
    Some((u64::from_le_bytes(*store), u64::from_le_bytes(last.try_into().ok()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_what_is_cut_is_none() {
        let mut frame = [7; 60];
        frame[0] = Kind::Stroke as u8;
        let entry =
            Entry { store: 1, time: 2, client: ClientId::new([3; 16]), name: b"Ada", board: "main", frame: &frame };
        let mut bytes = vec![9; 3];
        entry.write(&mut bytes);
        assert_eq!(Entry::read(&bytes), Some(entry));
        assert!((0..bytes.len() - frame.len() + ACTION_HEAD).all(|len| Entry::read(&bytes[..len]).is_none()));
        let mut moment = frame;
        moment[0] = Kind::Cursor as u8;
        Entry { frame: &moment, ..entry }.write(&mut bytes);
        assert_eq!(Entry::read(&bytes), None, "a moment");
        assert_eq!(beginning(&began(5, 6)), Some((5, 6)));
    }

    #[test]
    fn the_longest_action_fits() {
        let (name, board, mut frame) = ([b'n'; NAME_MAX], "b".repeat(BoardName::MAX), vec![0; ACTION_MAX]);
        frame[0] = Kind::Image as u8;
        let entry =
            Entry { store: 1, time: 2, client: ClientId::new([3; 16]), name: &name, board: &board, frame: &frame };
        let mut bytes = Vec::new();
        entry.write(&mut bytes);
        assert!(bytes.len() <= LONGEST && Entry::read(&bytes) == Some(entry), "{}", bytes.len());
    }
}
