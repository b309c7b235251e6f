//! What one client received, and whether it adds up.
//!
//! The server passes on actions live. A client that does not keep up is cut off, told `missed`, sent what it missed
//! from the store, and told `live`. Everything between `missed` and `live` came from the store.

/// The counts of one client, over all its connections.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    phase: Phase,
    /// The first revision that can have come live; `None` before the first `live`.
    base: Option<u64>,
    last: u64,
    /// From `base` on, on connections that are over and whose healing is complete.
    got: Got,
    /// Actions whose revision did not rise.
    repeats: u64,
    lives: u64,
}

/// Actions that a client received, by the way they came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Got {
    /// As they happened.
    pub(super) live: u64,
    /// Not received live; the client was told so.
    pub(super) missed: u64,
    /// Those, received later from the store.
    pub(super) healed: u64,
    /// Those that happened between two connections, from the store.
    pub(super) rejoined: u64,
    /// The sum of their [`mark`]s.
    pub(super) marks: u64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Phase {
    /// Everything comes from the store, as asked for.
    #[default]
    Joining,
    Live,
    Healing {
        missed: u64,
        healed: u64,
    },
}

impl Tally {
    /// The counts of a client that has everything up to a revision.
    pub(super) fn after(revision: u64) -> Self {
        Tally { last: revision, ..Tally::default() }
    }

    /// Notes an action that came.
    pub(super) fn action(&mut self, revision: u64, action: u64) {
        if revision <= self.last {
            self.repeats += 1;
        }
        self.last = self.last.max(revision);
        if self.base.is_none() {
            return;
        }
        self.got.marks = self.got.marks.wrapping_add(mark(revision, action));
        match &mut self.phase {
            Phase::Joining => self.got.rejoined += 1,
            Phase::Live => self.got.live += 1,
            Phase::Healing { healed, .. } => *healed += 1,
        }
    }

    /// Notes that the server did not send this many actions as they happened.
    pub(super) fn missed(&mut self, actions: u64) {
        match &mut self.phase {
            Phase::Healing { missed, .. } => *missed += actions,
            phase => *phase = Phase::Healing { missed: actions, healed: 0 },
        }
    }

    /// Notes that everything before revision `next` was sent.
    pub(super) fn live(&mut self, next: u64) {
        self.base.get_or_insert(next);
        if let Phase::Healing { missed, healed } = self.phase {
            self.got.missed += missed;
            self.got.healed += healed;
        }
        self.phase = Phase::Live;
        self.lives += 1;
    }

    /// Notes that the connection is lost. What was told missed and has not come follows on the next connection, like
    /// everything that happens until then.
    pub(super) fn lost(&mut self) {
        if let Phase::Healing { healed, .. } = self.phase {
            self.got.missed += healed;
            self.got.healed += healed;
        }
        self.phase = Phase::Joining;
    }

    /// Whether it receives what happens now.
    pub(super) fn is_live(&self) -> bool {
        self.phase == Phase::Live
    }

    /// How often it became live.
    pub(super) fn lives(&self) -> u64 {
        self.lives
    }

    /// The last revision that it has.
    pub(super) fn last(&self) -> u64 {
        self.last
    }

    /// The revisions that it must have: from its first `live` to the last.
    pub(super) fn span(&self) -> Option<(u64, u64)> {
        self.base.map(|base| (base, self.last))
    }

    /// What it received of those.
    pub(super) fn got(&self) -> Got {
        let mut got = self.got;
        if let Phase::Healing { missed, healed } = self.phase {
            got.missed += missed;
            got.healed += healed;
        }
        got
    }

    /// How many came out of order or twice.
    pub(super) fn repeats(&self) -> u64 {
        self.repeats
    }
}

/// A number whose sum over actions shows whether they are the same, whatever their order.
pub(super) fn mark(revision: u64, action: u64) -> u64 {
    (revision.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ action).wrapping_mul(0xd6e8_feb8_6659_fd93)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Copy)]
    enum Frame {
        /// These actions.
        A(u64, u64),
        Missed(u64),
        Live(u64),
        Lost,
    }
    use Frame::{A, Live, Lost, Missed};

    fn tally(frames: &[Frame]) -> Tally {
        let mut tally = Tally::default();
        for &frame in frames {
            match frame {
                A(from, to) => (from..=to).for_each(|revision| tally.action(revision, revision + 1000)),
                Missed(actions) => tally.missed(actions),
                Live(next) => tally.live(next),
                Lost => tally.lost(),
            }
        }
        tally
    }

    fn got(frames: &[Frame]) -> [u64; 4] {
        let Got { live, missed, healed, rejoined, .. } = tally(frames).got();
        [live, missed, healed, rejoined]
    }

    #[test]
    fn what_came_before_the_first_live_does_not_count() {
        assert_eq!(tally(&[A(1, 9)]).span(), None);
        let tally = tally(&[A(1, 9), Live(10), A(10, 14)]);
        assert_eq!((tally.span(), tally.got().live), (Some((10, 14)), 5));
    }

    #[test]
    fn a_cut_is_settled_at_live() {
        assert_eq!(got(&[Live(1), A(1, 4), Missed(3), A(5, 7), Live(8), A(8, 9)]), [6, 3, 3, 0]);
        assert_eq!(got(&[Live(1), A(1, 4), Missed(1), A(5, 6), Missed(2), A(7, 7), Live(8)]), [4, 3, 3, 0]);
        assert_eq!(got(&[Live(1), Missed(0), Live(1), A(1, 2)]), [2, 0, 0, 0], "only moments were missed");
    }

    #[test]
    fn a_second_cut_counts_for_itself() {
        let frames = [Live(1), A(1, 4), Missed(3), A(5, 7), Live(8), A(8, 10), Missed(2), A(11, 12), Live(13)];
        assert_eq!(got(&frames), [7, 5, 5, 0]);
    }

    #[test]
    fn what_does_not_add_up_shows() {
        assert_eq!(got(&[Live(1), A(1, 4), Missed(3), A(5, 6), Live(7)]), [4, 3, 2, 0], "one is missing");
        assert_eq!(got(&[Live(1), A(1, 4), Missed(3), A(5, 6)]), [4, 3, 2, 0], "one is still to come");
        assert_eq!(got(&[Live(1), A(1, 4), Missed(3), A(5, 8), Live(9)]), [4, 3, 4, 0], "one was not told");
    }

    #[test]
    fn after_a_new_connection_the_books_go_on() {
        assert_eq!(got(&[Live(1), A(1, 4), Lost, A(5, 7), Live(8), A(8, 9)]), [6, 0, 0, 3]);
        let while_healing = [Live(1), A(1, 4), Missed(5), A(5, 6), Lost, A(7, 12), Live(13), A(13, 13)];
        assert_eq!(got(&while_healing), [5, 2, 2, 6], "told 5, 2 came; the other 3 are among those after it");
        assert_eq!(got(&[A(1, 4), Lost, A(5, 7), Live(8), A(8, 9)]), [2, 0, 0, 0], "before the first live");
    }

    #[test]
    fn repeats_and_steps_back_are_counted() {
        assert_eq!(tally(&[Live(1), A(1, 4), A(4, 4), A(2, 2), A(5, 5)]).repeats(), 2);
        assert_eq!(tally(&[A(1, 4), Lost, A(4, 5)]).repeats(), 1);
        let mut known = Tally::after(7);
        known.action(7, 1);
        assert_eq!((known.repeats(), known.last()), (1, 7));
    }

    #[test]
    fn marks_tell_other_actions_apart_in_any_order() {
        let sum = |actions: &[(u64, u64)]| {
            actions.iter().fold(0u64, |sum, &(revision, action)| sum.wrapping_add(mark(revision, action)))
        };
        assert_eq!(sum(&[(1, 5), (2, 6)]), sum(&[(2, 6), (1, 5)]));
        assert_ne!(sum(&[(1, 5), (2, 6)]), sum(&[(1, 6), (2, 5)]));
        assert_ne!(sum(&[(1, 5), (2, 6)]), sum(&[(1, 5), (3, 6)]));
    }
}
