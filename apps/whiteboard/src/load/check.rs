//! Whether everything adds up at the end.

use std::collections::HashMap;

use super::client::Books;
use super::meter::Counts;
use super::tally::{Got, mark};

/// The actions of a board in the order of revisions, with the sums of their marks up to each.
#[derive(Debug)]
pub(super) struct Board {
    actions: Vec<(u64, u64)>,
    /// `marks[n]` is the sum over the first `n`.
    marks: Vec<u64>,
}

/// What the clients should have received, all together, and what they did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Total {
    /// `None` if the board cannot be read.
    pub(super) broadcast: Option<u64>,
    pub(super) got: Got,
}

/// The verdicts; a problem is a sentence.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Checks {
    /// Every action sent is acknowledged or refused.
    pub(super) answered: Option<String>,
    /// Every client got each action live, or was told that it missed it and got it from the store.
    pub(super) received: Option<String>,
    /// The store holds each acknowledged action once, at its revision.
    pub(super) stored: Option<String>,
    /// Every client saw rising revisions.
    pub(super) ordered: Option<String>,
}

impl Checks {
    /// The verdicts with their names, in the order in which they are printed.
    pub(super) fn each(&self) -> [(&'static str, Option<&str>); 4] {
        [
            ("answered", self.answered.as_deref()),
            ("received", self.received.as_deref()),
            ("stored", self.stored.as_deref()),
            ("ordered", self.ordered.as_deref()),
        ]
    }
}

impl Board {
    /// From these (revision, action), as they were read.
    pub(super) fn of(actions: Vec<(u64, u64)>) -> Self {
        let sums = actions.iter().scan(0u64, |sum, &(revision, action)| {
            *sum = sum.wrapping_add(mark(revision, action));
            Some(*sum)
        });
        let marks = std::iter::once(0).chain(sums).collect();
        Board { actions, marks }
    }

    /// Returns how many there are at revisions `from..=to`, and the sum of their marks.
    fn between(&self, from: u64, to: u64) -> (u64, u64) {
        let start = self.actions.partition_point(|&(revision, _)| revision < from);
        let end = self.actions.partition_point(|&(revision, _)| revision <= to).max(start);
        ((end - start) as u64, self.marks[end].wrapping_sub(self.marks[start]))
    }

    fn rises(&self) -> bool {
        self.actions.is_sorted_by(|one, other| one.0 < other.0)
    }
}

/// Returns everything that is wrong; `board` is what a new connection read at the end, `highest` the last revision that was
/// acknowledged to anyone.
pub(super) fn check(counts: Counts, books: &[Books], board: &Board, highest: u64) -> Checks {
    Checks {
        answered: answered(counts),
        received: first(books.iter().map(|books| received(books, board, highest)), "client"),
        stored: stored(books, board),
        ordered: if board.rises() {
            first(books.iter().map(ordered), "client")
        } else {
            Some("what a new connection reads does not rise".to_owned())
        },
    }
}

/// Returns what can be said when the board cannot be read.
pub(super) fn check_blind(counts: Counts, books: &[Books], reason: &str) -> Checks {
    let unknown = Some(format!("cannot be told: {reason}"));
    let ordered = first(books.iter().map(ordered), "client");
    Checks { answered: answered(counts), received: unknown.clone(), stored: unknown, ordered }
}

/// The sums over all clients.
pub(super) fn total(books: &[Books], board: Option<&Board>) -> Total {
    let spans = || books.iter().filter_map(|books| books.tally.span());
    let broadcast = |board: &Board| spans().map(|(from, to)| board.between(from, to).0).sum();
    let mut total = Total { broadcast: board.map(broadcast), got: Got::default() };
    for books in books {
        let Got { live, missed, healed, rejoined, .. } = books.tally.got();
        total.got.live += live;
        total.got.missed += missed;
        total.got.healed += healed;
        total.got.rejoined += rejoined;
    }
    total
}

fn answered(counts: Counts) -> Option<String> {
    let Counts { sent, acknowledged, refused, .. } = counts;
    (counts.open() > 0).then(|| {
        format!("{sent} were sent, {acknowledged} acknowledged and {refused} refused: {} have no answer", counts.open())
    })
}

fn received(books: &Books, board: &Board, highest: u64) -> Option<String> {
    let tally = &books.tally;
    let Some((from, to)) = tally.span() else { return Some("never became live".to_owned()) };
    let (broadcast, marks) = board.between(from, to);
    let Got { live, missed, healed, rejoined, marks: got_marks } = tally.got();
    if tally.last() < highest || !tally.is_live() {
        Some(format!("has not caught up: it has revision {} of {highest}", tally.last()))
    } else if broadcast != live + missed + rejoined {
        let again = if rejoined > 0 { format!(" + {rejoined} after a new connection") } else { String::new() };
        Some(format!("{broadcast} were broadcast, but {live} came live + {missed} were told missed{again}"))
    } else if healed != missed {
        Some(format!("{missed} were told missed, but {healed} came from the store"))
    } else if marks != got_marks {
        Some("got other actions than the store holds".to_owned())
    } else {
        None
    }
}

fn ordered(books: &Books) -> Option<String> {
    let repeats = books.tally.repeats();
    (repeats > 0).then(|| format!("{repeats} revisions did not rise"))
}

fn stored(books: &[Books], board: &Board) -> Option<String> {
    let mut at: HashMap<u64, Vec<u64>> = HashMap::with_capacity(board.actions.len());
    for &(revision, action) in &board.actions {
        at.entry(action).or_default().push(revision);
    }
    let acks = books.iter().flat_map(|books| &books.acks);
    let problem = |&(revision, action): &(u64, u64)| match at.get(&action).map(Vec::as_slice) {
        Some(&[stored]) if stored == revision => None,
        Some(&[stored]) => Some(format!("{action:#x} is at revision {stored}, but {revision} was acknowledged")),
        Some(several) => Some(format!("{action:#x} is there {} times", several.len())),
        None => Some(format!("{action:#x} was acknowledged at revision {revision}, and is not there")),
    };
    first(acks.map(problem), "acknowledgement")
}

/// The first problem, and how many there are.
fn first(problems: impl Iterator<Item = Option<String>>, of: &str) -> Option<String> {
    let mut wrong = problems.enumerate().filter_map(|(at, problem)| Some((at, problem?)));
    let (at, problem) = wrong.next()?;
    let more = wrong.count();
    let rest = if more > 0 { format!(" (and {more} more)") } else { String::new() };
    Some(format!("{of} {at}: {problem}{rest}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::tally::Tally;

    /// Revisions with gaps, as a board among others has them.
    fn board() -> Board {
        Board::of(vec![(2, 102), (5, 105), (6, 106), (9, 109)])
    }

    /// A client that was live from revision 3 on, got 5 live, and missed and then got 6 and 9.
    fn books(change: impl FnOnce(&mut Tally), acks: &[(u64, u64)]) -> Books {
        let mut tally = Tally::after(2);
        tally.live(3);
        tally.action(5, 105);
        tally.missed(2);
        tally.action(6, 106);
        change(&mut tally);
        Books { tally, acks: acks.to_vec() }
    }

    fn whole(tally: &mut Tally) {
        tally.action(9, 109);
        tally.live(10);
    }

    fn checked(books: Books) -> Checks {
        check(Counts { sent: 1, acknowledged: 1, ..Counts::default() }, &[books], &board(), 9)
    }

    #[test]
    fn what_adds_up_has_no_problem() {
        let good = books(whole, &[(5, 105), (5, 105), (9, 109)]);
        assert_eq!(total(std::slice::from_ref(&good), Some(&board())).broadcast, Some(3));
        assert_eq!(checked(good), Checks::default());
    }

    #[test]
    fn each_difference_is_named() {
        let received = |change: fn(&mut Tally)| checked(books(change, &[])).received.unwrap_or_default();
        assert_eq!(received(|_| {}), "client 0: has not caught up: it has revision 6 of 9");
        assert_eq!(
            received(|tally| {
                tally.live(10);
                tally.action(9, 109);
            }),
            "client 0: 3 were broadcast, but 2 came live + 2 were told missed"
        );
        assert_eq!(
            received(|tally| {
                tally.live(10);
                tally.lost();
                tally.action(9, 109);
                tally.live(10);
            }),
            "client 0: 3 were broadcast, but 1 came live + 2 were told missed + 1 after a new connection"
        );
        assert_eq!(
            received(|tally| {
                tally.missed(0);
                tally.action(9, 7);
                tally.live(10);
            }),
            "client 0: got other actions than the store holds"
        );
        let late = Board::of(vec![(9, 109)]);
        let few = books(|tally| tally.live(10), &[]);
        assert_eq!(
            check(Counts::default(), &[few], &late, 6).received,
            Some("client 0: 0 were broadcast, but 1 came live + 2 were told missed".to_owned())
        );
    }

    #[test]
    fn an_action_without_an_answer_is_named() {
        let counts = Counts { sent: 9, acknowledged: 6, refused: 1, ..Counts::default() };
        let problem = "9 were sent, 6 acknowledged and 1 refused: 2 have no answer";
        assert_eq!(check(counts, &[], &board(), 0).answered.as_deref(), Some(problem));
    }

    #[test]
    fn an_acknowledged_action_is_there_once_and_where_it_should_be() {
        let stored = |acks: &[(u64, u64)]| checked(books(whole, acks)).stored;
        assert_eq!(
            stored(&[(5, 105), (5, 106), (5, 777)]).as_deref(),
            Some("acknowledgement 1: 0x6a is at revision 6, but 5 was acknowledged (and 1 more)")
        );
        assert_eq!(
            stored(&[(5, 777)]).as_deref(),
            Some("acknowledgement 0: 0x309 was acknowledged at revision 5, and is not there")
        );
        let twice = Board::of(vec![(1, 7), (2, 7)]);
        let problem = check(Counts::default(), &[books(whole, &[(1, 7)])], &twice, 0).stored;
        assert_eq!(problem.as_deref(), Some("acknowledgement 0: 0x7 is there 2 times"));
    }

    #[test]
    fn a_revision_that_does_not_rise_is_named() {
        let twice = books(
            |tally| {
                whole(tally);
                tally.action(9, 109);
            },
            &[],
        );
        assert_eq!(checked(twice).ordered.as_deref(), Some("client 0: 1 revisions did not rise"));
        let falls = Board::of(vec![(2, 1), (1, 2)]);
        assert!(check(Counts::default(), &[], &falls, 0).ordered.is_some());
    }
}
