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
    /// A stroke or chat message: the revision and the frame.
    Action {
        author: u64,
        revision: u64,
        action: u64,
        body: Vec<u8>,
    },
    /// A cursor, heartbeat, segment, or the news that someone left.
    Moment {
        kind: u8,
        author: u64,
    },
}

fn u64_at(frame: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(frame[at..at + 8].try_into().expect("eight bytes"))
}

pub(crate) fn decode(frame: &[u8]) -> Message {
    let n = |at| u64_at(frame, at);
    match frame[0] {
        1 | 2 => Message::Action { author: n(1), revision: n(9), action: n(17), body: frame[25..].to_vec() },
        kind @ 16..=19 => Message::Moment { kind, author: n(1) },
        128 => Message::Welcome { revision: n(10), author: n(18) },
        129 => Message::Live { next: n(1) },
        130 => Message::Ack { action: n(1), revision: n(9) },
        131 => Message::Busy { action: n(1) },
        132 => Message::Refused { action: n(1), reason: String::from_utf8(frame[9..].to_vec()).expect("UTF-8") },
        133 => Message::Missed { actions: n(1) },
        other => panic!("kind {other}"),
    }
}

pub(crate) fn hello(client: u8, after: u64) -> Vec<u8> {
    [&[64, 1][..], &[client; 16], &after.to_le_bytes()].concat()
}

/// A stroke of `points` points, with zeros where the server fills in.
pub(crate) fn stroke(action: u64, points: usize) -> Vec<u8> {
    let mut frame =
        [&[1][..], &[0; 16], &action.to_le_bytes(), &0x1f_5f_bf_u32.to_le_bytes(), &3.5f32.to_le_bytes()].concat();
    for point in 0..points {
        frame.extend_from_slice(&(point as f32).to_le_bytes());
        frame.extend_from_slice(&(action as f32 % 1000.0).to_le_bytes());
    }
    frame
}

pub(crate) fn chat(action: u64, text: &str) -> Vec<u8> {
    [&[2][..], &[0; 16], &action.to_le_bytes(), &0x1f_5f_bf_u32.to_le_bytes(), text.as_bytes()].concat()
}

pub(crate) fn cursor(x: f32, y: f32) -> Vec<u8> {
    [&[16][..], &[0; 8], &7u32.to_le_bytes(), &x.to_le_bytes(), &y.to_le_bytes()].concat()
}
