//! What lies in the rings and in the store, checked again where others rely on it.

use std::fmt;

use super::{CHAT_HEAD, ClientId, FromPage, Kind, Malformed, TEXT_MAX, at, decode, revision, u64_at};

/// The rule that a board event breaks which the server itself published.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub(crate) enum Unsound {
    /// The event type is no kind.
    UnknownKind(u32),
    /// The event type is one kind and the frame another.
    OtherKind,
    /// The frame breaks a rule of the wire.
    Malformed(Malformed),
    /// A chat text longer than one may be.
    LongText(usize),
    /// An action that names no client.
    NoClient,
    /// An action without a place in the order.
    NoRevision,
}

impl fmt::Display for Unsound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unsound::UnknownKind(number) => write!(f, "event type {number} is no kind"),
            Unsound::OtherKind => write!(f, "the frame is of another kind than its event"),
            Unsound::Malformed(malformed) => malformed.fmt(f),
            Unsound::LongText(len) => write!(f, "a text of {len} bytes; at most {TEXT_MAX}"),
            Unsound::NoClient => write!(f, "an action without a client"),
            Unsound::NoRevision => write!(f, "an action without a revision"),
        }
    }
}

impl std::error::Error for Unsound {}

/// Checks an event as it lies in a ring: its type, its frame, and of an action its revision and its client.
pub(crate) fn check_published(event_type: u32, payload: &[u8]) -> Result<(), Unsound> {
    let kind = Kind::of(event_type).ok_or(Unsound::UnknownKind(event_type))?;
    let found = match kind {
        Kind::Stroke | Kind::Chat => check_action(ClientId::split_from(payload).ok_or(Unsound::NoClient)?.0)?,
        // Only the server says so, and pages may not.
        Kind::Left if payload.first() != Some(&(Kind::Left as u8)) => return Err(Unsound::OtherKind),
        Kind::Left if payload.len() != at::AUTHOR.end => {
            return Err(Unsound::Malformed(Malformed::Length(payload.len())));
        }
        Kind::Left => Kind::Left,
        Kind::Cursor | Kind::Heartbeat | Kind::Segment => match decode(payload).map_err(Unsound::Malformed)? {
            FromPage::Moment(found) => found,
            FromPage::Action { .. } | FromPage::Hello(_) => return Err(Unsound::OtherKind),
        },
    };
    if found == kind { Ok(()) } else { Err(Unsound::OtherKind) }
}

/// Checks the frame of an action, as the rings and the store have it; its kind.
pub(crate) fn check_action(frame: &[u8]) -> Result<Kind, Unsound> {
    let kind = match decode(frame).map_err(Unsound::Malformed)? {
        FromPage::Action { kind, .. } => kind,
        FromPage::Moment(_) | FromPage::Hello(_) => return Err(Unsound::OtherKind),
    };
    if kind == Kind::Chat && frame.len() > CHAT_HEAD + TEXT_MAX {
        return Err(Unsound::LongText(frame.len() - CHAT_HEAD));
    }
    if revision(frame) == 0 { Err(Unsound::NoRevision) } else { Ok(kind) }
}

/// The revision of an action that may be unsound, if its frame is long enough to have one.
pub(crate) fn revision_if_any(frame: &[u8]) -> Option<u64> {
    (frame.len() >= at::REVISION.end).then(|| u64_at(frame, at::REVISION))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{SEGMENT_HEAD, STROKE_HEAD, left, set_revision, tests::vector};

    const STROKE: u32 = Kind::Stroke as u32;
    const CHAT: u32 = Kind::Chat as u32;

    /// A ring's payload of an action: `change` is made to its frame.
    fn action(name: &str, change: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
        let mut frame = vector(name);
        set_revision(&mut frame, 5);
        change(&mut frame);
        frame.extend_from_slice(&[7; ClientId::LEN]);
        frame
    }

    #[test]
    fn what_the_server_publishes_is_sound() {
        for name in ["stroke", "chat"] {
            let payload = action(name, |_| {});
            assert_eq!(check_published(u32::from(payload[0]), &payload), Ok(()));
        }
        for name in ["cursor", "heartbeat", "segment", "left"] {
            let frame = vector(name);
            assert_eq!(check_published(u32::from(frame[0]), &frame), Ok(()));
        }
    }

    #[test]
    fn each_rule_is_named_when_it_is_broken() {
        let malformed = |rule| Err(Unsound::Malformed(rule));
        let coordinate = |frame: &mut Vec<u8>| frame[STROKE_HEAD..][..4].copy_from_slice(&f32::NAN.to_le_bytes());
        let kind = |number: u8| move |frame: &mut Vec<u8>| frame[0] = number;
        let cases = [
            (99, vector("cursor"), Err(Unsound::UnknownKind(99))),
            (STROKE, vec![1; ClientId::LEN - 1], Err(Unsound::NoClient)),
            (STROKE, vec![1; ClientId::LEN], malformed(Malformed::Empty)),
            (STROKE, action("stroke", |frame| set_revision(frame, 0)), Err(Unsound::NoRevision)),
            (STROKE, action("stroke", coordinate), malformed(Malformed::Coordinate)),
            (STROKE, action("stroke", |frame| frame.truncate(STROKE_HEAD)), malformed(Malformed::Points(0))),
            (STROKE, action("chat", |_| {}), Err(Unsound::OtherKind)),
            (STROKE, action("stroke", kind(200)), malformed(Malformed::UnknownKind(200))),
            (CHAT, action("chat", |frame| frame.resize(CHAT_HEAD + TEXT_MAX + 1, b'x')), Err(Unsound::LongText(961))),
            (Kind::Cursor as u32, vector("heartbeat"), Err(Unsound::OtherKind)),
            (Kind::Cursor as u32, vector("stroke"), Err(Unsound::OtherKind)),
            (Kind::Segment as u32, vector("segment")[..SEGMENT_HEAD].to_vec(), malformed(Malformed::Points(0))),
            (Kind::Left as u32, vector("heartbeat"), Err(Unsound::OtherKind)),
            (Kind::Left as u32, left(1)[..8].to_vec(), malformed(Malformed::Length(8))),
            (Kind::Left as u32, vec![], Err(Unsound::OtherKind)),
        ];
        for (number, payload, verdict) in cases {
            assert_eq!(check_published(number, &payload), verdict, "{payload:?}");
        }
    }

    #[test]
    fn every_truncation_is_judged_without_a_panic() {
        for payload in [action("stroke", |_| {}), action("chat", |_| {}), vector("segment"), left(1)] {
            for len in 0..payload.len() {
                for kind in Kind::ALL {
                    let _ = check_published(kind as u32, &payload[..len]);
                }
                assert_eq!(revision_if_any(&payload[..len]).is_some(), len >= 17);
            }
        }
    }
}
