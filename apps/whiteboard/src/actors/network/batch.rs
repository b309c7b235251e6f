//! One message for all connections of a board, put together once.

use bytes::Bytes;

use crate::protocol::{self, Kind, Several, frames};

/// Events of one turn, in order.
#[derive(Clone, Debug)]
pub(crate) struct Batch {
    message: Bytes,
    actions: u64,
    moments: u64,
    /// The first and the last revision of its actions; (0, 0) if it has none.
    span: (u64, u64),
    /// The only author of all of it, if it has moments only: they know them already.
    own: Option<u64>,
}

impl Batch {
    /// The message.
    pub(crate) fn message(&self) -> &Bytes {
        &self.message
    }

    /// How many actions it holds.
    pub(crate) fn actions(&self) -> u64 {
        self.actions
    }

    /// How many moments it holds.
    pub(crate) fn moments(&self) -> u64 {
        self.moments
    }

    /// The revision of its last action; 0 if it has none.
    pub(crate) fn last(&self) -> u64 {
        self.span.1
    }

    /// Returns what this author, who has all actions up to revision `after`, gets of it; `None` if that is nothing.
    ///
    /// One's own moments are not picked out of a message that holds others' too: pages know their own.
    pub(super) fn given_to(&self, author: u64, after: u64) -> Option<Batch> {
        match () {
            () if self.own == Some(author) => None,
            () if self.actions == 0 || self.span.0 > after => Some(self.clone()),
            () => {
                let mut rest = Gathering::default();
                for frame in frames(&self.message) {
                    let kind = protocol::kind(frame)?;
                    if !kind.is_action() || protocol::revision(frame) > after {
                        rest.push(kind, frame);
                    }
                }
                rest.take()
            }
        }
    }
}

/// A batch that grows.
#[derive(Debug, Default)]
pub(super) struct Gathering {
    several: Several,
    actions: u64,
    moments: u64,
    span: (u64, u64),
    own: Option<u64>,
}

impl Gathering {
    /// Adds an event at the end.
    pub(super) fn push(&mut self, kind: Kind, frame: &[u8]) {
        let author = Some(protocol::author(frame)).filter(|_| !kind.is_action());
        self.own = if self.actions + self.moments == 0 { author } else { self.own.filter(|_| self.own == author) };
        if kind.is_action() {
            let revision = protocol::revision(frame);
            self.span = (if self.actions == 0 { revision } else { self.span.0 }, revision);
            self.actions += 1;
        } else {
            self.moments += 1;
        }
        self.several.push(frame);
    }

    /// The message's length so far, in bytes.
    pub(super) fn len(&self) -> usize {
        self.several.len()
    }

    /// Returns the batch and begins a new one; `None` if it holds nothing.
    pub(super) fn take(&mut self) -> Option<Batch> {
        let Gathering { mut several, actions, moments, span, own } = std::mem::take(self);
        several.take().map(|message| Batch { message, actions, moments, span, own })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stroke(revision: u64) -> (Kind, Vec<u8>) {
        let mut frame = vec![Kind::Stroke as u8; 42];
        protocol::set_revision(&mut frame, revision);
        (Kind::Stroke, frame)
    }

    fn cursor(author: u64) -> (Kind, Vec<u8>) {
        let mut frame = vec![Kind::Cursor as u8; 17];
        protocol::set_author(&mut frame, author);
        (Kind::Cursor, frame)
    }

    fn batch(events: &[(Kind, Vec<u8>)]) -> Batch {
        let mut gathering = Gathering::default();
        events.iter().for_each(|(kind, frame)| gathering.push(*kind, frame));
        gathering.take().expect("something")
    }

    /// The revisions of a batch; 0 for a moment.
    fn revisions(batch: Option<Batch>) -> Option<Vec<u64>> {
        let revision = |frame: &[u8]| if frame[0] == Kind::Stroke as u8 { protocol::revision(frame) } else { 0 };
        batch.map(|batch| frames(batch.message()).map(revision).collect())
    }

    #[test]
    fn it_knows_what_it_holds() {
        let batch = batch(&[cursor(7), stroke(4), stroke(9), cursor(8)]);
        assert_eq!((batch.actions(), batch.moments(), batch.last()), (2, 2, 9));
        assert_eq!(frames(batch.message()).count(), 4);
    }

    #[test]
    fn who_has_a_part_gets_the_rest() {
        let batch = batch(&[stroke(4), cursor(7), stroke(5), stroke(9)]);
        assert_eq!(revisions(batch.given_to(1, 3)), Some(vec![4, 0, 5, 9]));
        assert_eq!(revisions(batch.given_to(1, 4)), Some(vec![0, 5, 9]));
        let rest = batch.given_to(1, 9).expect("a cursor");
        assert_eq!((rest.actions(), rest.moments(), rest.last()), (0, 1, 0));
    }

    #[test]
    fn who_has_all_gets_nothing() {
        assert!(batch(&[stroke(4), stroke(5)]).given_to(1, 5).is_none());
    }

    #[test]
    fn ones_own_moments_alone_are_not_sent_back() {
        assert!(batch(&[cursor(7), cursor(7)]).given_to(7, 0).is_none());
        assert!(batch(&[cursor(7), cursor(7)]).given_to(8, 0).is_some());
        for mixed in [&[cursor(7), cursor(8)][..], &[cursor(8), cursor(7)], &[cursor(7), stroke(1)], &[stroke(1)]] {
            assert!(batch(mixed).given_to(7, 0).is_some());
        }
    }
}
