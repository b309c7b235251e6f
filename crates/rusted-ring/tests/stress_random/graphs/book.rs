//! What a case knows by itself of every event and of every stage.

use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex, RwLock,
        atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering::SeqCst},
    },
};

use super::plan::Stage;
use crate::case::{Case, lock};

/// What a stage has done with an event.
const ENTERED: u8 = 1;
const DONE: u8 = 2;
const FAILED: u8 = 4;
/// Handled, and perhaps to be finished later.
const HANDLED: u8 = 8;

/// Of a ring: which event each sequence has, as its publisher was told, and as stages saw it.
pub(super) struct Ring {
    told: Box<[AtomicU64]>,
    seen: Box<[AtomicU64]>,
    /// Events that publishers were told are published, whether or not under which sequence.
    pub(super) published: AtomicU64,
}

/// Of a case.
pub(super) struct Book {
    pub(super) case: Arc<Case>,
    pub(super) ring: Ring,
    stages: RwLock<Vec<Arc<Desk>>>,
}

/// Of a stage.
pub(super) struct Desk {
    pub(super) plan: Stage,
    /// Whom it came after when it began.
    upstream: Vec<Arc<Desk>>,
    /// It begins at this sequence or beyond, and not beyond the second.
    pub(super) begins: (u64, AtomicU64),
    /// Whether it was told to leave.
    pub(super) leaves: AtomicBool,
    events: Box<[AtomicU8]>,
    /// Events that came before a stage upstream had finished them, and that stage.
    early: Mutex<Vec<(u64, Arc<Desk>)>>,
    /// Failures that halt the graph: what each says, and at which event, if at one.
    pub(super) halting: Mutex<Vec<(String, Option<u64>)>>,
    /// Events at which a call failed that is not the event's own: the last of a batch, as far as they are known.
    pub(super) failed_ends: Mutex<BTreeSet<u64>>,
    pub(super) failed_starts: AtomicU64,
    pub(super) failures: AtomicU64,
    pub(super) calls: AtomicU64,
    pub(super) made: AtomicU64,
    pub(super) dropped: AtomicU64,
    pub(super) shut: AtomicU64,
    /// Handlers that were not made where a worker began, which has made none before.
    pub(super) never_made: AtomicU64,
    /// All that were not made.
    pub(super) unmade: AtomicU64,
    pub(super) has_made: Mutex<BTreeSet<usize>>,
    /// The events that it made others of, and that came out.
    pub(super) transformed: Mutex<Vec<u64>>,
}

fn zeros(count: usize) -> Box<[AtomicU64]> {
    (0..count).map(|_| AtomicU64::new(0)).collect()
}

impl Book {
    pub(super) fn new(case: Arc<Case>, sequences: usize) -> Arc<Self> {
        let ring = Ring { told: zeros(sequences), seen: zeros(sequences), published: AtomicU64::new(0) };
        Arc::new(Book { case, ring, stages: RwLock::default() })
    }

    pub(super) fn open(&self, plan: Stage, from: u64, to: u64) -> Arc<Desk> {
        let named: BTreeSet<usize> = plan.after.iter().copied().collect();
        let upstream = named.into_iter().filter_map(|id| self.desk(id)).collect();
        let desk = Arc::new(Desk {
            plan,
            upstream,
            begins: (from, AtomicU64::new(to)),
            leaves: AtomicBool::new(false),
            events: (0..self.ring.seen.len()).map(|_| AtomicU8::new(0)).collect(),
            early: Mutex::default(),
            halting: Mutex::default(),
            failed_ends: Mutex::default(),
            failed_starts: AtomicU64::new(0),
            failures: AtomicU64::new(0),
            calls: AtomicU64::new(0),
            made: AtomicU64::new(0),
            dropped: AtomicU64::new(0),
            shut: AtomicU64::new(0),
            never_made: AtomicU64::new(0),
            unmade: AtomicU64::new(0),
            has_made: Mutex::default(),
            transformed: Mutex::default(),
        });
        self.stages.write().unwrap().push(Arc::clone(&desk));
        desk
    }

    pub(super) fn desk(&self, id: usize) -> Option<Arc<Desk>> {
        self.stages.read().unwrap().iter().find(|desk| desk.plan.id == id).cloned()
    }

    pub(super) fn desks(&self) -> Vec<Arc<Desk>> {
        self.stages.read().unwrap().clone()
    }

    /// A publisher was told that `value` has this sequence.
    pub(super) fn told(&self, sequence: u64, value: u64) {
        self.ring.published.fetch_add(1, SeqCst);
        let Some(place) = self.ring.told.get(sequence as usize) else { return self.case.fault("too many sequences") };
        let before = place.swap(value + 1, SeqCst);
        self.case.check(before == 0, || format!("sequence {sequence} was given to {} and to {value}", before - 1));
    }

    /// A stage was lent `value` under this sequence.
    fn saw(&self, stage: &Stage, sequence: u64, value: u64) {
        let Some(place) = self.ring.seen.get(sequence as usize) else { return self.case.fault("too many sequences") };
        let before = place.compare_exchange(0, value + 1, SeqCst, SeqCst);
        if let Err(before) = before
            && before != value + 1
        {
            let name = stage.name();
            self.case.fault(format_args!("{name} sees {value} at {sequence}, another saw {}", before - 1));
        }
    }

    /// Whether there is an event of this sequence, as anyone knows.
    fn is_event(&self, sequence: usize) -> bool {
        self.ring.seen[sequence].load(SeqCst) != 0 || self.ring.told[sequence].load(SeqCst) != 0
    }

    /// What was told and what was seen agree, and no event was seen twice.
    pub(super) fn agrees(&self) {
        let mut values = BTreeSet::new();
        for (sequence, (told, seen)) in self.ring.told.iter().zip(&self.ring.seen).enumerate() {
            let (told, seen) = (told.load(SeqCst), seen.load(SeqCst));
            let same = told == 0 || seen == 0 || told == seen;
            self.case.check(same, || format!("at {sequence} event {told} was published and {seen} was seen (less 1)"));
            let value = told.max(seen);
            self.case.check(value == 0 || values.insert(value), || format!("event {value} (less 1) is there twice"));
        }
    }
}

impl Desk {
    fn state(&self, sequence: u64) -> u8 {
        self.events.get(sequence as usize).map_or(0, |event| event.load(SeqCst))
    }

    fn mark(&self, sequence: u64, mark: u8) -> u8 {
        self.events.get(sequence as usize).map_or(0, |event| event.fetch_or(mark, SeqCst))
    }

    /// Takes in an event: it comes once, and all that go before have finished it.
    pub(super) fn enter(self: &Arc<Self>, book: &Book, sequence: u64, value: u64) {
        book.saw(&self.plan, sequence, value);
        let before = self.mark(sequence, ENTERED);
        book.case.check(before == 0, || format!("{} was given event {sequence} twice", self.plan.name()));
        for upstream in &self.upstream {
            if !upstream.has_passed(sequence) {
                lock(&self.early).push((sequence, Arc::clone(upstream)));
            }
        }
    }

    /// Whether an event may go on, as far as this stage and those before it are concerned.
    fn has_passed(&self, sequence: u64) -> bool {
        // Told first: what it did after that it did before it left.
        let leaves = self.leaves.load(SeqCst);
        self.state(sequence) & (DONE | FAILED) != 0
            || leaves && self.upstream.iter().all(|upstream| upstream.has_passed(sequence))
    }

    pub(super) fn done(&self, sequence: u64) {
        self.mark(sequence, DONE);
    }

    pub(super) fn handled(&self, sequence: u64) {
        self.mark(sequence, HANDLED);
    }

    pub(super) fn failed(&self, sequence: u64) {
        self.mark(sequence, FAILED);
    }

    pub(super) fn halts(&self, cause: &str, sequence: Option<u64>) {
        lock(&self.halting).push((cause.into(), sequence));
    }

    fn count(&self, mark: u8) -> u64 {
        self.events.iter().filter(|event| event.load(SeqCst) & mark != 0).count() as u64
    }

    /// Events that it has finished, whatever came of them.
    pub(super) fn finished(&self) -> u64 {
        self.count(DONE | FAILED)
    }

    /// Events that it has handled or passed over, finished or not.
    pub(super) fn processed(&self) -> u64 {
        self.count(HANDLED | FAILED)
    }

    /// The least and the most that its books may say of failed events.
    pub(super) fn failed_range(&self) -> (u64, u64) {
        let at_events = self.count(FAILED);
        let ends = lock(&self.failed_ends).iter().filter(|end| self.state(**end) & FAILED == 0).count() as u64;
        (at_events, at_events + ends + self.failed_starts.load(SeqCst))
    }

    /// The first event that it was given.
    pub(super) fn first(&self) -> Option<u64> {
        self.events.iter().position(|event| event.load(SeqCst) & ENTERED != 0).map(|first| first as u64)
    }

    /// Judges what it was given, at the end: everything from its beginning up to `until`, or, if it was stopped before, up to
    /// somewhere, and nothing too early.
    pub(super) fn judge(&self, book: &Book, until: u64, all: bool) {
        let (case, name) = (&book.case, self.plan.name());
        // Where it began is known from what it was given, or else from when it was added.
        let (least, most) = (self.begins.0, self.begins.1.load(SeqCst));
        let first = self.first().unwrap_or(u64::MAX).min(most.max(least));
        case.check(first >= least, || format!("{name} begins at {first}, before {least}, where the next event was"));
        let given = |sequence: &u64| self.state(*sequence) & ENTERED != 0;
        let last = (first..self.events.len() as u64).rev().find(given).map_or(first, |last| last + 1);
        let end = if all { until } else { last };
        let missing: Vec<u64> = (first..end).filter(|at| book.is_event(*at as usize) && !given(at)).collect();
        // Workers that are stopped leave gaps: what each had taken, and not begun.
        let gaps = if all { 0 } else { self.plan.threads() * self.plan.batch_limit.map_or(1, |limit| limit as u64) };
        let workers = self.plan.threads() > 1;
        case.check(missing.len() as u64 <= if workers { gaps } else { 0 }, || {
            format!("{name} was not given {} of {first}..{end}: {:?}", missing.len(), &missing[..missing.len().min(20)])
        });
        let early = lock(&self.early);
        for (sequence, upstream) in early.iter() {
            let state = match upstream.state(*sequence) {
                0 => "never given",
                state if state & (DONE | FAILED) == 0 => "never finished",
                _ => "finished later",
            };
            case.fault(format_args!("{name} was given {sequence}, which {} was {state}", upstream.plan.name()));
        }
    }

    /// The event of this sequence was given to it.
    pub(super) fn was_given(&self, sequence: u64) -> bool {
        self.state(sequence) & ENTERED != 0
    }
}
