//! The wire as a page speaks it, written from the table in the README.

/// What the server says.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Message {
    Welcome {
        author: u64,
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
        reason: String,
    },
    Missed {
        actions: u64,
    },
    /// A stroke, a chat message or another action.
    Action {
        kind: u8,
        author: u64,
        revision: u64,
        action: u64,
        body: Vec<u8>,
    },
    /// A cursor, a segment, a person who is here, or the news that one left.
    Moment {
        kind: u8,
        author: u64,
    },
    /// Nothing is saved, or it is again.
    Trouble {
        reason: String,
    },
    /// How far apart moments are wanted, in milliseconds.
    Pace {
        interval: u16,
    },
    /// The answer to a page that asked.
    Alive,
}

fn u64_at(frame: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(frame[at..at + 8].try_into().expect("eight bytes"))
}

/// The frames of a message, which may hold several.
pub(crate) fn frames(message: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = message.strip_prefix(&[135]);
    let single = if rest.is_none() { Some(message) } else { None };
    single.into_iter().chain(std::iter::from_fn(move || {
        let (length, behind) = rest.filter(|rest| !rest.is_empty())?.split_first_chunk::<2>().expect("a length");
        let (frame, behind) = behind.split_at(usize::from(u16::from_le_bytes(*length)));
        rest = Some(behind);
        Some(frame)
    }))
}

pub(crate) fn decode(frame: &[u8]) -> Message {
    let n = |at| u64_at(frame, at);
    match frame[0] {
        kind @ 1..=7 => {
            Message::Action { kind, author: n(1), revision: n(9), action: n(17), body: frame[25..].to_vec() }
        }
        kind @ 16..=19 => Message::Moment { kind, author: n(1) },
        128 => Message::Welcome { revision: n(10), author: n(18) },
        129 => Message::Live { next: n(1) },
        130 => Message::Ack { action: n(1), revision: n(9) },
        131 => Message::Busy { action: n(1) },
        132 => Message::Refused { action: n(1), reason: String::from_utf8(frame[9..].to_vec()).expect("UTF-8") },
        133 => Message::Missed { actions: n(1) },
        134 => Message::Pace { interval: u16::from_le_bytes([frame[1], frame[2]]) },
        136 => Message::Alive,
        137 => Message::Trouble { reason: String::from_utf8(frame[1..].to_vec()).expect("UTF-8") },
        other => panic!("kind {other}"),
    }
}

pub(crate) fn ask() -> Vec<u8> {
    vec![65]
}

pub(crate) fn hello(client: u8, after: u64, board: &str) -> Vec<u8> {
    [&[64, 2][..], &[client; 16], &after.to_le_bytes(), board.as_bytes()].concat()
}

/// An action of this kind, with zeros where the server fills in.
pub(crate) fn action(kind: u8, action: u64, body: &[u8]) -> Vec<u8> {
    [&[kind][..], &[0; 16], &action.to_le_bytes(), body].concat()
}

const COLOUR: [u8; 4] = 0x1f_5f_bf_u32.to_le_bytes();

/// A stroke of `points` points.
pub(crate) fn stroke(id: u64, points: usize) -> Vec<u8> {
    let mut frame = action(1, id, &[COLOUR, 3.5f32.to_le_bytes()].concat());
    for point in 0..points {
        frame.extend_from_slice(&(point as f32).to_le_bytes());
        frame.extend_from_slice(&(id as f32 % 1000.0).to_le_bytes());
        frame.push(128);
    }
    frame
}

pub(crate) fn chat(id: u64, text: &str) -> Vec<u8> {
    action(2, id, &[&COLOUR[..], &[2], b"Me", text.as_bytes()].concat())
}

pub(crate) fn clear(id: u64) -> Vec<u8> {
    action(5, id, &[])
}

pub(crate) fn hide(id: u64, revision: u64) -> Vec<u8> {
    action(6, id, &revision.to_le_bytes())
}

pub(crate) fn cursor(x: f32, y: f32) -> Vec<u8> {
    [&[16][..], &[0; 8], &x.to_le_bytes(), &y.to_le_bytes()].concat()
}

pub(crate) fn here(name: &str) -> Vec<u8> {
    [&[17][..], &[0; 8], &COLOUR, name.as_bytes()].concat()
}

/// The next points of an unfinished stroke.
pub(crate) fn segment(action: u64, points: usize) -> Vec<u8> {
    let stroke = stroke(action, points);
    [&[18][..], &[0; 8], &action.to_le_bytes(), &stroke[25..]].concat()
}
