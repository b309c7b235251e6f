//! The description of a graph: its stages, each with whom it comes after and what it does.

use core::{fmt, time::Duration};
use std::{boxed::Box, string::String, sync::Arc, vec::Vec};

use super::{
    BuildError, Graph, Handler, HandlerError, OnFailure, Outcome, Outlet, each,
    feeds::Outflow,
    run::{Given, Made, Settings, Work},
    transform::Transform,
};
use crate::{
    RingRef, Sequence, Start,
    consumer::{BatchEvent, Consumer},
    wait::WaitStrategy,
};

/// A graph of stages over one ring, before it [starts](Self::start). See the [module](super).
#[must_use = "a topology does nothing until it is started"]
pub struct Topology<R: RingRef> {
    pub(super) ring: R,
    pub(super) start: Start,
    pub(super) stages: Vec<Spec<R>>,
}

/// A stage as it was described.
pub(super) struct Spec<R: RingRef> {
    pub(super) name: String,
    pub(super) after: Vec<String>,
    pub(super) settings: Settings,
    pub(super) cores: Vec<usize>,
    pub(super) can_restart: bool,
    /// Where it publishes, if it does.
    pub(super) outflow: Option<Outflow>,
    /// One for each worker; none for a stage that is polled by its user.
    pub(super) work: Option<Vec<Box<dyn Work<R>>>>,
}

impl<R: RingRef> Topology<R> {
    /// A graph over `ring` that has no stage yet; its stages begin with the next event to be published.
    pub fn over(ring: R) -> Self {
        Topology { ring, start: Start::Newest, stages: Vec::new() }
    }

    /// The same graph, whose stages begin at `start`, as a [`Consumer`] does that joins there.
    ///
    /// They join one after the other: while others publish, a stage may begin some events behind one that joined before it.
    pub fn starting_at(self, start: Start) -> Self {
        Topology { start, ..self }
    }

    /// Describes one more stage, called `name`: how it is to work, and at last what it does.
    pub fn stage(self, name: &str) -> StageBuilder<R, Self> {
        StageBuilder::of(self, name)
    }
}

impl<R: RingRef + Send + Sync + 'static> Topology<R> {
    /// Starts the stages' threads, has every stage join the ring, and then has them begin: all of them, or, where anything is refused,
    /// none.
    ///
    /// The threads are the stages' own, and are called by their names. Events published from now on reach every stage.
    ///
    /// # Errors
    ///
    /// [`BuildError`], which names the stage in question; then no stage has begun.
    pub fn start(self) -> Result<Graph<R>, BuildError> {
        Graph::start(self)
    }
}

impl<R: RingRef> fmt::Debug for Topology<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.stages.iter().map(|stage| (&stage.name, &stage.after))).finish()
    }
}

/// What a stage is described to: a [`Topology`] before it starts, or a [`Graph`] that runs.
pub trait Host<R: RingRef>: sealed::Sealed {
    /// What describing a stage comes to.
    type Added;
    /// What describing a stage comes to that is polled by its user.
    type Polled;
    #[doc(hidden)]
    fn add(self, stage: Described<R>) -> Self::Added;
    #[doc(hidden)]
    fn add_polled(self, stage: Described<R>) -> Self::Polled;
}

mod sealed {
    pub trait Sealed {}
    impl<R: crate::RingRef> Sealed for super::Topology<R> {}
    impl<R: crate::RingRef> Sealed for &super::Graph<R> {}
}

/// A stage that was described.
#[doc(hidden)]
pub struct Described<R: RingRef>(pub(super) Spec<R>);

impl<R: RingRef> fmt::Debug for Described<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Described").field(&self.0.name).finish()
    }
}

impl<R: RingRef> Host<R> for Topology<R> {
    type Added = Self;
    type Polled = Self;

    fn add(mut self, Described(stage): Described<R>) -> Self {
        self.stages.push(stage);
        self
    }

    fn add_polled(self, stage: Described<R>) -> Self {
        self.add(stage)
    }
}

impl<R: RingRef + Send + Sync + 'static> Host<R> for &Graph<R> {
    type Added = Result<(), BuildError>;
    type Polled = Result<Consumer<R>, BuildError>;

    fn add(self, Described(stage): Described<R>) -> Self::Added {
        self.add_stage(stage).map(drop)
    }

    fn add_polled(self, Described(stage): Described<R>) -> Self::Polled {
        Ok(self.add_stage(stage)?.expect("a stage that is polled has a Consumer"))
    }
}

/// The shortest time-out of a stage.
const LEAST_TIMEOUT: Duration = Duration::from_millis(1);

/// A stage that is being described: how it works, and, as the last call, what it does.
#[must_use = "a stage is added by saying what it does: `each`, `handler`, `made_by`, `workers`, `transform` or `polled`"]
pub struct StageBuilder<R: RingRef, H: Host<R>> {
    host: H,
    stage: Spec<R>,
}

impl<R: RingRef, H: Host<R>> StageBuilder<R, H> {
    pub(super) fn of(host: H, name: &str) -> Self {
        let stage = Spec {
            name: name.into(),
            after: Vec::new(),
            settings: Settings::default(),
            cores: Vec::new(),
            can_restart: false,
            outflow: None,
            work: None,
        };
        StageBuilder { host, stage }
    }

    /// It comes after these stages: it receives an event once all of them have finished it, and sees what they did with it.
    ///
    /// They may be described later; one that is named twice is one. A stage that comes after none comes after the publishers.
    pub fn after<'a>(mut self, stages: impl IntoIterator<Item = &'a str>) -> Self {
        for name in stages {
            if !self.stage.after.iter().any(|known| known == name) {
                self.stage.after.push(name.into());
            }
        }
        self
    }

    /// What becomes of it when its handler fails; it halts the graph, if nothing is said.
    pub fn on_failure(mut self, policy: OnFailure) -> Self {
        self.stage.settings.on_failure = policy;
        self
    }

    /// How it waits for events; it parks, if nothing is said.
    pub fn waiting(mut self, strategy: WaitStrategy) -> Self {
        self.stage.settings.strategy = strategy;
        self
    }

    /// How many events it takes at a time, at most, and at least one: a quarter of the ring if nothing is said, and one where there
    /// are several workers.
    ///
    /// What it takes counts as finished all at once: a smaller batch is passed on sooner.
    pub fn batch_limit(mut self, limit: usize) -> Self {
        self.stage.settings.batch_limit = Some(limit.max(1));
        self
    }

    /// After how long without an event its handler is told so, again and again; at least a millisecond, for a thread that is told more
    /// often than that does little else.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.stage.settings.timeout = Some(timeout.max(LEAST_TIMEOUT));
        self
    }

    /// The core that its thread stays on; of several workers, one core for each. On Linux.
    pub fn pinned_to(mut self, cores: impl IntoIterator<Item = usize>) -> Self {
        self.stage.cores = cores.into_iter().collect();
        self
    }

    /// It calls `closure` with each event, its sequence, and whether it is the last of its batch.
    pub fn each<F, O>(self, closure: F) -> H::Added
    where
        F: FnMut(&BatchEvent<'_, R::Slot>, Sequence, bool) -> O + Send + 'static,
        O: Outcome + 'static,
    {
        self.handler(each(closure))
    }

    /// It runs `handler`.
    pub fn handler(mut self, handler: impl Handler<R::Slot> + Send + 'static) -> H::Added {
        self.stage.work = Some(Vec::from([Box::new(Given(Some(handler))) as Box<dyn Work<R>>]));
        self.host.add(Described(self.stage))
    }

    /// It runs the handler that `make` makes on the stage's own thread, at the start and at each restart; that handler need not
    /// be `Send`.
    pub fn made_by<T>(mut self, make: impl FnMut() -> T + Send + 'static) -> H::Added
    where
        T: Handler<R::Slot> + 'static,
    {
        self.stage.can_restart = true;
        self.stage.work = Some(Vec::from([Box::new(Made(make)) as Box<dyn Work<R>>]));
        self.host.add(Described(self.stage))
    }

    /// It runs `count` handlers, each on a thread of its own, and each event goes to exactly one of them; `make` is given the
    /// worker's number, from 0.
    ///
    /// Events are begun in order, and may be finished out of it; whoever comes after receives an event once it is finished, and
    /// all before it are. Each worker takes an entry of the ring's table.
    pub fn workers<T>(mut self, count: usize, make: impl Fn(usize) -> T + Send + Sync + 'static) -> H::Added
    where
        T: Handler<R::Slot> + 'static,
    {
        let make = Arc::new(make);
        let worker = |number| {
            let make = Arc::clone(&make);
            Box::new(Made(move || make(number))) as Box<dyn Work<R>>
        };
        self.stage.can_restart = true;
        self.stage.work = Some((0..count).map(worker).collect());
        self.host.add(Described(self.stage))
    }

    /// It publishes what `closure` makes of each event into another ring, by `publisher`: the closure appends to the buffer and answers
    /// with the event's type, or with none, to publish nothing.
    ///
    /// The new event begins with the sequence of the one that it was made of: see [`traced`](super::traced).
    ///
    /// The stage waits while the other ring is full. A ring that leads back to its own, by whichever stages of this process, is
    /// refused with [`LeadsBack`](BuildError::LeadsBack) when the stage is to start.
    pub fn transform<W, F>(mut self, publisher: W, closure: F) -> H::Added
    where
        W: Outlet + 'static,
        F: FnMut(&BatchEvent<'_, R::Slot>, &mut Vec<u8>) -> Result<Option<u32>, HandlerError> + Send + 'static,
    {
        let transform = Transform::new(publisher, closure);
        self.stage.outflow = Some(transform.outflow());
        self.handler(transform)
    }

    /// It is polled by its user, who gets a [`Consumer`] for it: on a topology, by [`Graph::polled`] once it has started.
    ///
    /// It finishes an event when the event's loan or batch is dropped, and leaves the graph when the Consumer is.
    pub fn polled(self) -> H::Polled {
        self.host.add_polled(Described(self.stage))
    }
}

impl<R: RingRef, H: Host<R>> fmt::Debug for StageBuilder<R, H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StageBuilder").field("name", &self.stage.name).field("after", &self.stage.after).finish()
    }
}
