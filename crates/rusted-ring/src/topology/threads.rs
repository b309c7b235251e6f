//! The threads of stages. All are started, and wait, before any stage begins.

use std::{
    boxed::Box,
    sync::{
        Arc,
        mpsc::{SyncSender, sync_channel},
    },
    thread::{Builder, JoinHandle},
    vec::Vec,
};

use super::{
    BuildError,
    builder::Spec,
    failure::{dropped, guarded},
    processor::{Processor, Work, first_failure},
    shared::Shared,
};
use crate::{RingRef, foreign::discard, placement::pin};

/// What a thread does for its stage.
pub(super) struct Task<R: RingRef> {
    pub(super) shared: Arc<Shared<R>>,
    /// Its stage's number.
    pub(super) stage: usize,
    /// Its own number in the stage.
    pub(super) worker: usize,
    pub(super) core: Option<usize>,
    pub(super) work: Box<dyn Work<R>>,
    pub(super) processor: Processor<R>,
}

/// A thread that waits for its task.
struct Waiting<R: RingRef> {
    begin: SyncSender<Task<R>>,
    thread: JoinHandle<()>,
}

/// Threads that wait for their tasks. When this is dropped, they end without a task, and are joined.
pub(super) struct Threads<R: RingRef>(Vec<Waiting<R>>);

impl<R: RingRef + Send + Sync + 'static> Threads<R> {
    /// Starts a thread for each worker of these stages, in order.
    pub(super) fn of(stages: &[Spec<R>]) -> Result<Self, BuildError> {
        let mut threads = Threads(Vec::new());
        for stage in stages {
            for _ in stage.work.iter().flatten() {
                let (begin, told) = sync_channel::<Task<R>>(1);
                let body = move || _ = told.recv().map(Task::run);
                let thread = Builder::new().name(stage.name.replace('\0', "")).spawn(body);
                let thread = thread.map_err(|source| BuildError::Spawn { stage: stage.name.clone(), source })?;
                threads.0.push(Waiting { begin, thread });
            }
        }
        Ok(threads)
    }

    /// Gives each thread its task.
    pub(super) fn begin(mut self, tasks: Vec<Task<R>>) {
        assert_eq!(self.0.len(), tasks.len(), "a thread for each task");
        for (waiting, task) in self.0.drain(..).zip(tasks) {
            waiting.begin.send(task).unwrap_or_else(|_| unreachable!("a thread waits until it is told"));
        }
    }
}

impl<R: RingRef> Drop for Threads<R> {
    fn drop(&mut self) {
        for Waiting { begin, thread } in self.0.drain(..) {
            drop(begin);
            // Without a task it has done nothing that could have panicked.
            discard(thread.join());
        }
    }
}

impl<R: RingRef> Task<R> {
    fn run(self) {
        let Task { shared, stage, worker, core, mut work, mut processor } = self;
        if let Some(core) = core {
            // If the system refuses nevertheless, the thread runs on any core.
            let _ = pin(core);
        }
        // Whatever happens, the graph learns that this thread has ended.
        let ended = guarded(|| Ok(work.run(&mut processor))).unwrap_or_else(|cause| Err(cause.into()));
        shared.end(stage, worker, processor.consumer, first_failure(ended, dropped(work)));
    }
}
