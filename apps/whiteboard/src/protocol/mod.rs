//! The wire: one binary WebSocket frame is one message, little endian, its first byte the kind.
//!
//! A board event has one form everywhere: the page's frame, the ring's payload, the store's value and the
//! frame that others get are the same bytes. The server only fills in the author (always) and the revision
//! (of an action), so nothing is encoded twice. The whole table is in the application's README, and
//! `tests/vectors.json` holds examples that this module and the page's `protocol.js` are both checked against.

mod board;
mod client;
mod decode;
mod encode;
mod picture;
mod posted;
mod published;
mod refusal;
mod several;
mod text;

pub(crate) use board::{BoardId, BoardName, NotABoard, what_is_wrong};
pub(crate) use client::ClientId;
pub(crate) use decode::{FromPage, Hello, Malformed, decode};
pub(crate) use encode::{ack, alive, busy, left, live, missed, pace, refused, trouble, welcome};
pub(crate) use posted::Posted;
pub(crate) use published::{check_action, check_published};
pub(crate) use refusal::refusal;
pub(crate) use several::{Several, frames};

/// The version of this wire; a page that speaks another one is told so.
pub(crate) const VERSION: u8 = 2;

/// The longest frame that is read from a page, in bytes.
pub(crate) const FRAME_MAX: usize = 20 * 1024;

/// The longest action: what the largest pool holds beside the client's id and the board's.
pub(crate) const ACTION_MAX: usize = 16 * 1024 - ClientId::LEN - BoardId::LEN;

/// The last possible revision: pages count in numbers that are exact up to there, and beyond.
pub(crate) const REVISION_MAX: u64 = (1 << 52) - 1;

/// The longest text of a chat message or a note, in bytes of UTF-8.
pub(crate) const TEXT_MAX: usize = 960;

/// The longest name of a person, in bytes of UTF-8.
pub(crate) const NAME_MAX: usize = 40;

/// The most points one live segment carries: what fits an S slot.
const SEGMENT_POINTS_MAX: usize = 25;

/// The most objects that one `hide` or `show` names.
const TARGETS_MAX: usize = 1000;

/// What a stroke has before its points, in bytes.
/// What an action has before what it says, in bytes.
pub(crate) const ACTION_HEAD: usize = at::ACTION_BODY;
const STROKE_HEAD: usize = at::ACTION_BODY + 8;

/// What a chat message has before its name, in bytes.
const CHAT_HEAD: usize = at::ACTION_BODY + 5;

/// What a note has before its text, in bytes.
const NOTE_HEAD: usize = at::ACTION_BODY + 16;

/// What an image has before its file, in bytes.
const IMAGE_HEAD: usize = at::ACTION_BODY + 16;

/// What a segment has before its points, in bytes.
const SEGMENT_HEAD: usize = at::AUTHOR.end + 16;

/// What `here` has before the name, in bytes.
const HERE_HEAD: usize = at::AUTHOR.end + 4;

/// A point: where it is, and how hard the pen was pressed.
const POINT: usize = 9;

/// No coordinate is further from the middle of the board than this, in board units; no image is wider or higher.
const COORDINATE_MAX: f32 = 16_384.0;

/// The thickest pen, in board units.
const WIDTH_MAX: f32 = 200.0;

/// The letters of notes, in board units.
const LETTERS: std::ops::RangeInclusive<f32> = 4.0..=400.0;

/// An image is at most this many pixels wide and high: a small file can claim to be huge.
const IMAGE_SIDE_MAX: usize = 4096;

// The largest of each kind still fits its pool: a moment XS, a segment S, a chat message, a note or a list of objects less than
// an action, and an action less than a frame.
const _: () = assert!(HERE_HEAD + NAME_MAX + BoardId::LEN <= 64);
const _: () = assert!(SEGMENT_HEAD + SEGMENT_POINTS_MAX * POINT + BoardId::LEN <= 256);
const _: () = assert!(CHAT_HEAD + NAME_MAX + TEXT_MAX < ACTION_MAX);
const _: () = assert!(at::ACTION_BODY + TARGETS_MAX * 8 < ACTION_MAX);
const _: () = assert!(ACTION_MAX < FRAME_MAX);

/// The kind of a board event; also its event type in the rings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Kind {
    /// A finished stroke.
    Stroke = 1,
    /// A chat message.
    Chat = 2,
    /// A text on the board.
    Note = 3,
    /// A picture on the board.
    Image = 4,
    /// Hides what came before it, until it is hidden itself.
    Clear = 5,
    /// Hides objects.
    Hide = 6,
    /// Shows objects again.
    Show = 7,
    /// Where someone's pointer is.
    Cursor = 16,
    /// Someone is still here, and who that is.
    Here = 17,
    /// A piece of a stroke that is still being drawn.
    Segment = 18,
    /// Someone's connection ended; only the server says so.
    Left = 19,
}

impl Kind {
    /// Every kind, in the order of their numbers.
    pub(crate) const ALL: [Kind; 11] = [
        Kind::Stroke,
        Kind::Chat,
        Kind::Note,
        Kind::Image,
        Kind::Clear,
        Kind::Hide,
        Kind::Show,
        Kind::Cursor,
        Kind::Here,
        Kind::Segment,
        Kind::Left,
    ];

    /// The kind with this number on the wire and in the rings.
    pub(crate) fn of(number: u32) -> Option<Kind> {
        Kind::ALL.into_iter().find(|&kind| kind as u32 == number)
    }

    /// Whether events of this kind get a revision and are stored.
    pub(crate) fn is_action(self) -> bool {
        (self as u8) < Kind::Cursor as u8
    }

    /// Whether it is an object, which is hidden and shown.
    pub(crate) fn is_object(self) -> bool {
        matches!(self, Kind::Stroke | Kind::Note | Kind::Image | Kind::Clear)
    }

    /// Its name in `/health`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Kind::Stroke => "stroke",
            Kind::Chat => "chat",
            Kind::Note => "note",
            Kind::Image => "image",
            Kind::Clear => "clear",
            Kind::Hide => "hide",
            Kind::Show => "show",
            Kind::Cursor => "cursor",
            Kind::Here => "here",
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

/// The run of the server in which a board event was sent.
pub(crate) fn run(frame: &[u8]) -> u64 {
    author(frame) >> 32
}

/// The revision of an action.
pub(crate) fn revision(frame: &[u8]) -> u64 {
    u64_at(frame, at::REVISION)
}

/// The id that the page gave an action.
pub(crate) fn action(frame: &[u8]) -> u64 {
    u64_at(frame, at::ACTION)
}

/// The action that a segment will be a part of, when its stroke is finished.
pub(crate) fn segment_of(frame: &[u8]) -> u64 {
    u64_at(frame, at::AUTHOR.end..at::AUTHOR.end + 8)
}

/// The kind of a frame that has one.
pub(crate) fn kind(frame: &[u8]) -> Option<Kind> {
    frame.first().and_then(|&first| Kind::of(u32::from(first)))
}

/// The objects that a `hide` or `show` names, by their revisions.
pub(crate) fn targets(frame: &[u8]) -> impl Iterator<Item = u64> {
    frame[at::ACTION_BODY..].as_chunks::<8>().0.iter().map(|&target| u64::from_le_bytes(target))
}

/// Makes a `hide` or `show` name these objects.
#[cfg(target_os = "linux")]
pub(crate) fn set_targets(frame: &mut Vec<u8>, targets: &[u64]) {
    frame.truncate(at::ACTION_BODY);
    frame.extend(targets.iter().flat_map(|target| target.to_le_bytes()));
}

/// Gives an action its id.
#[cfg(target_os = "linux")]
pub(crate) fn set_action(frame: &mut [u8], action: u64) {
    frame[at::ACTION].copy_from_slice(&action.to_le_bytes());
}

/// Writes the sender of a board event, whatever the page wrote there.
pub(crate) fn set_author(frame: &mut [u8], author: u64) {
    frame[at::AUTHOR].copy_from_slice(&author.to_le_bytes());
}

/// Gives an action its place in the board's order.
pub(crate) fn set_revision(frame: &mut [u8], revision: u64) {
    frame[at::REVISION].copy_from_slice(&revision.to_le_bytes());
}

#[cfg(test)]
mod tests;
