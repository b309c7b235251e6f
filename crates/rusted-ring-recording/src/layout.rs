//! How an event lies in a message: as a message of ROS 1 does, whose schema says so.
//!
//! MCAP's own sequence has 32 bits, and a ring's 64, so that the whole one is a field of the message. ROS 1 packs its fields in order, with the little
//! end first and no gaps, and an array of no fixed length has its length before it, in 32 bits.

use crate::{Origin, chunk::LONGEST as LONGEST_CHUNK};

/// Bytes of the sequence and the type.
const HEAD: usize = 8 + 4;
/// Bytes of an event, at most, whatever its ring's are: it must fit a chunk with all that is in it before.
const LONGEST: usize = LONGEST_CHUNK / 2;

/// How a ring's events lie in messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layout {
    /// So many bytes, at most, with their length before them.
    Bytes(usize),
    /// A value of exactly so many bytes.
    Value(usize),
}

impl Layout {
    pub(crate) fn of(origin: &Origin) -> Self {
        let bytes = origin.event_bytes.min(LONGEST as u64) as usize;
        if origin.typed { Layout::Value(bytes) } else { Layout::Bytes(bytes) }
    }

    /// Whether an event may have so many bytes.
    pub(crate) fn holds(self, bytes: usize) -> bool {
        match self {
            Layout::Bytes(most) => bytes <= most,
            Layout::Value(exactly) => bytes == exactly,
        }
    }

    /// Appends to `message` an event's.
    pub(crate) fn encode(self, message: &mut Vec<u8>, sequence: u64, event_type: u32, data: &[u8]) {
        message.extend_from_slice(&sequence.to_le_bytes());
        message.extend_from_slice(&event_type.to_le_bytes());
        if matches!(self, Layout::Bytes(_)) {
            message.extend_from_slice(&(data.len() as u32).to_le_bytes());
        }
        message.extend_from_slice(data);
    }

    /// The sequence, type and data in `message`; none, if there is anything else.
    pub(crate) fn decode(self, message: &[u8]) -> Option<(u64, u32, &[u8])> {
        let (head, rest) = message.split_first_chunk::<HEAD>()?;
        let sequence = u64::from_le_bytes(*head.first_chunk()?);
        let event_type = u32::from_le_bytes(*head.last_chunk()?);
        let data = match self {
            Layout::Value(_) => rest,
            Layout::Bytes(_) => {
                let (length, data) = rest.split_first_chunk()?;
                (data.len() == u32::from_le_bytes(*length) as usize).then_some(data)?
            }
        };
        self.holds(data.len()).then_some((sequence, event_type, data))
    }
}

/// The schema of a ring's events, in the language of ROS 1, and its name.
pub(crate) fn schema(origin: &Origin) -> (&'static str, String) {
    let head = "uint64 sequence\nuint32 type\n";
    if !origin.typed {
        return ("rusted_ring/Event", format!("{head}uint8[] data\n"));
    }
    let (field, count) = field(&origin.event, origin.event_bytes).unwrap_or(("uint8", Some(origin.event_bytes)));
    let count = count.map(|count| format!("[{count}]")).unwrap_or_default();
    ("rusted_ring/Value", format!("{head}{field}{count} value\n"))
}

/// The ROS type of values of the type `name`, which have so many bytes, and how many of them an array has; none, if it is neither a number nor an array
/// of numbers.
fn field(name: &str, bytes: u64) -> Option<(&'static str, Option<u64>)> {
    if cfg!(target_endian = "big") {
        return None;
    }
    let (mut element, mut count) = (name.trim(), None);
    while let Some(array) = element.strip_prefix('[').and_then(|array| array.strip_suffix(']')) {
        let (inner, length) = array.rsplit_once(';')?;
        count = Some(count.unwrap_or(1u64).checked_mul(length.trim().parse().ok()?)?);
        element = inner.trim();
    }
    let (field, size) = match element {
        "u8" => ("uint8", 1),
        "i8" => ("int8", 1),
        "u16" => ("uint16", 2),
        "i16" => ("int16", 2),
        "u32" => ("uint32", 4),
        "i32" => ("int32", 4),
        "f32" => ("float32", 4),
        "u64" => ("uint64", 8),
        "i64" => ("int64", 8),
        "f64" => ("float64", 8),
        _ => return None,
    };
    (count.unwrap_or(1).checked_mul(size) == Some(bytes)).then_some((field, count))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::origin::tests::origin;

    #[test]
    fn a_message_is_read_as_it_was_written_and_nothing_else_is() {
        for (layout, longer) in [(Layout::Bytes(5), Layout::Bytes(4)), (Layout::Value(5), Layout::Value(4))] {
            let mut message = Vec::new();
            layout.encode(&mut message, u64::MAX - 1, 7, b"event");
            assert_eq!(layout.decode(&message), Some((u64::MAX - 1, 7, &b"event"[..])));
            assert_eq!(longer.decode(&message), None);
            for end in 0..message.len() {
                assert_eq!(layout.decode(&message[..end]), None, "{layout:?} {end}");
            }
            message.push(0);
            assert_eq!(layout.decode(&message), None);
        }
    }

    #[test]
    fn numbers_and_arrays_of_numbers_have_names_in_the_schema_and_all_else_is_bytes() {
        let text = |event: &str, event_bytes| {
            let origin = Origin { typed: true, event: event.to_owned(), event_bytes, ..origin() };
            schema(&origin).1.lines().last().unwrap().to_owned()
        };
        assert_eq!(schema(&origin()), ("rusted_ring/Event", "uint64 sequence\nuint32 type\nuint8[] data\n".to_owned()));
        assert_eq!(text("f64", 8), "float64 value");
        assert_eq!(text("[u32; 2]", 8), "uint32[2] value");
        assert_eq!(text("[[f32; 3]; 2]", 24), "float32[6] value");
        // The path of a type says nothing of its fields, and a forged one nothing of its size.
        assert_eq!(text("strokes::Point", 24), "uint8[24] value");
        assert_eq!(text("[u32; 2]", 12), "uint8[12] value");
        assert_eq!(text("[u32; 18446744073709551615]", 12), "uint8[12] value");
        assert_eq!(text("[[u32; 4294967296]; 4294967296]", 12), "uint8[12] value");
    }
}
