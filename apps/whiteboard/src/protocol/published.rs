//! Checks again what lies in the rings and in the store, where others rely on it.

use std::fmt;

use super::{FromPage, Kind, Malformed, Posted, REVISION_MAX, at, decode, refusal, revision};

/// The rule that a board event broke which the server itself published.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub(crate) enum Unsound {
    /// The event type is no kind.
    UnknownKind(u32),
    /// The event type is one kind and the frame another.
    OtherKind,
    /// The frame breaks a rule of the wire.
    Malformed(Malformed),
    /// An action that no page may send.
    Refused(String),
    /// Too short to name its board, or, for an action, its client, revision and id.
    Short(usize),
    /// An action without a place in the order, or with an impossible one.
    NoRevision(u64),
}

impl fmt::Display for Unsound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unsound::UnknownKind(number) => write!(f, "event type {number} is no kind"),
            Unsound::OtherKind => write!(f, "the frame is of another kind than its event"),
            Unsound::Malformed(malformed) => malformed.fmt(f),
            Unsound::Refused(reason) => reason.fmt(f),
            Unsound::Short(len) => {
                write!(f, "{len} bytes, too few for a board, or for an action's client, revision and id")
            }
            Unsound::NoRevision(revision) => write!(f, "an action with the revision {revision}, which there is not"),
        }
    }
}

impl std::error::Error for Unsound {}

/// Checks an event as it lies in a ring: its type, its frame, and for an action its revision.
pub(crate) fn check_published(event_type: u32, payload: &[u8]) -> Result<(), Unsound> {
    let kind = Kind::of(event_type).ok_or(Unsound::UnknownKind(event_type))?;
    let frame = Posted::split(kind, payload).ok_or(Unsound::Short(payload.len()))?.frame;
    let found = match kind {
        // Only the server says so; pages may not.
        Kind::Left if frame.first() != Some(&(Kind::Left as u8)) => return Err(Unsound::OtherKind),
        Kind::Left if frame.len() != at::AUTHOR.end => return Err(Unsound::Malformed(Malformed::Length(frame.len()))),
        Kind::Left => Kind::Left,
        _ if kind.is_action() => check_action(frame)?,
        _ => match decode(frame).map_err(Unsound::Malformed)? {
            FromPage::Moment(found) => found,
            FromPage::Action { .. } | FromPage::Hello(_) | FromPage::Ask => return Err(Unsound::OtherKind),
        },
    };
    if found == kind { Ok(()) } else { Err(Unsound::OtherKind) }
}

/// Checks the frame of an action, as the rings and the store have it; returns its kind.
pub(crate) fn check_action(frame: &[u8]) -> Result<Kind, Unsound> {
    let kind = match decode(frame).map_err(Unsound::Malformed)? {
        FromPage::Action { kind, .. } => kind,
        FromPage::Moment(_) | FromPage::Hello(_) | FromPage::Ask => return Err(Unsound::OtherKind),
    };
    match refusal(kind, frame) {
        Some(reason) => Err(Unsound::Refused(reason)),
        None if !(1..=REVISION_MAX).contains(&revision(frame)) => Err(Unsound::NoRevision(revision(frame))),
        None => Ok(kind),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{BoardId, CHAT_HEAD, ClientId, SEGMENT_HEAD, STROKE_HEAD, left, set_revision, tests::vector};

    const STROKE: u32 = Kind::Stroke as u32;
    const CHAT: u32 = Kind::Chat as u32;
    const BOARD: BoardId = BoardId::new(3);
    const ACTIONS: [&str; 7] = ["stroke", "chat", "note", "image", "clear", "hide", "show"];
    const MOMENTS: [&str; 4] = ["cursor", "here", "segment", "left"];

    /// A ring's payload of an action; `change` alters its frame.
    fn action(name: &str, change: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
        let mut frame = vector(name);
        set_revision(&mut frame, 5);
        change(&mut frame);
        Posted::action(frame, ClientId::new([7; ClientId::LEN]), BOARD)
    }

    fn moment(frame: &[u8]) -> Vec<u8> {
        Posted::moment(frame.to_vec(), BOARD)
    }

    #[test]
    fn what_the_server_publishes_is_sound() {
        for name in ACTIONS {
            let payload = action(name, |_| {});
            assert_eq!(check_published(u32::from(payload[0]), &payload), Ok(()), "{name}");
        }
        for name in MOMENTS {
            let payload = moment(&vector(name));
            assert_eq!(check_published(u32::from(payload[0]), &payload), Ok(()), "{name}");
        }
    }

    #[test]
    fn each_rule_is_named_when_it_is_broken() {
        let malformed = |rule| Err(Unsound::Malformed(rule));
        let refused = |reason: &str| Err(Unsound::Refused(reason.into()));
        let coordinate = |frame: &mut Vec<u8>| frame[STROKE_HEAD..][..4].copy_from_slice(&f32::NAN.to_le_bytes());
        let kind = |number: u8| move |frame: &mut Vec<u8>| frame[0] = number;
        let long = |frame: &mut Vec<u8>| frame.resize(CHAT_HEAD + 4 + 961, b'x');
        let cases = [
            (99, moment(&vector("cursor")), Err(Unsound::UnknownKind(99))),
            (STROKE, vec![1; 44], Err(Unsound::Short(44))),
            (STROKE, action("stroke", |frame| set_revision(frame, 0)), Err(Unsound::NoRevision(0))),
            (STROKE, action("stroke", |frame| set_revision(frame, REVISION_MAX)), Ok(())),
            (STROKE, action("stroke", |frame| set_revision(frame, 1 << 52)), Err(Unsound::NoRevision(1 << 52))),
            (STROKE, action("stroke", |frame| set_revision(frame, u64::MAX)), Err(Unsound::NoRevision(u64::MAX))),
            (STROKE, action("stroke", coordinate), malformed(Malformed::Coordinate)),
            (STROKE, action("stroke", |frame| frame.truncate(STROKE_HEAD)), malformed(Malformed::Points(0))),
            (STROKE, action("chat", |_| {}), Err(Unsound::OtherKind)),
            (STROKE, action("stroke", kind(200)), malformed(Malformed::UnknownKind(200))),
            (CHAT, action("chat", long), refused("a text of 961 bytes; at most 960")),
            (Kind::Cursor as u32, vec![0; 3], Err(Unsound::Short(3))),
            (Kind::Cursor as u32, moment(&vector("here")), Err(Unsound::OtherKind)),
            (Kind::Cursor as u32, moment(&vector("stroke")), Err(Unsound::OtherKind)),
            (Kind::Segment as u32, moment(&vector("segment")[..SEGMENT_HEAD]), malformed(Malformed::Points(0))),
            (Kind::Left as u32, moment(&vector("here")), Err(Unsound::OtherKind)),
            (Kind::Left as u32, moment(&left(1)[..8]), malformed(Malformed::Length(8))),
            (Kind::Left as u32, moment(&[]), Err(Unsound::OtherKind)),
        ];
        for (number, payload, verdict) in cases {
            assert_eq!(check_published(number, &payload), verdict, "{payload:?}");
        }
    }

    #[test]
    fn every_truncation_is_judged_without_a_panic() {
        let actions = ACTIONS.map(|name| action(name, |_| {}));
        for payload in actions.into_iter().chain(MOMENTS.map(|name| moment(&vector(name)))) {
            for len in 0..payload.len() {
                for kind in Kind::ALL {
                    let _ = check_published(kind as u32, &payload[..len]);
                }
            }
        }
    }
}
