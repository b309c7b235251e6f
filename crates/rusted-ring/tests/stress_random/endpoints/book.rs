//! What one endpoint is told, checked as it comes.

use std::{
    collections::BTreeMap,
    sync::atomic::Ordering::SeqCst,
    thread,
    time::{Duration, Instant},
};

use rusted_ring::{
    RingRef, Sequence, Start,
    ledger::Ledger,
    subscriber::{Lagged, Resync},
};

use super::{Play, truth::Id};
use crate::{
    case::{Choose, PATIENCE},
    payload::check,
    rng::Rng,
};

/// Where to join, at random.
pub(super) fn start(rng: &mut Rng, claimed: u64, capacity: u64) -> Start {
    match rng.below(4) {
        0 => Start::Newest,
        1 => Start::Oldest,
        _ => Start::At(Sequence::new((claimed + 3).saturating_sub(rng.below(2 * capacity + 6)))),
    }
}

/// What one endpoint is told, checked as it comes.
pub(super) struct Book<'a, R> {
    pub(super) play: &'a Play<'a, R>,
    name: String,
    pub(super) next: u64,
    pub(super) holes: u64,
    pub(super) received: u64,
    pub(super) lost: u64,
    last: BTreeMap<usize, u64>,
}

impl<'a, R: RingRef> Book<'a, R> {
    pub(super) fn new(play: &'a Play<'a, R>, name: &str, next: u64) -> Self {
        Book { play, name: name.into(), next, holes: 0, received: 0, lost: 0, last: BTreeMap::new() }
    }

    pub(super) fn check(&self, right: bool, what: impl FnOnce() -> String) {
        self.play.case.check(right, || format!("{}: {}", self.name, what()));
    }

    /// Goes past what carried no event.
    pub(super) fn pass(&mut self, holes: u64) {
        self.next += holes - self.holes;
        self.holes = holes;
    }

    pub(super) fn event(&mut self, sequence: u64, bytes: &[u8], event_type: u32, max: usize) {
        let next = self.next;
        self.check(sequence == next, || format!("event {sequence}, where {next} is due"));
        self.next = sequence + 1;
        self.received += 1;
        let id: Id = check(bytes, event_type, max);
        let last = self.last.insert(id.0, id.1);
        self.check(last.is_none_or(|last| last < id.1), || format!("event {id:?} after {last:?} of that publisher"));
        self.play.truth.saw(self.play.case, sequence, id);
    }

    pub(super) fn lost(&mut self, lagged: Lagged, resync: Resync) {
        let (from, to) = (lagged.from.get(), lagged.to.get());
        let capacity = self.play.plan.capacity as u64;
        let claimed = self.claimed();
        let entered = claimed + self.play.plan.most_entered();
        let next = self.next;
        self.check(from == next && to > from && to <= claimed, || format!("{lagged:?} at {next}, of {claimed}"));
        self.check(from + capacity < entered, || format!("{lagged:?}, of {claimed}: that was still whole"));
        let most = entered.saturating_sub(capacity) + capacity / 8;
        let right = resync == Resync::Newest || to <= most.max(from + 1);
        self.check(right, || format!("{lagged:?}, of {claimed}: more than was overwritten, and an eighth"));
        self.next = to;
        self.lost += to - from;
    }

    pub(super) fn claimed(&self) -> u64 {
        Ledger::of(&self.play.ring).claimed().get()
    }
}

/// What came of a turn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Turn {
    Received,
    Empty,
    Closed,
}

/// Whether the visit goes on.
pub(super) fn goes_on<R: RingRef>(
    book: &Book<'_, R>,
    turn: Turn,
    rng: &mut Rng,
    over_since: &mut Option<Instant>,
) -> bool {
    let play = book.play;
    if turn == Turn::Closed || play.case.has_failed() {
        return false;
    }
    if play.over.load(SeqCst) {
        let since = over_since.get_or_insert_with(Instant::now);
        if turn == Turn::Empty && book.next >= book.claimed() {
            return false;
        }
        let late = since.elapsed() > PATIENCE;
        book.check(!late, || format!("all is published, and it is at {} of {}", book.next, book.claimed()));
        return !late;
    }
    if play.plan.slow > 0 && rng.one_in(play.plan.slow) {
        thread::sleep(Duration::from_micros(rng.up_to(1500)));
    }
    !rng.one_in(play.plan.leaves)
}
