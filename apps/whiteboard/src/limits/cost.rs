//! What a page's frame costs the server, and the pages that receive it.

use crate::limits::budget::Sent;
use crate::protocol::{self, Kind};

/// The number of hidden or shown objects that cost as much as a frame.
const TARGETS: usize = 50;
/// The cost of someone's name, as bytes of a moment: all other pages write it anew, and some announce it.
const HERE: u32 = 1024;

/// The cost of a frame of this kind, which has passed [`decode`](protocol::decode()).
pub(crate) fn of(kind: Kind, frame: &[u8]) -> Sent {
    match kind {
        Kind::Hide | Kind::Show => Sent::Action { cost: 1 + (protocol::targets(frame).count() / TARGETS) as u32 },
        Kind::Here => Sent::Moment { bytes: HERE },
        kind if kind.is_action() => Sent::Action { cost: 1 },
        _ => Sent::Moment { bytes: frame.len() as u32 },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_names_many_objects_or_carries_many_points_costs_more() {
        let hide = |targets: usize| of(Kind::Hide, &vec![Kind::Hide as u8; 25 + 8 * targets]);
        assert_eq!([1, 49, 50, 1000].map(hide), [1, 1, 2, 21].map(|cost| Sent::Action { cost }));
        assert_eq!(of(Kind::Stroke, &[1; 16_000]), Sent::Action { cost: 1 }, "by its bytes, where they are read");
        assert_eq!(of(Kind::Segment, &[18; 250]), Sent::Moment { bytes: 250 });
        assert_eq!(of(Kind::Here, &[17; 13]), Sent::Moment { bytes: 1024 });
    }
}
