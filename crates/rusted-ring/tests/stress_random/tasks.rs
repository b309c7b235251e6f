//! Endpoints as tasks, on an executor that polls at odd times and gives them up: no waking is lost, and nothing comes twice.

mod executor;
mod roles;

use std::{
    collections::BTreeSet,
    fmt,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering::SeqCst},
    },
};

use rusted_ring::{
    Consumer, HeapTypedRing, Many, Publisher, RingRef, Sole, SolePublisher, Start, Subscriber, Typed, ledger::Ledger,
};

use self::executor::{BoxFuture, Executor};
use crate::{
    case::{Case, Choose, lock, rng},
    rng::Rng,
};

/// A ring of numbers.
trait Numbers: RingRef<Slot = Typed<u64>> + Send + Sync + Unpin + 'static {}
impl<R: RingRef<Slot = Typed<u64>> + Send + Sync + Unpin + 'static> Numbers for R {}

#[derive(Clone, Debug)]
struct Plan {
    is_sole: bool,
    capacity: usize,
    publishers: usize,
    consumers: usize,
    readers: usize,
    /// Of each publisher.
    events: u64,
    threads: usize,
    /// One wait in this many is given up; 0 for none.
    gives_up: u64,
    /// One task in this many is aborted; 0 for none.
    aborts: u64,
    in_line: bool,
    /// Polls without a reason: one in this many; 0 for none.
    spurious: u64,
    /// Claims that take their time: one turn in this many; 0 for none.
    slow: u64,
}

impl Plan {
    fn of(rng: &mut Rng) -> Self {
        let is_sole = rng.one_in(2);
        Plan {
            is_sole,
            capacity: rng.one_of(&[1, 1, 2, 2, 3, 4, 5, 7, 8, 13, 16, 64, 1000]),
            publishers: if is_sole { 1 } else { rng.up_to(3) as usize },
            consumers: rng.below(5) as usize,
            readers: rng.below(3) as usize,
            events: 10 + rng.below(300),
            threads: rng.up_to(3) as usize,
            gives_up: rng.one_of(&[0, 2, 2, 10]),
            aborts: rng.one_of(&[0, 0, 2, 4]),
            in_line: rng.one_in(3),
            spurious: rng.one_of(&[0, 0, 5, 50]),
            slow: rng.one_of(&[0, 0, 10, 40]),
        }
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// What the tasks of a case have in common.
struct Play {
    case: Arc<Case>,
    plan: Plan,
    executor: Arc<Executor>,
    /// The event of each sequence, as 1 more, or 0.
    by_sequence: Box<[AtomicU64]>,
    published: Mutex<BTreeSet<u64>>,
    /// Batches that were begun, and not published whole: their first events may have been published.
    begun: Mutex<Vec<Vec<u64>>>,
    /// A reader received everything.
    all_seen: AtomicBool,
}

impl Play {
    fn agree(&self, sequence: u64, value: u64) {
        let Some(place) = self.by_sequence.get(sequence as usize) else { return self.case.fault("too many sequences") };
        if let Err(other) = place.compare_exchange(0, value + 1, SeqCst, SeqCst)
            && other != value + 1
        {
            self.case.fault(format_args!("sequence {sequence} has event {value:#x}, and has event {:#x}", other - 1));
        }
    }

    fn told(&self, sequence: Option<u64>, value: u64) {
        if let Some(sequence) = sequence {
            self.agree(sequence, value);
        }
        let new = lock(&self.published).insert(value);
        self.case.check(new, || format!("event {value:#x} was published twice by its own publisher"));
    }

    /// Nobody saw what was not published, and nothing is there twice.
    fn judge(&self) {
        let published = lock(&self.published);
        let mut seen = BTreeSet::new();
        for value in self.by_sequence.iter().map(|value| value.load(SeqCst)).filter(|value| *value != 0) {
            self.case.check(seen.insert(value - 1), || format!("event {:#x} has two sequences", value - 1));
        }
        let maybe: BTreeSet<u64> = lock(&self.begun).iter().flatten().copied().collect();
        let ghosts: Vec<_> = seen.iter().filter(|value| !published.contains(value) && !maybe.contains(value)).collect();
        self.case.check(ghosts.is_empty(), || format!("seen, and not published: {ghosts:x?}"));
        if !self.all_seen.load(SeqCst) {
            return;
        }
        let missed: Vec<_> = published.difference(&seen).collect();
        self.case.check(missed.is_empty(), || format!("published, and not seen: {missed:x?}"));
        for batch in lock(&self.begun).iter() {
            let first = batch.iter().take_while(|value| seen.contains(value)).count();
            let others = batch[first..].iter().any(|value| seen.contains(value));
            self.case.check(!others, || format!("of a batch that was given up, not the first went out: {batch:x?}"));
        }
    }
}

/// How far one Consumer is, for those that come after it.
struct Passage {
    finished: AtomicU64,
    /// It may be about to finish an event, of which it knows only then.
    is_copying: AtomicBool,
    left: AtomicBool,
    upstream: Vec<Arc<Passage>>,
}

impl Passage {
    fn has_passed(&self, sequence: u64) -> bool {
        let (left, copying) = (self.left.load(SeqCst), self.is_copying.load(SeqCst));
        copying
            || sequence < self.finished.load(SeqCst)
            || left && self.upstream.iter().all(|other| other.has_passed(sequence))
    }
}

pub(crate) fn case(case: &Arc<Case>) {
    let plan = Plan::of(&mut rng(case.seed, 1));
    case.is(&plan);
    if plan.is_sole {
        let ring = HeapTypedRing::<u64, Sole>::sole(plan.capacity);
        let publisher = SolePublisher::join(ring.clone()).expect("the first");
        run(case, plan, ring, vec![publisher], roles::write_alone);
    } else {
        let ring = HeapTypedRing::<u64, Many>::new(plan.capacity);
        let publisher = Publisher::join(ring.clone()).expect("the first");
        let publishers = vec![publisher; plan.publishers];
        run(case, plan, ring, publishers, roles::write_among_others);
    }
}

fn run<R: Numbers, W: Send>(
    case: &Arc<Case>,
    plan: Plan,
    ring: R,
    publishers: Vec<W>,
    write: fn(Arc<Play>, W, u64) -> BoxFuture,
) {
    let mut dice = rng(case.seed, 2);
    let executor = Executor::new();
    let sequences = plan.events as usize * plan.publishers * 8 + 4000;
    let play = Arc::new(Play {
        case: Arc::clone(case),
        plan: plan.clone(),
        executor: Arc::clone(&executor),
        by_sequence: (0..sequences).map(|_| AtomicU64::new(0)).collect(),
        published: Mutex::default(),
        begun: Mutex::default(),
        all_seen: AtomicBool::new(false),
    });
    let (of, polled) = (ring.clone(), Arc::clone(&executor));
    case.tells(move || format!("asleep: {}\n{:#?}", polled.asleep(), Ledger::of(&of)));
    let mut line: Vec<(rusted_ring::consumer::Checkpoint<R>, Arc<Passage>)> = Vec::new();
    for id in 0..plan.consumers as u64 {
        let before: Vec<_> = line.iter().filter(|_| plan.in_line && dice.one_in(2)).cloned().collect();
        let (checkpoints, upstream): (Vec<_>, Vec<_>) = before.into_iter().unzip();
        let mut consumer = Consumer::join_after(ring.clone(), Start::Newest, &checkpoints)
            .expect("there is room")
            .named(&format!("c{id}"));
        let [is_copying, left] = [(); 2].map(|()| AtomicBool::new(false));
        let passage = Arc::new(Passage { finished: AtomicU64::new(0), is_copying, left, upstream });
        if plan.in_line {
            line.push((consumer.checkpoint(), Arc::clone(&passage)));
        }
        let aborted = plan.aborts > 0 && dice.one_in(plan.aborts);
        let task = roles::consume(Arc::clone(&play), consumer, passage, id);
        executor.add(format!("c{id}"), aborted.then(|| dice.below(80)), task);
    }
    drop(line);
    for id in 0..plan.readers as u64 {
        let reader = Subscriber::join(ring.clone(), Start::Newest).named(&format!("r{id}"));
        let aborted = plan.aborts > 0 && dice.one_in(plan.aborts);
        executor.add(format!("r{id}"), aborted.then(|| dice.below(80)), roles::read(Arc::clone(&play), reader, id));
    }
    for (id, publisher) in publishers.into_iter().enumerate() {
        let aborted = plan.aborts > 0 && dice.one_in(3 * plan.aborts);
        let task = write(Arc::clone(&play), publisher, id as u64);
        executor.add(format!("w{id}"), aborted.then(|| dice.below(200)), task);
    }
    executor.run(case, plan.threads, plan.spurious);
    play.judge();
    let mut listed = Ledger::of(&ring).readers();
    case.check(listed.next().is_none(), || "readers that have left are in the ledger".into());
}
