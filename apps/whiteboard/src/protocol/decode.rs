//! What a page may say, checked field by field before anything is done with it.

use std::fmt;

use super::{COORDINATE_MAX, ClientId, FRAME_MAX, Kind, SEGMENT_POINTS_MAX, VERSION, WIDTH_MAX, action, at, u64_at};

/// The number of the only frame of a page that is not a board event.
pub(super) const HELLO: u8 = 64;

/// A frame from a page that kept all the rules of the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FromPage {
    /// The first frame of every connection.
    Hello(Hello),
    /// To be ordered, stored and acknowledged.
    Action {
        /// Stroke or chat.
        kind: Kind,
        /// The id the page gave it.
        action: u64,
    },
    /// To be shown to others now, or never.
    Moment(Kind),
}

/// Who a page is and what it has already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hello {
    /// The page's own id, the same for as long as it lives.
    pub(crate) client: ClientId,
    /// The last revision it has; 0 = none.
    pub(crate) after: u64,
}

/// The rule of the wire that a frame broke.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub(crate) enum Malformed {
    /// Longer than [`FRAME_MAX`].
    TooLong(usize),
    /// No bytes at all.
    Empty,
    /// No page sends this kind.
    UnknownKind(u8),
    /// Not the length its kind has.
    Length(usize),
    /// Another version of the wire.
    Version(u8),
    /// A stroke or segment with no points, a part of a point, or more points than one may carry.
    Points(usize),
    /// A coordinate that is not a number or too far out.
    Coordinate,
    /// A colour beyond 0xFFFFFF.
    Colour(u32),
    /// A pen that is not a number, thinner than nothing, or too thick.
    Width,
    /// A chat text that is empty or not UTF-8.
    Text,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Malformed::TooLong(len) => write!(f, "frame of {len} bytes; at most {FRAME_MAX}"),
            Malformed::Empty => write!(f, "empty frame"),
            Malformed::UnknownKind(kind) => write!(f, "unknown kind {kind}"),
            Malformed::Length(len) => write!(f, "{len} bytes is not this kind's length"),
            Malformed::Version(version) => write!(f, "wire version {version}; this server speaks {VERSION}"),
            Malformed::Points(len) => write!(f, "{len} bytes of points is not an allowed count of points"),
            Malformed::Coordinate => write!(f, "coordinate not finite or beyond {COORDINATE_MAX}"),
            Malformed::Colour(colour) => write!(f, "colour {colour:#x} is beyond 0xffffff"),
            Malformed::Width => write!(f, "width not between 0 and {WIDTH_MAX}"),
            Malformed::Text => write!(f, "text empty or not UTF-8"),
        }
    }
}

impl std::error::Error for Malformed {}

/// Checks a frame from a page. The fields that the server fills in (author, revision) may hold anything.
pub(crate) fn decode(frame: &[u8]) -> Result<FromPage, Malformed> {
    if frame.len() > FRAME_MAX {
        return Err(Malformed::TooLong(frame.len()));
    }
    let &first = frame.first().ok_or(Malformed::Empty)?;
    if first == HELLO {
        return hello(frame);
    }
    let unknown = Malformed::UnknownKind(first);
    match Kind::of(u32::from(first)).ok_or(unknown.clone())? {
        Kind::Stroke => {
            let (colour, rest) = word(action_body(frame)?, frame)?;
            let (width, points) = word(rest, frame)?;
            pen(colour, width)?;
            all_points(points, usize::MAX)?;
            Ok(FromPage::Action { kind: Kind::Stroke, action: action(frame) })
        }
        Kind::Chat => {
            let (colour, text) = word(action_body(frame)?, frame)?;
            in_colour(colour)?;
            match std::str::from_utf8(text) {
                Ok(text) if !text.is_empty() => Ok(FromPage::Action { kind: Kind::Chat, action: action(frame) }),
                _ => Err(Malformed::Text),
            }
        }
        Kind::Cursor => {
            let (colour, point) = word(moment_body(frame)?, frame)?;
            in_colour(colour)?;
            all_points(point, 1)?;
            Ok(FromPage::Moment(Kind::Cursor))
        }
        Kind::Heartbeat => match moment_body(frame)? {
            [] => Ok(FromPage::Moment(Kind::Heartbeat)),
            _ => Err(Malformed::Length(frame.len())),
        },
        Kind::Segment => {
            let (_action_low, rest) = word(moment_body(frame)?, frame)?;
            let (_action_high, rest) = word(rest, frame)?;
            let (colour, rest) = word(rest, frame)?;
            let (width, points) = word(rest, frame)?;
            pen(colour, width)?;
            all_points(points, SEGMENT_POINTS_MAX)?;
            Ok(FromPage::Moment(Kind::Segment))
        }
        Kind::Left => Err(unknown),
    }
}

fn hello(frame: &[u8]) -> Result<FromPage, Malformed> {
    let &[_, version, ref rest @ ..] = frame else {
        return Err(Malformed::Length(frame.len()));
    };
    if version != VERSION {
        return Err(Malformed::Version(version));
    }
    match rest.split_first_chunk::<{ ClientId::LEN }>() {
        Some((client, after)) if after.len() == 8 => {
            Ok(FromPage::Hello(Hello { client: ClientId::new(*client), after: u64_at(after, 0..8) }))
        }
        _ => Err(Malformed::Length(frame.len())),
    }
}

fn action_body(frame: &[u8]) -> Result<&[u8], Malformed> {
    frame.get(at::ACTION_BODY..).ok_or(Malformed::Length(frame.len()))
}

fn moment_body(frame: &[u8]) -> Result<&[u8], Malformed> {
    frame.get(at::AUTHOR.end..).ok_or(Malformed::Length(frame.len()))
}

/// Takes four bytes off the front.
fn word<'a>(bytes: &'a [u8], frame: &[u8]) -> Result<([u8; 4], &'a [u8]), Malformed> {
    let (word, rest) = bytes.split_first_chunk::<4>().ok_or(Malformed::Length(frame.len()))?;
    Ok((*word, rest))
}

fn in_colour(colour: [u8; 4]) -> Result<(), Malformed> {
    match u32::from_le_bytes(colour) {
        0..=0xFF_FFFF => Ok(()),
        beyond => Err(Malformed::Colour(beyond)),
    }
}

fn pen(colour: [u8; 4], width: [u8; 4]) -> Result<(), Malformed> {
    in_colour(colour)?;
    let width = f32::from_le_bytes(width);
    // Written so that NaN fails.
    if width > 0.0 && width <= WIDTH_MAX { Ok(()) } else { Err(Malformed::Width) }
}

fn all_points(bytes: &[u8], most: usize) -> Result<(), Malformed> {
    let (coordinates, rest) = bytes.as_chunks::<4>();
    let whole = rest.is_empty() && coordinates.len() % 2 == 0;
    if !whole || coordinates.is_empty() || coordinates.len() / 2 > most {
        return Err(Malformed::Points(bytes.len()));
    }
    // Written so that NaN fails.
    let inside = |&c: &[u8; 4]| f32::from_le_bytes(c).abs() <= COORDINATE_MAX;
    if coordinates.iter().all(inside) { Ok(()) } else { Err(Malformed::Coordinate) }
}
