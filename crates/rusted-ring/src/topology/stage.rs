//! The description of one stage.

use core::{fmt, time::Duration};
use std::{boxed::Box, sync::Arc, vec::Vec};

use super::{
    BuildError, Graph, Handler, HandlerError, OnFailure, Outcome, Outlet, Topology, Turn,
    builder::Spec,
    each,
    processor::{Factory, Ready, Settings, Work},
    transform::Transform,
};
use crate::{
    RingRef,
    consumer::{BatchEvent, Consumer},
    wait::WaitStrategy,
};

/// The shortest time-out of a stage.
const LEAST_TIMEOUT: Duration = Duration::from_millis(1);

/// A stage that is being described: first how it works, then, by the last call, what it does.
///
/// The last call adds the stage to its `host`. For a [`Topology`] it returns the topology, with one more stage. For a [`Graph`], which
/// is running, it starts the stage, and returns whether that succeeded.
///
/// ```
/// use rusted_ring::{HeapTypedRing, topology::Topology, wait::WaitStrategy};
///
/// let graph = Topology::over(HeapTypedRing::<u64>::new(64))
///     .stage("journal")
///     .waiting(WaitStrategy::Yield)
///     .each(|number, _| println!("{}", **number)) // returns the topology
///     .start()?;
/// graph.stage("audit").after(["journal"]).each(|_, _| ())?; // starts at once
/// let mut gui = graph.stage("gui").after(["audit"]).polled()?;
/// assert!(gui.try_recv().is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "a stage is added by saying what it does: `each`, `handler`, `made_by`, `workers`, `transform` or `polled`"]
pub struct StageBuilder<R: RingRef, H> {
    host: H,
    stage: Spec<R>,
}

impl<R: RingRef, H> StageBuilder<R, H> {
    pub(super) fn of(host: H, name: &str) -> Self {
        let stage = Spec {
            name: name.into(),
            after: Vec::new(),
            settings: Settings::default(),
            cores: Vec::new(),
            chosen: Vec::new(),
            can_restart: false,
            outflow: None,
            work: None,
        };
        StageBuilder { host, stage }
    }

    /// Puts the stage after others: it receives an event once all of these have finished it, and sees what they did with it.
    ///
    /// In a topology they may be described later. Naming one twice has no effect. A stage that comes after none receives events as they are
    /// published.
    pub fn after<'a>(mut self, stages: impl IntoIterator<Item = &'a str>) -> Self {
        for name in stages {
            if !self.stage.after.iter().any(|known| known == name) {
                self.stage.after.push(name.into());
            }
        }
        self
    }

    /// Sets what happens when the stage's handler fails. The default is [`OnFailure::Halt`].
    pub fn on_failure(mut self, policy: OnFailure) -> Self {
        self.stage.settings.on_failure = policy;
        self
    }

    /// Sets how the stage waits for events. The default is to park.
    pub fn waiting(mut self, strategy: WaitStrategy) -> Self {
        self.stage.settings.strategy = strategy;
        self
    }

    /// Sets the most events that the stage takes at a time, at least one. The default is a quarter of the ring, or one event for
    /// a stage of several workers.
    ///
    /// A batch is finished as a whole, so the stages after this one receive its events sooner if it is smaller.
    pub fn batch_limit(mut self, limit: usize) -> Self {
        self.stage.settings.batch_limit = Some(limit.max(1));
        self
    }

    /// Calls [`Handler::timeout`] whenever no event came for this long. At least a millisecond: a shorter time counts as one.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.stage.settings.timeout = Some(timeout.max(LEAST_TIMEOUT));
        self
    }

    /// Pins the stage's threads to cores, one core for each worker. Linux only.
    ///
    /// Elsewhere, and for a core that this process may not use, adding the stage fails with
    /// [`NoSuchCore`](BuildError::NoSuchCore). These cores are no other thread's of a topology that is [placed](Topology::placed).
    pub fn pinned_to(mut self, cores: impl IntoIterator<Item = usize>) -> Self {
        self.stage.cores = cores.into_iter().collect();
        self
    }

    /// The host, and the stage with what it does.
    fn with(mut self, work: Vec<Box<dyn Work<R>>>, can_restart: bool) -> (H, Spec<R>) {
        self.stage.can_restart = can_restart;
        self.stage.work = Some(work);
        (self.host, self.stage)
    }
}

/// The calls that add a stage. They are written once for both hosts, and each host's have the return type of that host.
macro_rules! adding {
    ($host:ty $(, $bounds:ident)* => $added:ty $(; $errors:literal)?) => {
        impl<R: RingRef $(+ $bounds)* + 'static> StageBuilder<R, $host> {
            /// Adds the stage. It calls `closure` with each event and its [`Turn`].
            $(#[doc = $errors])?
            pub fn each<F, O>(self, closure: F) -> $added
            where
                F: FnMut(&BatchEvent<'_, R::Slot>, &mut Turn<'_>) -> O + Send + 'static,
                O: Outcome + 'static,
            {
                self.handler(each(closure))
            }

            /// Adds the stage. It runs `handler`, which cannot be made again after a failure.
            $(#[doc = $errors])?
            pub fn handler(self, handler: impl Handler<R::Slot> + Send + 'static) -> $added {
                let (host, stage) = self.with(Vec::from([Box::new(Ready(Some(handler))) as _]), false);
                host.add(stage)
            }

            /// Adds the stage. It runs the handler that `make` returns, which need not be `Send`.
            ///
            /// `make` is called on the stage's own thread, at the start and at each restart.
            $(#[doc = $errors])?
            pub fn made_by<T>(self, make: impl FnMut() -> T + Send + 'static) -> $added
            where
                T: Handler<R::Slot> + 'static,
            {
                let (host, stage) = self.with(Vec::from([Box::new(Factory(make)) as _]), true);
                host.add(stage)
            }

            /// Adds the stage. It runs `count` handlers, each on its own thread, and each event goes to exactly one of them.
            ///
            /// `make` makes the handler of the worker that has the given number, from 0. Events are begun in order, but may be finished
            /// out of order. The stages after this one receive an event once it and all events before it are finished. Each worker
            /// takes an entry of the ring's table of readers.
            $(#[doc = $errors])?
            pub fn workers<T>(self, count: usize, make: impl Fn(usize) -> T + Send + Sync + 'static) -> $added
            where
                T: Handler<R::Slot> + 'static,
            {
                let make = Arc::new(make);
                let worker = |number| {
                    let make = Arc::clone(&make);
                    Box::new(Factory(move || make(number))) as _
                };
                let (host, stage) = self.with((0..count).map(worker).collect(), true);
                host.add(stage)
            }

            /// Adds the stage. It publishes events into another ring, by `publisher`.
            ///
            /// `closure` is called with each event and a buffer, to which it appends the new event's bytes. It returns the new event's type, or
            /// none to publish nothing. The new event begins with the sequence of the one that it was made of: see
            /// [`traced`](super::traced).
            ///
            /// The stage waits while the other ring is full.
            $(#[doc = $errors])?
            pub fn transform<W, F>(mut self, publisher: W, closure: F) -> $added
            where
                W: Outlet + 'static,
                F: FnMut(&BatchEvent<'_, R::Slot>, &mut Vec<u8>) -> Result<Option<u32>, HandlerError> + Send + 'static,
            {
                let transform = Transform::new(publisher, closure);
                self.stage.outflow = Some(transform.outflow());
                self.handler(transform)
            }
        }
    };
}

adding!(Topology<R> => Topology<R>);
adding!(
    &Graph<R>, Send, Sync => Result<(), BuildError>;
    "\n# Errors\n\n[`BuildError`], if the stage cannot be added. It has not started then, and the graph goes on as before."
);

impl<R: RingRef> StageBuilder<R, Topology<R>> {
    /// Adds the stage. Its user polls it, by the [`Consumer`] that [`Graph::polled`] returns once the graph has started.
    ///
    /// It finishes an event when the event's loan or batch is dropped, and leaves the graph when the Consumer is dropped.
    pub fn polled(self) -> Topology<R> {
        self.host.add(self.stage)
    }
}

impl<R: RingRef + Send + Sync + 'static> StageBuilder<R, &Graph<R>> {
    /// Adds the stage. Its user polls it, by the [`Consumer`] that this returns.
    ///
    /// It finishes an event when the event's loan or batch is dropped, and leaves the graph when the Consumer is dropped.
    ///
    /// # Errors
    ///
    /// [`BuildError`], if the stage cannot be added. The graph goes on as before then.
    pub fn polled(self) -> Result<Consumer<R>, BuildError> {
        let consumer = self.host.add_stage(self.stage)?;
        Ok(consumer.expect("a stage that its user polls has a Consumer"))
    }
}

impl<R: RingRef, H> fmt::Debug for StageBuilder<R, H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StageBuilder").field("name", &self.stage.name).field("after", &self.stage.after).finish()
    }
}
