//! The wire: one binary WebSocket frame is one message, little endian, its first byte the kind.
//!
//! A board event has one form everywhere: the page's frame, the ring's payload, the store's value and the
//! frame that others get are the same bytes. The server only fills in the author (always) and the revision
//! (of an action), so nothing is encoded twice. The whole table is in the application's README, and
//! `tests/vectors.json` holds examples that this module and the page's `protocol.js` are both checked against.

mod client;
mod decode;
mod encode;
mod published;

pub(crate) use client::ClientId;
pub(crate) use decode::{FromPage, Hello, Malformed, decode};
pub(crate) use encode::{ack, busy, left, live, missed, refused, welcome};
pub(crate) use published::{check_action, check_published, revision_if_any};

/// The version of this wire; a page that speaks another one is told so.
pub(crate) const VERSION: u8 = 1;

/// The longest frame that is read from a page, in bytes.
pub(crate) const FRAME_MAX: usize = 20 * 1024;

/// The longest action: what the largest pool holds beside the client's id.
pub(crate) const ACTION_MAX: usize = 16 * 1024 - ClientId::LEN;

/// The longest chat text, in bytes of UTF-8.
pub(crate) const TEXT_MAX: usize = 960;

/// The most points one live segment carries: what fits an S slot.
pub(crate) const SEGMENT_POINTS_MAX: usize = 28;

/// What a stroke has before its points, in bytes.
pub(crate) const STROKE_HEAD: usize = at::ACTION_BODY + 8;

/// What a chat message has before its text, in bytes.
pub(crate) const CHAT_HEAD: usize = at::ACTION_BODY + 4;

/// What a segment has before its points, in bytes.
const SEGMENT_HEAD: usize = at::AUTHOR.end + 16;

/// A point, in bytes.
pub(crate) const POINT: usize = 8;

/// No coordinate is further from the middle of the board than this, in board units.
pub(crate) const COORDINATE_MAX: f32 = 16_384.0;

/// The thickest pen, in board units.
pub(crate) const WIDTH_MAX: f32 = 200.0;

// What is largest still fits its pool: a segment S, a chat message M, and an action less than a frame.
const _: () = assert!(SEGMENT_HEAD + SEGMENT_POINTS_MAX * POINT <= 256);
const _: () = assert!(CHAT_HEAD + TEXT_MAX + ClientId::LEN <= 1024);
const _: () = assert!(ACTION_MAX < FRAME_MAX);

/// What kind of board event a frame is; also its event type in the rings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Kind {
    /// A finished stroke: stored.
    Stroke = 1,
    /// A chat message: stored.
    Chat = 2,
    /// Where someone's pointer is.
    Cursor = 16,
    /// Someone is still here.
    Heartbeat = 17,
    /// A piece of a stroke that is still being drawn.
    Segment = 18,
    /// Someone's connection ended; only the server says so.
    Left = 19,
}

impl Kind {
    /// Every kind, in the order of their numbers.
    pub(crate) const ALL: [Kind; 6] =
        [Kind::Stroke, Kind::Chat, Kind::Cursor, Kind::Heartbeat, Kind::Segment, Kind::Left];

    /// The kind with this number on the wire and in the rings.
    pub(crate) fn of(number: u32) -> Option<Kind> {
        Kind::ALL.into_iter().find(|&kind| kind as u32 == number)
    }

    /// Whether events of this kind get a revision and are stored.
    pub(crate) fn is_action(self) -> bool {
        matches!(self, Kind::Stroke | Kind::Chat)
    }

    /// Its name in `/health`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Kind::Stroke => "stroke",
            Kind::Chat => "chat",
            Kind::Cursor => "cursor",
            Kind::Heartbeat => "heartbeat",
            Kind::Segment => "segment",
            Kind::Left => "left",
        }
    }
}

/// Where fields lie in a board event. The author is at the same place in all of them.
mod at {
    use std::ops::Range;

    pub(super) const AUTHOR: Range<usize> = 1..9;
    /// In actions only.
    pub(super) const REVISION: Range<usize> = 9..17;
    /// In actions only.
    pub(super) const ACTION: Range<usize> = 17..25;
    /// Where an action's own fields start.
    pub(super) const ACTION_BODY: usize = 25;
}

/// Reads the `u64` at `range`. The frame must have passed [`decode()`] or come from the store.
fn u64_at(frame: &[u8], range: std::ops::Range<usize>) -> u64 {
    let mut word = [0; 8];
    word.copy_from_slice(&frame[range]);
    u64::from_le_bytes(word)
}

/// The author of a board event.
pub(crate) fn author(frame: &[u8]) -> u64 {
    u64_at(frame, at::AUTHOR)
}

/// The revision of an action.
pub(crate) fn revision(frame: &[u8]) -> u64 {
    u64_at(frame, at::REVISION)
}

/// The id that the page gave an action.
pub(crate) fn action(frame: &[u8]) -> u64 {
    u64_at(frame, at::ACTION)
}

/// Says who sent a board event, whatever the page wrote there.
pub(crate) fn set_author(frame: &mut [u8], author: u64) {
    frame[at::AUTHOR].copy_from_slice(&author.to_le_bytes());
}

/// Gives an action its place in the board's order.
pub(crate) fn set_revision(frame: &mut [u8], revision: u64) {
    frame[at::REVISION].copy_from_slice(&revision.to_le_bytes());
}

#[cfg(test)]
mod tests;
