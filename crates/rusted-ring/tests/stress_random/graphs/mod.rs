//! Graphs: every event is handled once by every stage that it is for, after those before it; the reports say what happened.

/// Adds a stage that is not polled to a topology or to a graph: their calls have the same names, and different types.
macro_rules! add {
    ($play:expr, $stage:expr, $builder:expr) => {{
        let (stage, builder) = ($stage, $builder);
        let make = $play.maker(stage);
        match stage.kind {
            Kind::Given => builder.handler(make(0)),
            Kind::Made => builder.made_by(move || make(0)),
            Kind::Workers(count) => builder.workers(count, make),
            Kind::Polled => unreachable!("it is polled"),
            Kind::Transform(capacity) => {
                let (publisher, transformer) = $play.transformer(stage, capacity);
                builder.transform(publisher, move |event, out| transformer.event(event.sequence().get(), **event, out))
            }
        }
    }};
}

mod book;
mod changes;
mod handler;
mod judge;
mod plan;
mod polled;
mod publish;
mod transform;

use std::{
    panic::{self, AssertUnwindSafe},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, AtomicUsize, Ordering::SeqCst},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use rusted_ring::{
    ClosePolicy, HeapRing, HeapTypedRing, Many, Publisher, RingRef, Sole, SolePublisher, Start, Typed,
    ledger::Ledger,
    topology::{Graph, StageBuilder, StageReport, Topology},
};

use self::{
    book::{Book, Desk},
    handler::Random,
    plan::{Change, End, Kind, Plan, Stage},
    publish::{AnyPublisher, Press, publish},
    transform::Transformer,
};
use crate::{
    case::{Case, Choose, PATIENCE, PLANNED, lock, message, rng},
    rng::Rng,
};

/// A ring of numbers.
pub(crate) trait Numbers: RingRef<Slot = Typed<u64>> + Send + Sync + 'static {}
impl<R: RingRef<Slot = Typed<u64>> + Send + Sync + 'static> Numbers for R {}

pub(crate) fn case(case: &Arc<Case>) {
    let plan = Plan::of(&mut rng(case.seed, 1));
    case.is(&plan);
    let policy = if plan.closes { ClosePolicy::WithLastPublisher } else { ClosePolicy::Never };
    if plan.is_sole {
        let ring = HeapTypedRing::<u64, Sole>::closing(plan.capacity, policy);
        let publisher = SolePublisher::join(ring.clone()).expect("the first publisher");
        Play::new(case, plan, ring).run(vec![Box::new(publisher)]);
    } else {
        let ring = HeapTypedRing::<u64, Many>::closing(plan.capacity, policy);
        let publisher = Publisher::join(ring.clone()).expect("the first publisher");
        let boxed = |publisher| Box::new(publisher) as Box<dyn AnyPublisher>;
        let publishers = vec![publisher; plan.publishers].into_iter().map(boxed).collect();
        Play::new(case, plan, ring).run(publishers);
    }
}

/// The threads that work on a case meanwhile.
type Publishing = JoinHandle<Box<dyn AnyPublisher>>;

/// A case as it is played.
struct Play<R: Numbers> {
    case: Arc<Case>,
    plan: Plan,
    ring: R,
    book: Arc<Book>,
    press: Arc<Press>,
    polled: polled::Users,
    /// Reports of stages that were removed.
    removed: Mutex<Vec<StageReport>>,
    graph: Arc<Mutex<Option<Arc<Graph<R>>>>>,
    /// Those that receive what stages make.
    outlets: Mutex<Vec<JoinHandle<()>>>,
}

impl<R: Numbers> Play<R> {
    fn new(case: &Arc<Case>, plan: Plan, ring: R) -> Self {
        let book = Book::new(Arc::clone(case), (plan.before + plan.events) as usize * 6 + 4000);
        let press = Arc::new(Press {
            book: Arc::clone(&book),
            next: AtomicU64::new(0),
            until: AtomicU64::new(plan.before),
            forgets: AtomicUsize::new(plan.forgets),
            odd_turns: plan.odd_turns,
        });
        let graph: Arc<Mutex<Option<Arc<Graph<R>>>>> = Arc::default();
        let (state, of, seen) = (Arc::clone(&graph), ring.clone(), Arc::clone(&book));
        case.tells(move || {
            // Without the rates, which are never the same twice.
            let stages = lock(&state).as_ref().map(|graph| graph.status().stages).unwrap_or_default();
            let stages: Vec<_> = stages.iter().map(|stage| (&stage.name, &stage.after, stage.finished.get())).collect();
            let calls: Vec<_> = seen.desks().iter().map(|desk| (desk.plan.name(), desk.calls.load(SeqCst))).collect();
            format!("stages: {stages:?}\nevents given: {calls:?}\n{:#?}", Ledger::of(&of))
        });
        let polled = polled::Users::default();
        let (removed, outlets) = Default::default();
        Play { case: Arc::clone(case), plan, ring, book, press, polled, removed, graph, outlets }
    }

    fn claimed(&self) -> u64 {
        Ledger::of(&self.ring).claimed().get()
    }

    fn run(&self, mut publishers: Vec<Box<dyn AnyPublisher>>) {
        let mut dice = rng(self.case.seed, 2);
        publish(&mut *publishers[0], &mut dice.fork(), &self.press);
        let Some(graph) = self.start() else { return };
        self.press.until.store(self.plan.before + self.plan.events, SeqCst);
        self.press.next.fetch_min(self.plan.before, SeqCst);
        let publishing: Vec<Publishing> = publishers
            .into_iter()
            .map(|mut publisher| {
                let (press, mut rng) = (Arc::clone(&self.press), dice.fork());
                thread::spawn(move || {
                    publish(&mut *publisher, &mut rng, &press);
                    // A claim that was forgotten last is nobody's to wait for: one more event passes it.
                    publisher.one_more(&press);
                    publisher
                })
            })
            .collect();
        let mut publishing = Some(publishing);
        if self.plan.changes_late {
            drop(join(&self.case, publishing.take()));
        }
        thread::scope(|scope| {
            for changes in &self.plan.changes {
                let (mut dice, graph) = (dice.fork(), &graph);
                scope.spawn(move || {
                    changes.iter().for_each(|change| self.change_later(graph, change.clone(), &mut dice))
                });
            }
        });
        let at_rest = matches!(self.plan.end, End::Drain | End::Close | End::Halt);
        let mut publishers = if at_rest { join(&self.case, publishing.take()) } else { Vec::new() };
        if matches!(self.plan.end, End::Drain | End::Halt) && !self.is_halted(&graph) {
            self.rests(&graph);
        }
        let claimed = self.claimed();
        *lock(&self.graph) = None;
        let graph = Arc::into_inner(graph);
        let Some(graph) = graph else { return self.case.fault("somebody still asks for the status") };
        let begun = Instant::now();
        let outcome = match self.plan.end {
            End::Drain | End::DrainMeanwhile => Some(graph.drain(PATIENCE)),
            End::Halt | End::HaltMeanwhile => Some(graph.halt()),
            End::Close => {
                publishers.clear();
                Some(graph.join())
            }
            End::Drop => {
                // With a failure that nobody took; its error may panic.
                let dropped = panic::catch_unwind(AssertUnwindSafe(|| drop(graph)));
                let text = dropped.map_or_else(|payload| message(&*payload), |()| PLANNED.into());
                self.case.check(text.starts_with(PLANNED), || format!("to drop it panics: {text}"));
                None
            }
        };
        let took = begun.elapsed();
        self.case.check(took < PATIENCE, || format!("{:?} took {took:?}", self.plan.end));
        // A stage that its user polls is told when those before it have ended, or else leaves.
        let publishers = if at_rest { publishers } else { join(&self.case, publishing.take()) };
        self.polled.stop(&self.case);
        drop(publishers);
        for outlet in lock(&self.outlets).drain(..) {
            outlet.join().unwrap_or_else(|payload| self.case.fault(message(&*payload)));
        }
        self.judge(outcome, claimed);
    }

    /// Changes the graph after some more events, or a while.
    fn change_later(&self, graph: &Arc<Graph<R>>, change: Change, dice: &mut Rng) {
        let (until, begun) = (self.claimed() + dice.below(40), Instant::now());
        while self.claimed() < until && begun.elapsed() < Duration::from_millis(5) {
            thread::yield_now();
        }
        self.change(graph, change);
    }

    /// Starts the graph.
    fn start(&self) -> Option<Arc<Graph<R>>> {
        let claimed = self.claimed();
        let capacity = self.plan.capacity as u64;
        let oldest = claimed.saturating_sub(capacity);
        // Where a sole publisher has entered a slot and published nothing there, nothing is retained.
        let entered = if self.plan.is_sole && self.plan.odd_turns > 0 { (capacity / 4).max(1) } else { 0 };
        let young = ((claimed + entered).saturating_sub(capacity) + (capacity / 8).max(1)).min(claimed);
        let begins = match self.plan.start {
            Start::Newest => (claimed, claimed),
            Start::Oldest => (oldest, young),
            Start::At(at) => {
                let at = at.get().min(claimed);
                (at.max(oldest), at.max(young))
            }
        };
        let mut stages = self.plan.stages.clone();
        let mut topology = Topology::over(self.ring.clone()).starting_at(self.plan.start);
        // The books are opened in the order of the numbers, in which nobody comes after one of a higher.
        stages.sort_by_key(|stage| stage.id);
        stages.iter().for_each(|stage| _ = self.book.open(stage.clone(), begins.0, begins.1));
        for stage in &self.plan.stages {
            let builder = self.set_up(stage, topology.stage(&stage.name()));
            topology = if stage.kind == Kind::Polled { builder.polled() } else { add!(self, stage, builder) };
        }
        let graph = match topology.start() {
            Ok(graph) => Arc::new(graph),
            Err(error) => {
                self.case.fault(error);
                return None;
            }
        };
        *lock(&self.graph) = Some(Arc::clone(&graph));
        for stage in stages.iter().filter(|stage| stage.kind == Kind::Polled) {
            let desk = self.book.desk(stage.id).expect("it was opened");
            match graph.polled(&stage.name()) {
                Some(consumer) => self.polled.serve(&self.book, &desk, consumer),
                None => self.case.fault(format_args!("no Consumer for {}", stage.name())),
            }
        }
        Some(graph)
    }

    /// Says how a stage works, to a topology or a graph.
    fn set_up<H>(&self, stage: &Stage, builder: StageBuilder<R, H>) -> StageBuilder<R, H> {
        let after: Vec<String> = stage.after.iter().map(|id| format!("s{id}")).collect();
        let mut builder = builder.after(after.iter().map(|name| &**name)).waiting(stage.strategy);
        builder = builder.on_failure(stage.on_failure);
        if let Some(limit) = stage.batch_limit {
            builder = builder.batch_limit(limit);
        }
        if let Some(timeout) = stage.timeout {
            builder = builder.timeout(timeout);
        }
        builder
    }

    /// What makes a stage's handlers.
    fn maker(&self, stage: &Stage) -> impl Fn(usize) -> Random<R> + Send + Sync + use<R> {
        let Some(desk) = self.book.desk(stage.id) else { unreachable!("its desk was opened") };
        let (ring, book) = (self.ring.clone(), Arc::clone(&self.book));
        move |worker| Random::new(ring.clone(), Arc::clone(&book), Arc::clone(&desk), worker)
    }

    /// What a transforming stage publishes by, and what makes its events.
    fn transformer(&self, stage: &Stage, capacity: usize) -> (Publisher<HeapRing<32>>, Transformer) {
        let (publisher, receiving) = transform::into(&self.book, stage, capacity);
        lock(&self.outlets).push(receiving);
        (publisher, Transformer::new(&self.book, stage))
    }

    /// Whether something failed that halts the graph, or does so now.
    fn is_halted(&self, graph: &Graph<R>) -> bool {
        let threads = |desk: &Arc<Desk>| desk.plan.threads() > 0 && !desk.leaves.load(SeqCst);
        let desks = self.book.desks();
        desks.iter().any(|desk| !lock(&desk.halting).is_empty()) || desks.iter().any(threads) && !graph.is_running()
    }
}

/// The publishers, when they have published all.
fn join(case: &Case, publishing: Option<Vec<Publishing>>) -> Vec<Box<dyn AnyPublisher>> {
    let joined = publishing.into_iter().flatten().map(JoinHandle::join);
    let fault = |payload: Box<dyn std::any::Any + Send>| case.fault(message(&*payload));
    joined.filter_map(|outcome| outcome.map_err(fault).ok()).collect()
}
