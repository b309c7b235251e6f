//! The frames that only the server sends.

use super::{Kind, VERSION};

const WELCOME: u8 = 128;
const LIVE: u8 = 129;
const ACK: u8 = 130;
const BUSY: u8 = 131;
const REFUSED: u8 = 132;
const MISSED: u8 = 133;
const PACE: u8 = 134;
const ALIVE: u8 = 136;
const TROUBLE: u8 = 137;

/// The answer to a hello: which store this is, how far it is, and the author number of this connection.
pub(crate) fn welcome(store: u64, revision: u64, author: u64) -> Vec<u8> {
    let mut frame = vec![WELCOME, VERSION];
    for field in [store, revision, author] {
        frame.extend_from_slice(&field.to_le_bytes());
    }
    frame
}

/// Everything before revision `next` has been sent; from here on events come as they happen.
pub(crate) fn live(next: u64) -> Vec<u8> {
    with(LIVE, &[next])
}

/// The action with this id is on disk, at this revision.
pub(crate) fn ack(action: u64, revision: u64) -> Vec<u8> {
    with(ACK, &[action, revision])
}

/// The action with this id was not accepted; send it again a little later.
pub(crate) fn busy(action: u64) -> Vec<u8> {
    with(BUSY, &[action])
}

/// The action with this id will never be accepted; the text says why.
pub(crate) fn refused(action: u64, reason: &str) -> Vec<u8> {
    let mut frame = with(REFUSED, &[action]);
    frame.extend_from_slice(reason.as_bytes());
    frame
}

/// This many frames were not sent because this connection did not keep up: actions (they follow from the store) and
/// moments (gone).
pub(crate) fn missed(actions: u64, moments: u64) -> Vec<u8> {
    with(MISSED, &[actions, moments])
}

/// Cursors and segments are wanted this many milliseconds apart from now on.
pub(crate) fn pace(interval: u16) -> Vec<u8> {
    let [low, high] = interval.to_le_bytes();
    vec![PACE, low, high]
}

/// Nothing is saved now, for this reason; an empty one says that it is over.
pub(crate) fn trouble(reason: &str) -> Vec<u8> {
    let mut frame = vec![TROUBLE];
    frame.extend_from_slice(reason.as_bytes());
    frame
}

/// The answer to a page that asked.
pub(crate) fn alive() -> Vec<u8> {
    vec![ALIVE]
}

/// The connection with this author number ended.
pub(crate) fn left(author: u64) -> Vec<u8> {
    with(Kind::Left as u8, &[author])
}

fn with(first: u8, fields: &[u64]) -> Vec<u8> {
    let mut frame = vec![first];
    for field in fields {
        frame.extend_from_slice(&field.to_le_bytes());
    }
    frame
}
