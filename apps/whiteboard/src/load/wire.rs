//! What a page sends and hears, as far as `load` needs it.

use anyhow::{Context, bail};

use crate::protocol::{self, BoardName, ClientId, Kind};

/// The pressure of a mouse.
const PRESSURE: u8 = 128;
/// What every action has before its own fields, in bytes.
const ACTION_HEAD: usize = 25;

/// The first frame of a connection.
pub(super) fn hello(client: ClientId, after: u64, board: &BoardName) -> Vec<u8> {
    [&[64, protocol::VERSION], &client.bytes()[..], &after.to_le_bytes(), board.as_str().as_bytes()].concat()
}

/// Says who this is, from time to time, so that nobody thinks it gone.
pub(super) fn here(number: u32) -> Vec<u8> {
    let name = format!("load {number}");
    [&[Kind::Here as u8][..], &[0; 8], &0x50_50_50_u32.to_le_bytes(), name.as_bytes()].concat()
}

/// The stroke with this action id, whose place and colour follow from the id.
pub(super) fn stroke(action: u64, points: u16) -> Vec<u8> {
    let (x, y) = ((action % 3000) as f32 - 1500.0, (action / 3000 % 3000) as f32 - 1500.0);
    let colour = (action >> 40) as u32 & 0xff_ffff;
    let mut frame =
        [&[Kind::Stroke as u8][..], &[0; 16], &action.to_le_bytes(), &colour.to_le_bytes(), &3f32.to_le_bytes()]
            .concat();
    for point in (0..points).map(f32::from) {
        frame.extend_from_slice(&(x + 4.0 * point).to_le_bytes());
        frame.extend_from_slice(&(y + 20.0 * (point / 8.0).sin()).to_le_bytes());
        frame.push(PRESSURE);
    }
    frame
}

/// What the server says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Said<'a> {
    Welcome {
        store: u64,
        revision: u64,
    },
    Live {
        next: u64,
    },
    Ack {
        action: u64,
        revision: u64,
    },
    Busy {
        action: u64,
    },
    Refused {
        action: u64,
        reason: &'a str,
    },
    Missed {
        actions: u64,
    },
    Action {
        revision: u64,
        action: u64,
    },
    /// Something that is shown now or never.
    Moment,
}

/// Reads a frame of the server.
pub(super) fn heard(frame: &[u8]) -> anyhow::Result<Said<'_>> {
    let &kind = frame.first().context("the server sent an empty frame")?;
    if let Some(kind) = Kind::of(u32::from(kind)) {
        return match kind.is_action() {
            true if frame.len() < ACTION_HEAD => bail!("the server sent an action of {} bytes", frame.len()),
            true => Ok(Said::Action { revision: protocol::revision(frame), action: protocol::action(frame) }),
            false => Ok(Said::Moment),
        };
    }
    let field = |index: usize| -> anyhow::Result<u64> {
        let bytes = frame.get(1 + 8 * index..).and_then(<[u8]>::first_chunk);
        bytes.map(|bytes| u64::from_le_bytes(*bytes)).context("the server sent a frame that is too short")
    };
    match kind {
        128 => match frame {
            [_, protocol::VERSION, store @ ..] if store.len() >= 16 => {
                let at = |from: usize| store[from..].first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes));
                Ok(Said::Welcome { store: at(0), revision: at(8) })
            }
            _ => bail!("the server speaks another version of the wire"),
        },
        129 => Ok(Said::Live { next: field(0)? }),
        130 => Ok(Said::Ack { action: field(0)?, revision: field(1)? }),
        131 => Ok(Said::Busy { action: field(0)? }),
        132 => {
            let reason = frame.get(9..).and_then(|text| std::str::from_utf8(text).ok());
            Ok(Said::Refused { action: field(0)?, reason: reason.unwrap_or("a reason that is no text") })
        }
        133 => Ok(Said::Missed { actions: field(0)? }),
        134 | 136 | 137 => Ok(Said::Moment),
        other => bail!("the server sent kind {other}, which this version does not know"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{FromPage, Hello, decode};

    #[test]
    fn the_server_takes_what_is_sent() {
        let client = ClientId::new([7; ClientId::LEN]);
        let board: BoardName = "load".parse().expect("a name");
        let said = Hello { client, after: 41, board: board.clone() };
        assert_eq!(decode(&hello(client, 41, &board)), Ok(FromPage::Hello(said)));
        assert!(matches!(decode(&here(3)), Ok(FromPage::Moment(_))));
        for action in [0, 1, u64::MAX, 0x0123_4567_89ab_cdef] {
            for points in [1, 20, 1814] {
                let frame = stroke(action, points);
                assert_eq!(decode(&frame), Ok(FromPage::Action { kind: Kind::Stroke, action }));
                assert_eq!(protocol::refusal(Kind::Stroke, &frame), None);
            }
        }
    }

    #[test]
    fn what_the_server_says_is_heard() {
        let frames = [
            (protocol::welcome(1, 2, 3), Said::Welcome { store: 1, revision: 2 }),
            (protocol::live(4), Said::Live { next: 4 }),
            (protocol::ack(5, 6), Said::Ack { action: 5, revision: 6 }),
            (protocol::busy(7), Said::Busy { action: 7 }),
            (protocol::refused(8, "no"), Said::Refused { action: 8, reason: "no" }),
            (protocol::missed(9, 10), Said::Missed { actions: 9 }),
            (protocol::left(1), Said::Moment),
            (protocol::pace(100), Said::Moment),
            (protocol::alive(), Said::Moment),
            (protocol::trouble("no room"), Said::Moment),
        ];
        for (frame, said) in frames {
            assert_eq!(heard(&frame).expect("heard"), said);
        }
        let mut action = stroke(11, 20);
        protocol::set_revision(&mut action, 12);
        assert_eq!(heard(&action).expect("heard"), Said::Action { revision: 12, action: 11 });
    }

    #[test]
    fn what_no_server_says_is_an_error() {
        let mut other_version = protocol::welcome(1, 2, 3);
        other_version[1] = 99;
        for frame in
            [vec![], vec![200], other_version, stroke(1, 20)[..24].to_vec(), protocol::ack(5, 6)[..16].to_vec()]
        {
            assert!(heard(&frame).is_err(), "{frame:?}");
        }
    }
}
