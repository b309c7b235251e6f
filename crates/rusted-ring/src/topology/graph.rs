//! A running graph: how it is changed, watched and ended.

use core::{fmt, time::Duration};
use std::{sync::Arc, time::Instant, vec::Vec};

use super::{
    BuildError, GraphError, Placed, RemoveError, Report, StageBuilder, StageReport, Status, Topology, Watch,
    builder::Spec,
    placed,
    shared::{HALT_TIMEOUT, Shared},
};
use crate::{RingRef, Start, consumer::Consumer, foreign::FirstPanic, ledger::Ledger};

/// A running graph of stages.
///
/// When it is dropped, it halts and waits up to five seconds for its handlers to return. `Display` prints its [`Status`], which
/// [`Status::dot`] draws.
pub struct Graph<R: RingRef> {
    shared: Arc<Shared<R>>,
    placed: Option<Placed>,
}

impl<R: RingRef + Send + Sync + 'static> Graph<R> {
    pub(super) fn start(topology: Topology<R>) -> Result<Self, BuildError> {
        let Topology { ring, start, placement, batches, mut stages } = topology;
        let placed = placement.and_then(|placement| placed::place(&placement, &mut stages));
        let shared = Arc::new(Shared::over(ring, batches));
        for (number, consumer) in shared.add(stages, start)? {
            shared.lock().keep_polled(number, consumer);
        }
        Ok(Graph { shared, placed })
    }

    /// Describes a stage to add to the running graph. It begins with the next event to be published.
    ///
    /// The last call on the builder starts the stage. Other stages lose no event by it, and receive none twice, whether it is added or
    /// refused.
    ///
    /// ```
    /// use std::time::Duration;
    /// use rusted_ring::{HeapTypedRing, Publisher, topology::Topology};
    ///
    /// let ring = HeapTypedRing::<u64>::new(64);
    /// let graph = Topology::over(ring.clone()).stage("journal").each(|_, _| ()).start()?;
    /// let publisher = Publisher::join(ring)?;
    /// publisher.send(&1);
    /// graph.stage("audit").after(["journal"]).each(|_, _| ())?;
    /// publisher.send(&2);
    /// let report = graph.drain(Duration::from_secs(10))?;
    /// assert_eq!(report.stage("journal").unwrap().processed, 2);
    /// assert_eq!(report.stage("audit").unwrap().processed, 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn stage(&self, name: &str) -> StageBuilder<R, &Self> {
        StageBuilder::of(self, name)
    }

    pub(super) fn add(&self, stage: Spec<R>) -> Result<(), BuildError> {
        self.add_stage(stage).map(drop)
    }

    /// Adds a stage, and returns its Consumer if it is polled.
    pub(super) fn add_stage(&self, stage: Spec<R>) -> Result<Option<Consumer<R>>, BuildError> {
        let polled = self.shared.add(Vec::from([stage]), Start::Newest)?;
        Ok(polled.into_iter().next().map(|(_, consumer)| consumer))
    }

    /// Takes the Consumer of a stage that was described as [polled](StageBuilder::polled) before the start. Returns none if there is no such
    /// stage, or its Consumer was taken before.
    ///
    /// When the graph ends, the Consumer receives what the stages before it have finished, and then `Closed`.
    ///
    /// ```
    /// use rusted_ring::{HeapTypedRing, Publisher, topology::Topology};
    ///
    /// let ring = HeapTypedRing::<u64>::new(64);
    /// let graph = Topology::over(ring.clone()).stage("gui").polled().start()?;
    /// let mut gui = graph.polled("gui").unwrap();
    /// assert!(graph.polled("gui").is_none(), "it was taken");
    /// Publisher::join(ring)?.send(&7);
    /// assert_eq!(*gui.recv()?, 7);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn polled(&self, name: &str) -> Option<Consumer<R>> {
        self.shared.lock().member(name)?.polled.take()
    }

    /// Removes a stage while the others run, and returns what it did.
    ///
    /// The stage ends after the event that it is handling. The stages after it then come after those that it came after: they receive
    /// what it had not finished, and no event twice. Blocks until its handler has returned, for up to five seconds. Threads that remove the
    /// same stage at the same time all get the report.
    ///
    /// ```
    /// use rusted_ring::{HeapTypedRing, topology::{StageEnd, Topology}};
    ///
    /// let graph = Topology::over(HeapTypedRing::<u64>::new(64))
    ///     .stage("check").each(|_, _| ())
    ///     .stage("apply").after(["check"]).each(|_, _| ())
    ///     .start()?;
    /// assert_eq!(graph.remove("check")?.end, StageEnd::Removed);
    /// assert!(graph.status().stages[0].after.is_empty(), "apply comes after the publishers now");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`RemoveError`], if there is no such stage, its user polls it, or its handler has not returned in five seconds. In the last case the stage
    /// remains in the [`status`](Self::status), and holds the publishers, until its handler returns; it then leaves by itself.
    pub fn remove(&self, name: &str) -> Result<StageReport, RemoveError> {
        let number = self.shared.lock().remove(name)?;
        let mut panics = FirstPanic::default();
        self.shared.wake(&mut panics);
        let state = self.shared.wait(Instant::now().checked_add(HALT_TIMEOUT), |state| state.removed(number).is_some());
        let report = state.removed(number).cloned();
        drop(state);
        panics.pass_on_or(report.ok_or_else(|| RemoveError::Stuck { stage: name.into() }))
    }

    /// Waits until every thread of the graph has ended by itself, which happens when the ring has closed or a stage has failed.
    ///
    /// Blocks for as long as that takes. A ring that never closes blocks it forever: use [`drain`](Self::drain) or [`halt`](Self::halt).
    ///
    /// # Errors
    ///
    /// [`GraphError::Failed`], if a stage failed; [`GraphError::Late`], if the graph was halted before it had handled everything.
    pub fn join(self) -> Result<Report, GraphError> {
        let mut state = self.shared.wait(None, |state| state.running == 0);
        let in_time = !state.halted;
        state.conclude(in_time)
    }

    /// Lets every stage handle all that is claimed by now, and ends the graph.
    ///
    /// When `timeout` has passed, the graph is halted instead. Blocks for at most `timeout`, and a tenth of a second more if it has to
    /// halt. Stages that their users poll are waited for only by the stages after them.
    ///
    /// # Errors
    ///
    /// [`GraphError::Failed`], if a stage failed; [`GraphError::Late`], if `timeout` passed first. Its report names the stages whose
    /// handlers have not returned.
    pub fn drain(self, timeout: Duration) -> Result<Report, GraphError> {
        let deadline = Instant::now().checked_add(timeout);
        let end = Ledger::of(&self.shared.ring).claimed();
        let mut panics = FirstPanic::default();
        self.shared.lock().drain(end);
        self.shared.wake(&mut panics);
        let mut state = self.shared.wait(deadline, |state| state.running == 0);
        if state.running > 0 {
            drop(state);
            state = self.shared.halt_and_wait(Duration::from_millis(100), &mut panics);
        }
        // A graph that was halted, for whatever reason, has not handled everything.
        let in_time = !state.halted;
        let outcome = state.conclude(in_time);
        drop(state);
        panics.pass_on_or(outcome)
    }

    /// Ends every stage after the event that it is handling. Its batch is ended there.
    ///
    /// Blocks until the handlers have returned, for up to five seconds.
    ///
    /// # Errors
    ///
    /// [`GraphError::Failed`], if a stage failed; [`GraphError::Late`], if a handler has not returned in five seconds.
    pub fn halt(self) -> Result<Report, GraphError> {
        let mut panics = FirstPanic::default();
        let outcome = self.shared.halt_and_wait(HALT_TIMEOUT, &mut panics).conclude(true);
        panics.pass_on_or(outcome)
    }
}

impl<R: RingRef> Graph<R> {
    /// The ring that the stages read.
    pub fn ring(&self) -> &R {
        &self.shared.ring
    }

    /// The cores of the threads, if the topology was [placed](Topology::placed).
    pub fn placed(&self) -> Option<&Placed> {
        self.placed.as_ref()
    }

    /// Returns whether any thread of the graph is still running. If true, the last one may end at any moment.
    pub fn is_running(&self) -> bool {
        self.shared.lock().running > 0
    }

    /// How far every stage has come. Each stage is shown as it was at some moment during the call.
    pub fn status(&self) -> Status {
        self.shared.status()
    }

    /// Returns what tells the [`status`](Self::status) to others for as long as the graph is there, and does not keep it.
    ///
    /// ```
    /// use rusted_ring::{HeapTypedRing, topology::Topology};
    ///
    /// let graph = Topology::over(HeapTypedRing::<u64>::new(64)).stage("journal").each(|_, _| ()).start()?;
    /// let watch = graph.watch();
    /// assert_eq!(watch.status().unwrap().stages[0].name, "journal");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn watch(&self) -> Watch<R> {
        Watch::of(&self.shared)
    }
}

impl<R: RingRef> Drop for Graph<R> {
    fn drop(&mut self) {
        let is_over = {
            let state = self.shared.lock();
            state.abandoned || state.running == 0
        };
        if !is_over {
            let mut panics = FirstPanic::default();
            drop(self.shared.halt_and_wait(HALT_TIMEOUT, &mut panics));
            panics.pass_on_or(());
        }
    }
}

impl<R: RingRef> fmt::Display for Graph<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.status().fmt(f)
    }
}

impl<R: RingRef> fmt::Debug for Graph<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Graph").field("status", &self.status()).finish_non_exhaustive()
    }
}
