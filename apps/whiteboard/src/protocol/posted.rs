//! A board event as it lies in the rings: its frame, and behind it what pages are not shown.

use super::{BoardId, ClientId, Kind, at};

/// The parts of a payload of the rings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Posted<'a> {
    /// What pages are sent.
    pub(crate) frame: &'a [u8],
    /// The sender of an action; `None` for a moment.
    pub(crate) client: Option<ClientId>,
    /// Which board it is for.
    pub(crate) board: BoardId,
}

impl<'a> Posted<'a> {
    /// The payload of an action.
    pub(crate) fn action(mut frame: Vec<u8>, client: ClientId, board: BoardId) -> Vec<u8> {
        frame.extend_from_slice(client.bytes());
        Posted::moment(frame, board)
    }

    /// The payload of a moment.
    pub(crate) fn moment(mut frame: Vec<u8>, board: BoardId) -> Vec<u8> {
        frame.extend_from_slice(&board.get().to_le_bytes());
        frame
    }

    /// Splits a payload of this kind; `None` if it is too short for that. The frame of an action has at least an
    /// author, a revision and an id.
    pub(crate) fn split(kind: Kind, payload: &'a [u8]) -> Option<Self> {
        let (rest, board) = payload.split_last_chunk::<{ BoardId::LEN }>()?;
        let board = BoardId::new(u32::from_le_bytes(*board));
        if !kind.is_action() {
            return Some(Posted { frame: rest, client: None, board });
        }
        let (frame, client) = rest.split_last_chunk::<{ ClientId::LEN }>()?;
        (frame.len() >= at::ACTION_BODY).then(|| Posted { frame, client: Some(ClientId::new(*client)), board })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOARD: BoardId = BoardId::new(0x0102_0304);

    #[test]
    fn what_is_put_together_comes_apart() {
        let client = ClientId::new([7; 16]);
        let payload = Posted::action(vec![1; 25], client, BOARD);
        let apart = Posted { frame: &[1; 25], client: Some(client), board: BOARD };
        assert_eq!(Posted::split(Kind::Stroke, &payload), Some(apart));
        let payload = Posted::moment(vec![4, 5], BOARD);
        let apart = Posted { frame: &[4, 5], client: None, board: BOARD };
        assert_eq!(Posted::split(Kind::Cursor, &payload), Some(apart));
    }

    #[test]
    fn what_is_too_short_is_not_taken_apart() {
        for len in 0..45 {
            assert_eq!(Posted::split(Kind::Stroke, &vec![0; len]), None);
        }
        assert!(Posted::split(Kind::Stroke, &[0; 45]).is_some());
        assert_eq!(Posted::split(Kind::Cursor, &[0; 3]), None);
    }
}
