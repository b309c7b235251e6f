//! Where two recordings differ.

use crate::{Entry, Missing, ReadError, Recording, Why};

/// The first sequence at which two recordings differ, and what each has there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The sequence.
    pub sequence: u64,
    /// What the first recording has there.
    pub first: Content,
    /// What the second recording has there.
    pub second: Content,
}

/// What a recording has at a sequence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// An event.
    Event {
        /// Its type.
        event_type: u32,
        /// Its bytes.
        data: Vec<u8>,
    },
    /// No event.
    Missing(Why),
    /// Nothing: the recording begins later, or has ended.
    Outside,
}

/// Sequences of a recording that have the same content.
struct Span {
    from: u64,
    to: u64,
    content: Content,
}

/// Reads both recordings, and returns the first sequence at which they differ: in an event's type or bytes, in what is missing, or because one begins
/// or ends where the other does not. Times are not compared. None, if they are the same.
///
/// # Errors
///
/// What is wrong with one of them, once it is met.
pub fn compare(first: &mut Recording, second: &mut Recording) -> Result<Option<Difference>, ReadError> {
    let begins = [first.origin().first, second.origin().first];
    let (mut left, mut right) = (span(first)?, span(second)?);
    if begins[0] != begins[1] {
        let sequence = begins[0].min(begins[1]);
        return Ok(Some(Difference {
            sequence,
            first: content_at(&left, sequence),
            second: content_at(&right, sequence),
        }));
    }
    loop {
        let from = match (&left, &right) {
            (None, None) => return Ok(None),
            (Some(span), None) | (None, Some(span)) => span.from,
            (Some(left), Some(right)) => left.from.min(right.from),
        };
        let (in_first, in_second) = (content_at(&left, from), content_at(&right, from));
        if in_first != in_second {
            return Ok(Some(Difference { sequence: from, first: in_first, second: in_second }));
        }
        // Both are there, for one is.
        let to = [&left, &right].into_iter().flatten().map(|span| span.to).min().unwrap_or(from);
        for (span_now, recording) in [(&mut left, &mut *first), (&mut right, &mut *second)] {
            match span_now {
                Some(span) if span.to > to => span.from = to,
                _ => *span_now = span(recording)?,
            }
        }
    }
}

/// What begins at a sequence.
fn content_at(span: &Option<Span>, sequence: u64) -> Content {
    match span {
        Some(span) if span.from == sequence => span.content.clone(),
        _ => Content::Outside,
    }
}

fn span(recording: &mut Recording) -> Result<Option<Span>, ReadError> {
    Ok(recording.read()?.map(|entry| match entry {
        Entry::Event(event) => Span {
            from: event.sequence,
            to: event.sequence + 1,
            content: Content::Event { event_type: event.event_type, data: event.data.to_vec() },
        },
        Entry::Missing(Missing { from, to, why, .. }) => Span { from, to, content: Content::Missing(why) },
    }))
}
