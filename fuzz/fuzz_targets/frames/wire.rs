//! The wire as the whiteboard's README has it, read a second time: what a frame holds, and whether that is within the
//! bounds. It knows nothing of the server's own decoder.

use arbitrary::Arbitrary;

/// A number as it lies in a frame; most are sensible, some are on a bound or nonsense.
#[derive(Arbitrary, Clone, Copy, Debug)]
pub enum Number {
    Sensible(i16),
    Small(u8),
    Edge(u8),
    Bits(u32),
}

const EDGES: [f32; 14] = [
    0.0,
    -0.0,
    4.0,
    3.999_999_8,
    200.0,
    200.000_02,
    400.0,
    400.000_03,
    16_384.0,
    -16_384.0,
    16_384.002,
    f32::NAN,
    f32::INFINITY,
    f32::MIN_POSITIVE,
];

impl Number {
    fn bits(self) -> u32 {
        match self {
            Number::Sensible(whole) => (f32::from(whole) / 2.0).to_bits(),
            Number::Small(part) => ((f32::from(part) + 1.0) / 4.0).to_bits(),
            Number::Edge(edge) => EDGES[usize::from(edge) % EDGES.len()].to_bits(),
            Number::Bits(bits) => bits,
        }
    }

    fn value(self) -> f32 {
        f32::from_bits(self.bits())
    }

    /// The same bits, whatever they mean.
    fn of(bits: u32) -> Number {
        Number::Bits(bits)
    }
}

/// What a page may send, field by field.
#[derive(Arbitrary, Clone, Debug)]
pub enum Frame {
    Stroke { head: Head, colour: u32, width: Number, points: Vec<Point> },
    Chat { head: Head, colour: u32, name: Vec<u8>, text: Vec<u8> },
    Note { head: Head, colour: u32, x: Number, y: Number, size: Number, text: Vec<u8> },
    Image { head: Head, x: Number, y: Number, width: Number, height: Number, file: Vec<u8> },
    Clear { head: Head },
    Hide { head: Head, revisions: Vec<u64> },
    Show { head: Head, revisions: Vec<u64> },
    Cursor { author: u64, x: Number, y: Number },
    Here { author: u64, colour: u32, name: Vec<u8> },
    Segment { author: u64, action: u64, colour: u32, width: Number, points: Vec<Point> },
    Hello { version: u8, client: [u8; 16], after: u64, board: Vec<u8> },
    Ask,
}

/// What every action begins with.
#[derive(Arbitrary, Clone, Copy, Debug)]
pub struct Head {
    author: u64,
    revision: u64,
    action: u64,
}

#[derive(Arbitrary, Clone, Copy, Debug)]
pub struct Point(Number, Number, u8);

const SIDE: f32 = 16_384.0;
const ACTION_MAX: usize = 16_364;

impl Frame {
    /// The bytes of it.
    pub fn write(&self) -> Vec<u8> {
        let mut bytes = Bytes(Vec::new());
        match self {
            Frame::Stroke { head, colour, width, points } => {
                bytes.head(1, head).word(*colour).number(*width).points(points)
            }
            Frame::Chat { head, colour, name, text } => {
                // A length is a byte; what is longer says something else.
                bytes.head(2, head).word(*colour).byte(name.len() as u8).all(name).all(text)
            }
            Frame::Note { head, colour, x, y, size, text } => {
                bytes.head(3, head).word(*colour).number(*x).number(*y).number(*size).all(text)
            }
            Frame::Image { head, x, y, width, height, file } => {
                bytes.head(4, head).number(*x).number(*y).number(*width).number(*height).all(file)
            }
            Frame::Clear { head } => bytes.head(5, head),
            Frame::Hide { head, revisions } => bytes.head(6, head).longs(revisions),
            Frame::Show { head, revisions } => bytes.head(7, head).longs(revisions),
            Frame::Cursor { author, x, y } => bytes.byte(16).long(*author).number(*x).number(*y),
            Frame::Here { author, colour, name } => bytes.byte(17).long(*author).word(*colour).all(name),
            Frame::Segment { author, action, colour, width, points } => {
                bytes.byte(18).long(*author).long(*action).word(*colour).number(*width).points(points)
            }
            Frame::Hello { version, client, after, board } => {
                bytes.byte(64).byte(*version).all(client).long(*after).all(board)
            }
            Frame::Ask => bytes.byte(65),
        };
        bytes.0
    }

    /// What these bytes hold, if they have the form of a frame.
    pub fn read(bytes: &[u8]) -> Option<Frame> {
        let (&kind, rest) = bytes.split_first()?;
        let mut rest = Rest(rest);
        let frame = match kind {
            1 => Frame::Stroke {
                head: rest.head()?,
                colour: rest.word()?,
                width: rest.number()?,
                points: rest.points()?,
            },
            2 => {
                let (head, colour) = (rest.head()?, rest.word()?);
                let len = usize::from(rest.byte()?);
                Frame::Chat { head, colour, name: rest.take(len)?.to_vec(), text: rest.all() }
            }
            3 => Frame::Note {
                head: rest.head()?,
                colour: rest.word()?,
                x: rest.number()?,
                y: rest.number()?,
                size: rest.number()?,
                text: rest.all(),
            },
            4 => Frame::Image {
                head: rest.head()?,
                x: rest.number()?,
                y: rest.number()?,
                width: rest.number()?,
                height: rest.number()?,
                file: rest.all(),
            },
            5 => Frame::Clear { head: rest.head()? },
            6 => Frame::Hide { head: rest.head()?, revisions: rest.longs()? },
            7 => Frame::Show { head: rest.head()?, revisions: rest.longs()? },
            16 => Frame::Cursor { author: rest.long()?, x: rest.number()?, y: rest.number()? },
            17 => Frame::Here { author: rest.long()?, colour: rest.word()?, name: rest.all() },
            18 => Frame::Segment {
                author: rest.long()?,
                action: rest.long()?,
                colour: rest.word()?,
                width: rest.number()?,
                points: rest.points()?,
            },
            64 => Frame::Hello {
                version: rest.byte()?,
                client: rest.take(16)?.try_into().ok()?,
                after: rest.long()?,
                board: rest.all(),
            },
            65 => Frame::Ask,
            _ => return None,
        };
        rest.0.is_empty().then_some(frame)
    }

    /// Whether it keeps every bound; of an image all but those of its file.
    pub fn is_within(&self) -> bool {
        let place = |x: &Number, y: &Number| x.value().abs() <= SIDE && y.value().abs() <= SIDE;
        let all_on_board = |points: &[Point]| points.iter().all(|Point(x, y, _)| place(x, y));
        let pen = |colour: u32, width: &Number| colour <= 0xFF_FFFF && width.value() > 0.0 && width.value() <= 200.0;
        let text = |text: &[u8]| (1..=960).contains(&text.len()) && is_plain(text, true);
        let name = |name: &[u8]| name.len() <= 40 && is_plain(name, false);
        match self {
            Frame::Stroke { colour, width, points, .. } => {
                pen(*colour, width) && (1..=1814).contains(&points.len()) && all_on_board(points)
            }
            Frame::Chat { colour, name: who, text: said, .. } => *colour <= 0xFF_FFFF && name(who) && text(said),
            Frame::Note { colour, x, y, size, text: written, .. } => {
                *colour <= 0xFF_FFFF && place(x, y) && (4.0..=400.0).contains(&size.value()) && text(written)
            }
            Frame::Image { x, y, width, height, file, .. } => {
                let side = |side: &Number| side.value() >= f32::MIN_POSITIVE && side.value() <= SIDE;
                place(x, y) && side(width) && side(height) && (1..=ACTION_MAX - 41).contains(&file.len())
            }
            Frame::Clear { .. } | Frame::Ask => true,
            Frame::Hide { revisions, .. } | Frame::Show { revisions, .. } => (1..=1000).contains(&revisions.len()),
            Frame::Cursor { x, y, .. } => place(x, y),
            Frame::Here { colour, name: who, .. } => *colour <= 0xFF_FFFF && name(who),
            Frame::Segment { colour, width, points, .. } => {
                pen(*colour, width) && (1..=25).contains(&points.len()) && all_on_board(points)
            }
            Frame::Hello { version, board, .. } => {
                let letter = |&byte: &u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-');
                *version == 2 && (1..=40).contains(&board.len()) && board[0] != b'-' && board.iter().all(letter)
            }
        }
    }
}

/// No control characters, but ends of lines if it may have several; none that embed, override or isolate a direction.
fn is_plain(text: &[u8], lines: bool) -> bool {
    std::str::from_utf8(text).is_ok_and(|text| {
        text.chars().all(|c| match u32::from(c) {
            10 => lines,
            0..32 | 127..160 | 0x202A..=0x202E | 0x2066..=0x2069 => false,
            _ => true,
        })
    })
}

struct Bytes(Vec<u8>);

impl Bytes {
    fn all(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.extend_from_slice(bytes);
        self
    }

    fn byte(&mut self, byte: u8) -> &mut Self {
        self.all(&[byte])
    }

    fn word(&mut self, word: u32) -> &mut Self {
        self.all(&word.to_le_bytes())
    }

    fn long(&mut self, long: u64) -> &mut Self {
        self.all(&long.to_le_bytes())
    }

    fn longs(&mut self, longs: &[u64]) -> &mut Self {
        longs.iter().fold(self, |bytes, &long| bytes.long(long))
    }

    fn number(&mut self, number: Number) -> &mut Self {
        self.word(number.bits())
    }

    fn head(&mut self, kind: u8, head: &Head) -> &mut Self {
        self.byte(kind).long(head.author).long(head.revision).long(head.action)
    }

    fn points(&mut self, points: &[Point]) -> &mut Self {
        points.iter().fold(self, |bytes, &Point(x, y, pressure)| bytes.number(x).number(y).byte(pressure))
    }
}

struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn take(&mut self, len: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(taken)
    }

    fn all(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.0).to_vec()
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1).map(|byte| byte[0])
    }

    fn word(&mut self) -> Option<u32> {
        Some(u32::from_le_bytes(self.take(4)?.try_into().ok()?))
    }

    fn long(&mut self) -> Option<u64> {
        Some(u64::from_le_bytes(self.take(8)?.try_into().ok()?))
    }

    fn number(&mut self) -> Option<Number> {
        self.word().map(Number::of)
    }

    fn head(&mut self) -> Option<Head> {
        Some(Head { author: self.long()?, revision: self.long()?, action: self.long()? })
    }

    fn longs(&mut self) -> Option<Vec<u64>> {
        let mut longs = Vec::new();
        while !self.0.is_empty() {
            longs.push(self.long()?);
        }
        Some(longs)
    }

    fn points(&mut self) -> Option<Vec<Point>> {
        let mut points = Vec::new();
        while !self.0.is_empty() {
            points.push(Point(self.number()?, self.number()?, self.byte()?));
        }
        Some(points)
    }
}
