//! A span's context, which travels at the front of an event.

use core::{error::Error, fmt, str::FromStr};

/// What a trace calls a span everywhere: W3C's trace-id, span-id and flags, as the 25 bytes in which they travel with an event.
///
/// The library neither reads nor writes it. A program that traces puts it at the front of its events, so everybody who has the event has
/// it: stages, [`Subscriber`](crate::Subscriber)s, journals, and other processes and languages. A program that does not trace has smaller events and
/// nothing else.
///
/// In an event of bytes it is the first 25:
///
/// ```
/// use rusted_ring::{Consumer, HeapRing, Publisher, SpanContext, Start};
///
/// let ring = HeapRing::<64>::new(64);
/// let mut stage = Consumer::join(ring.clone(), Start::Oldest)?;
/// let publisher = Publisher::join(ring)?;
///
/// let span: SpanContext = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".parse()?;
/// let mut claim = publisher.claim();
/// claim.append(&span.to_bytes())?;
/// claim.append(b"a stroke")?;
/// claim.publish(1)?;
///
/// let event = stage.recv()?;
/// let (parent, stroke) = SpanContext::split(&event).expect("each event begins with one");
/// assert_eq!((parent, stroke), (span, &b"a stroke"[..]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// In a value it is a field. With the feature `derive` it is plain data, which a [`Value`](crate::Value) may hold; it has the alignment of a byte:
///
#[cfg_attr(feature = "derive", doc = "```")]
#[cfg_attr(not(feature = "derive"), doc = "```ignore")]
/// use rusted_ring::{SpanContext, bytemuck::{AnyBitPattern, NoUninit}};
///
/// #[derive(Clone, Copy, AnyBitPattern, NoUninit)]
/// #[bytemuck(crate = "rusted_ring::bytemuck")]
/// #[repr(C)]
/// struct Order {
///     id: u64,
///     price: u32,
///     amount: u16,
///     side: u8,
///     span: SpanContext,      // 15 + 25 bytes: no padding
/// }
/// ```
///
/// # From stage to stage
///
/// Who receives an event begins a span whose parent is the event's. If the parent is to be the span of the stage before, that stage
/// notes the eight bytes of its span-id beside the event, in an [atomic integer](crate::Notes), and the next makes the context of the event's trace and
/// that [span](Self::with_span_id). The example `spans` of `rusted-ring-metrics` does both, with OpenTelemetry.
///
/// A note keeps what was noted a lap ago until somebody writes it, and the next stage receives an event at which this one failed, unless the policy is to
/// halt the graph. So the stage notes 0 before anything else, and the next one takes the event's own span where the note is 0. A handler that
/// fails or panics before it has noted 0 leaves the span of another event: let nothing precede that line.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "derive", derive(bytemuck::Pod, bytemuck::Zeroable))]
#[repr(C)]
pub struct SpanContext {
    trace_id: [u8; 16],
    span_id: [u8; 8],
    flags: u8,
}

impl SpanContext {
    /// The bytes of a context.
    pub const LEN: usize = 25;
    /// The context of an event that belongs to no span: all zero. It is not [valid](Self::is_valid).
    pub const NONE: Self = Self::new([0; 16], [0; 8], 0);

    const SAMPLED: u8 = 1;
    /// What the flags of `traceparent` can say: sampled, and a random trace-id. Other bits have no meaning, and must go out as 0.
    const KNOWN: u8 = 3;

    /// The context of these ids and flags.
    pub const fn new(trace_id: [u8; 16], span_id: [u8; 8], flags: u8) -> Self {
        SpanContext { trace_id, span_id, flags }
    }

    /// The context of another span of the same trace, with the same flags.
    pub const fn with_span_id(self, span_id: [u8; 8]) -> Self {
        SpanContext { span_id, ..self }
    }

    /// The context in these bytes: trace-id, span-id, flags. Any bytes are one; whether it names a span, [`is_valid`](Self::is_valid) says.
    pub fn from_bytes(bytes: &[u8; Self::LEN]) -> Self {
        let (mut trace_id, mut span_id) = ([0; 16], [0; 8]);
        trace_id.copy_from_slice(&bytes[..16]);
        span_id.copy_from_slice(&bytes[16..24]);
        SpanContext { trace_id, span_id, flags: bytes[24] }
    }

    /// The bytes of the context.
    pub fn to_bytes(self) -> [u8; Self::LEN] {
        let mut bytes = [0; Self::LEN];
        bytes[..16].copy_from_slice(&self.trace_id);
        bytes[16..24].copy_from_slice(&self.span_id);
        bytes[24] = self.flags;
        bytes
    }

    /// Splits an event of bytes into the context at its front and what follows. Returns none if the event is shorter than a context.
    pub fn split(event: &[u8]) -> Option<(Self, &[u8])> {
        let (context, rest) = event.split_first_chunk()?;
        Some((Self::from_bytes(context), rest))
    }

    /// The trace.
    pub const fn trace_id(&self) -> [u8; 16] {
        self.trace_id
    }

    /// The span.
    pub const fn span_id(&self) -> [u8; 8] {
        self.span_id
    }

    /// The flags, as they came.
    pub const fn flags(&self) -> u8 {
        self.flags
    }

    /// Whether the trace is recorded.
    pub const fn is_sampled(&self) -> bool {
        self.flags & Self::SAMPLED != 0
    }

    /// Whether it names a span: neither id is zero.
    pub fn is_valid(&self) -> bool {
        self.trace_id != [0; 16] && self.span_id != [0; 8]
    }
}

impl fmt::Debug for SpanContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let trace_id = u128::from_be_bytes(self.trace_id);
        let span_id = u64::from_be_bytes(self.span_id);
        f.debug_struct("SpanContext")
            .field("trace_id", &format_args!("{trace_id:032x}"))
            .field("span_id", &format_args!("{span_id:016x}"))
            .field("flags", &format_args!("{:02x}", self.flags))
            .finish()
    }
}

/// The value of a `traceparent` header, version 00, such as `00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01`. Flags that this version does not
/// know are written as 0, as it demands.
///
/// A context that is not [valid](SpanContext::is_valid) has no such value: what is written then, nobody parses.
impl fmt::Display for SpanContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let trace_id = u128::from_be_bytes(self.trace_id);
        let span_id = u64::from_be_bytes(self.span_id);
        write!(f, "00-{trace_id:032x}-{span_id:016x}-{:02x}", self.flags & Self::KNOWN)
    }
}

/// Parses the value of a `traceparent` header, of this version or a later one. Of a later one's flags it takes whether the trace is sampled, and nothing
/// else. Allocates nothing.
impl FromStr for SpanContext {
    type Err = ParseSpanContextError;

    fn from_str(text: &str) -> Result<Self, ParseSpanContextError> {
        parse(text.as_bytes()).filter(Self::is_valid).ok_or(ParseSpanContextError(()))
    }
}

fn parse(text: &[u8]) -> Option<SpanContext> {
    // A later version may have more behind a dash.
    let (known, later) = text.split_first_chunk::<55>()?;
    let [version] = hex(&known[..2])?;
    let is_whole = match version {
        0 => later.is_empty(),
        0xff => false,
        _ => later.first().is_none_or(|next| *next == b'-'),
    };
    let has_dashes = [2, 35, 52].iter().all(|at| known[*at] == b'-');
    let [flags] = hex(&known[53..])?;
    // What a later version's other flags mean is not known.
    let flags = if version == 0 { flags } else { flags & SpanContext::SAMPLED };
    let context = SpanContext::new(hex(&known[3..35])?, hex(&known[36..52])?, flags);
    (is_whole && has_dashes).then_some(context)
}

/// The bytes of lower-case hexadecimal digits; none, if there are others, or not two for each byte.
fn hex<const N: usize>(digits: &[u8]) -> Option<[u8; N]> {
    let digit = |digit: u8| match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    };
    let mut bytes = [0; N];
    if digits.len() != 2 * N {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(bytes)
}

/// The text is no value of a `traceparent` header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParseSpanContextError(());

impl fmt::Display for ParseSpanContextError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "no traceparent: expected a version other than ff, 32 digits of a trace-id, 16 of a span-id and 2 of flags, with dashes between them, as lower-case \
             hexadecimal digits, and neither id all zero; begin a new trace instead",
        )
    }
}

impl Error for ParseSpanContextError {}

#[cfg(test)]
mod tests {
    use std::string::{String, ToString};

    use super::SpanContext;

    const TEXT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    fn context() -> SpanContext {
        let trace_id = 0x4bf92f3577b34da6a3ce929d0e0e4736_u128.to_be_bytes();
        SpanContext::new(trace_id, 0x00f067aa0ba902b7_u64.to_be_bytes(), 1)
    }

    #[test]
    fn a_traceparent_is_parsed_and_written() {
        assert_eq!(TEXT.parse(), Ok(context()));
        assert_eq!(context().to_string(), TEXT);
        assert!(context().is_valid() && context().is_sampled());
        assert!(!TEXT.replace("-01", "-02").parse::<SpanContext>().unwrap().is_sampled());
    }

    #[test]
    fn flags_that_nobody_knows_are_kept_and_not_passed_on() {
        let unknown: SpanContext = TEXT.replace("-01", "-ff").parse().unwrap();
        assert_eq!(unknown.flags(), 0xff);
        assert_eq!(unknown.to_string(), TEXT.replace("-01", "-03"));
    }

    #[test]
    fn a_later_version_may_have_more() {
        for end in ["", "-", "-what comes then"] {
            let later = String::from(&TEXT.replace("00-4b", "cc-4b")) + end;
            assert_eq!(later.parse(), Ok(context()), "{later}");
        }
    }

    #[test]
    fn of_a_later_versions_flags_only_sampled_is_taken() {
        for (flags, taken) in [("01", 1), ("00", 0), ("02", 0), ("ff", 1)] {
            let later = TEXT.replace("00-4b", "cc-4b").replace("-01", &["-", flags].concat());
            assert_eq!(later.parse::<SpanContext>().unwrap().flags(), taken, "{later}");
        }
    }

    #[test]
    fn it_is_shown_in_hexadecimal_digits_whatever_it_holds() {
        let shown = "SpanContext { trace_id: 4bf92f3577b34da6a3ce929d0e0e4736, span_id: 00f067aa0ba902b7, flags: 01 }";
        assert_eq!(std::format!("{:?}", context()), shown);
        let unknown = SpanContext::new([0; 16], [0; 8], 0xfe);
        assert!(std::format!("{unknown:?}").ends_with("span_id: 0000000000000000, flags: fe }"), "{unknown:?}");
    }

    #[test]
    fn what_is_no_traceparent_is_refused() {
        let replaced = |from: &str, to: &str| TEXT.replacen(from, to, 1);
        let texts = [
            String::new(),
            TEXT[..54].to_string(),
            String::from(TEXT) + "-",
            String::from(TEXT) + " ",
            replaced("00-4b", "ff-4b"),
            replaced("00-4b", "cc-4b") + "x",
            replaced("00-4b", "0g-4b"),
            replaced("4bf9", "4BF9"),
            replaced("4bf9", "+bf9"),
            replaced("-00f0", "000f0"),
            replaced("-01", "001"),
            replaced("00-", "000"),
            replaced("4bf92f3577b34da6a3ce929d0e0e4736", &"0".repeat(32)),
            replaced("00f067aa0ba902b7", &"0".repeat(16)),
            replaced("4bf9", "é\u{e9}"),
        ];
        for text in texts {
            assert!(text.parse::<SpanContext>().is_err(), "{text}");
        }
    }

    #[test]
    fn its_bytes_are_the_ids_and_the_flags() {
        let bytes = context().to_bytes();
        assert_eq!((&bytes[..16], &bytes[16..24], bytes[24]), (&context().trace_id()[..], &context().span_id()[..], 1));
        assert_eq!(SpanContext::from_bytes(&bytes), context());
        let event = [&bytes[..], b"rest"].concat();
        assert_eq!(SpanContext::split(&event), Some((context(), &b"rest"[..])));
        assert_eq!(SpanContext::split(&event[..24]), None);
        assert_eq!(SpanContext::split(&event[..25]), Some((context(), &b""[..])));
    }

    #[test]
    fn it_lies_anywhere_and_zero_is_none() {
        assert_eq!((size_of::<SpanContext>(), align_of::<SpanContext>()), (SpanContext::LEN, 1));
        assert_eq!(SpanContext::from_bytes(&[0; 25]), SpanContext::NONE);
        assert!(!SpanContext::NONE.is_valid() && SpanContext::NONE.to_string().parse::<SpanContext>().is_err());
        assert!(!context().with_span_id([0; 8]).is_valid());
        assert_eq!(context().with_span_id([7; 8]).trace_id(), context().trace_id());
    }
}
