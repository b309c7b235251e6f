//! What a page may say, checked field by field before anything is done with it.

use std::fmt;

use super::text::is_plain;
use super::{
    BoardName, COORDINATE_MAX, ClientId, FRAME_MAX, Kind, LETTERS, NAME_MAX, POINT, SEGMENT_POINTS_MAX, TARGETS_MAX,
    VERSION, WIDTH_MAX, action, at, u64_at,
};

/// The numbers of the frames of a page that are no board events.
pub(super) const HELLO: u8 = 64;
const ASK: u8 = 65;

/// A frame from a page that kept all the rules of the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum FromPage {
    /// The first frame of every connection.
    Hello(Hello),
    /// To be answered at once: the page has heard nothing for a while.
    Ask,
    /// To be ordered, stored and acknowledged.
    Action {
        /// What it is.
        kind: Kind,
        /// The id the page gave it.
        action: u64,
    },
    /// To be shown to others now, or never.
    Moment(Kind),
}

/// A page's own id, the board that it wants, and what it already has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hello {
    /// The page's own id, the same for as long as it lives.
    pub(crate) client: ClientId,
    /// The last revision it has; 0 = none.
    pub(crate) after: u64,
    /// The board it shows.
    pub(crate) board: BoardName,
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
    /// A size that is not a number, or out of range.
    Size,
    /// A text that is empty or not UTF-8.
    Text,
    /// A person's name that is too long, not UTF-8, or does not show as it is written.
    Name,
    /// Not a valid board name.
    Board,
    /// No objects, a part of a revision, or more objects than may be named at once.
    Targets(usize),
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
            Malformed::Size => write!(f, "size not finite, not above 0, or too large"),
            Malformed::Text => write!(f, "text empty or not UTF-8"),
            Malformed::Name => write!(f, "name not plain UTF-8 of at most {NAME_MAX} bytes"),
            Malformed::Board => super::board::NotABoard.fmt(f),
            Malformed::Targets(len) => write!(f, "{len} bytes of revisions is not 1 to {TARGETS_MAX} of them"),
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
    match first {
        HELLO => return hello(frame),
        ASK if frame.len() == 1 => return Ok(FromPage::Ask),
        ASK => return Err(Malformed::Length(frame.len())),
        _ => {}
    }
    let unknown = Malformed::UnknownKind(first);
    let kind = Kind::of(u32::from(first)).ok_or(unknown.clone())?;
    match kind {
        Kind::Left => return Err(unknown),
        _ if kind.is_action() => action_body(kind, frame, frame.get(at::ACTION_BODY..))?,
        _ => moment_body(kind, frame, frame.get(at::AUTHOR.end..))?,
    }
    Ok(if kind.is_action() { FromPage::Action { kind, action: action(frame) } } else { FromPage::Moment(kind) })
}

fn action_body(kind: Kind, frame: &[u8], body: Option<&[u8]>) -> Result<(), Malformed> {
    let length = Malformed::Length(frame.len());
    let body = body.ok_or(length.clone())?;
    match kind {
        Kind::Stroke => {
            let ([colour, width], points) = words(body, frame)?;
            pen(colour, width)?;
            all_points(points, usize::MAX)
        }
        Kind::Chat => {
            let ([colour], said) = words(body, frame)?;
            in_colour(colour)?;
            chat_parts(said).map(drop).ok_or(Malformed::Text)
        }
        Kind::Note => {
            let ([colour, x, y, letters], text) = words(body, frame)?;
            in_colour(colour)?;
            on_board(x, y)?;
            match std::str::from_utf8(text) {
                _ if !LETTERS.contains(&f32::from_le_bytes(letters)) => Err(Malformed::Size),
                Ok(text) if !text.is_empty() => Ok(()),
                _ => Err(Malformed::Text),
            }
        }
        Kind::Image => {
            let ([x, y, width, height], file) = words(body, frame)?;
            on_board(x, y)?;
            let side = |word| (f32::MIN_POSITIVE..=COORDINATE_MAX).contains(&f32::from_le_bytes(word));
            match () {
                () if !(side(width) && side(height)) => Err(Malformed::Size),
                () if file.is_empty() => Err(length),
                () => Ok(()),
            }
        }
        Kind::Clear if body.is_empty() => Ok(()),
        Kind::Hide | Kind::Show => match body.as_chunks::<8>() {
            (targets, []) if (1..=TARGETS_MAX).contains(&targets.len()) => Ok(()),
            _ => Err(Malformed::Targets(body.len())),
        },
        _ => Err(length),
    }
}

fn moment_body(kind: Kind, frame: &[u8], body: Option<&[u8]>) -> Result<(), Malformed> {
    let length = Malformed::Length(frame.len());
    let body = body.ok_or(length.clone())?;
    match kind {
        Kind::Cursor => match words(body, frame)? {
            ([x, y], []) => on_board(x, y),
            _ => Err(length),
        },
        Kind::Here => {
            let ([colour], name) = words(body, frame)?;
            in_colour(colour)?;
            match std::str::from_utf8(name) {
                Ok(plain) if name.len() <= NAME_MAX && is_plain(plain, false) => Ok(()),
                _ => Err(Malformed::Name),
            }
        }
        Kind::Segment => {
            let ([_action_low, _action_high, colour, width], points) = words(body, frame)?;
            pen(colour, width)?;
            all_points(points, SEGMENT_POINTS_MAX)
        }
        _ => Err(length),
    }
}

/// The name and the text of a chat message, from the length of the name on; `None` if they are not UTF-8, the text is
/// empty, or the name too long.
pub(super) fn chat_parts(said: &[u8]) -> Option<(&str, &str)> {
    let (&len, rest) = said.split_first()?;
    let (name, text) = rest.split_at_checked(usize::from(len))?;
    let parts = (std::str::from_utf8(name).ok()?, std::str::from_utf8(text).ok()?);
    (name.len() <= NAME_MAX && !text.is_empty()).then_some(parts)
}

fn hello(frame: &[u8]) -> Result<FromPage, Malformed> {
    let &[_, version, ref rest @ ..] = frame else {
        return Err(Malformed::Length(frame.len()));
    };
    if version != VERSION {
        return Err(Malformed::Version(version));
    }
    let rest = rest.split_first_chunk::<{ ClientId::LEN }>();
    let Some((client, Some((after, board)))) = rest.map(|(client, rest)| (client, rest.split_first_chunk::<8>()))
    else {
        return Err(Malformed::Length(frame.len()));
    };
    let board =
        std::str::from_utf8(board).ok().and_then(|name| name.parse::<BoardName>().ok()).ok_or(Malformed::Board)?;
    Ok(FromPage::Hello(Hello { client: ClientId::new(*client), after: u64_at(after, 0..8), board }))
}

/// Takes words of four bytes off the front.
fn words<'a, const N: usize>(bytes: &'a [u8], frame: &[u8]) -> Result<([[u8; 4]; N], &'a [u8]), Malformed> {
    let (head, rest) = bytes.split_at_checked(4 * N).ok_or(Malformed::Length(frame.len()))?;
    let mut words = [[0; 4]; N];
    words.copy_from_slice(head.as_chunks().0);
    Ok((words, rest))
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

fn on_board(x: [u8; 4], y: [u8; 4]) -> Result<(), Malformed> {
    // Written so that NaN fails.
    let inside = |c| f32::from_le_bytes(c).abs() <= COORDINATE_MAX;
    if inside(x) && inside(y) { Ok(()) } else { Err(Malformed::Coordinate) }
}

fn all_points(bytes: &[u8], most: usize) -> Result<(), Malformed> {
    let (points, rest) = bytes.as_chunks::<POINT>();
    if !rest.is_empty() || points.is_empty() || points.len() > most {
        return Err(Malformed::Points(bytes.len()));
    }
    points
        .iter()
        .try_for_each(|&[x0, x1, x2, x3, y0, y1, y2, y3, _pressure]| on_board([x0, x1, x2, x3], [y0, y1, y2, y3]))
}
