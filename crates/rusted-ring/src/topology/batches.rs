//! The batches of a graph's stages: told as they begin, and handled again as they were told.

use core::fmt;
use std::{collections::BTreeMap, string::String, sync::Arc, thread, time::Duration, vec::Vec};

use super::failure::{Cause, guarded};
use crate::{
    RingRef, Sequence,
    consumer::{Consumer, Found, TryRecvError},
    ring::Name,
};

/// How long a stage sleeps before it looks again for the rest of a batch.
const PAUSE: Duration = Duration::from_micros(100);

/// A batch that a worker of a stage was given: told by [`Topology::on_batch`](super::Topology::on_batch), and asked for by
/// [`Topology::in_batches`](super::Topology::in_batches).
///
/// It is plain data of 48 bytes with the feature `derive`, so that a ring of values can carry it, between processes and into recordings too.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "derive", derive(bytemuck::Pod, bytemuck::Zeroable))]
#[repr(C)]
pub struct StageBatch {
    stage: [u8; 24],
    worker: u64,
    from: u64,
    to: u64,
}

impl StageBatch {
    /// The batch of the sequences from `from` up to and without `to`, of a worker of `stage`. Of the stage's name 24 bytes count, as in the ledger.
    pub fn new(stage: &str, worker: usize, from: Sequence, to: Sequence) -> Self {
        StageBatch { stage: Name::new(stage).bytes(), worker: worker as u64, from: from.get(), to: to.get() }
    }

    /// Returns the name of the stage.
    pub fn stage(&self) -> Name {
        Name::from_bytes(self.stage)
    }

    /// Returns the number of the stage's worker, from 0.
    pub fn worker(&self) -> usize {
        self.worker as usize
    }

    /// Returns the first sequence.
    pub fn from(&self) -> Sequence {
        Sequence::new(self.from)
    }

    /// Returns the sequence behind the last.
    pub fn to(&self) -> Sequence {
        Sequence::new(self.to)
    }
}

impl fmt::Debug for StageBatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (stage, sequences) = (self.stage(), self.from..self.to);
        f.debug_struct("StageBatch")
            .field("stage", &stage)
            .field("worker", &self.worker)
            .field("sequences", &sequences)
            .finish()
    }
}

/// A closure that is told of batches.
type Watcher = Arc<dyn Fn(StageBatch) + Send + Sync>;

/// What a graph does about the batches of its stages.
#[derive(Default)]
pub(super) struct Batches {
    watcher: Option<Watcher>,
    plans: BTreeMap<[u8; 24], Arc<Plan>>,
}

impl Batches {
    pub(super) fn watch(&mut self, watcher: impl Fn(StageBatch) + Send + Sync + 'static) {
        self.watcher = Some(Arc::new(watcher));
    }

    pub(super) fn plan(&mut self, batches: impl IntoIterator<Item = StageBatch>) {
        let mut plans = BTreeMap::<_, Vec<StageBatch>>::new();
        for batch in batches {
            plans.entry(batch.stage).or_default().push(batch);
        }
        self.plans = plans.into_iter().map(|(stage, batches)| (stage, Arc::new(Plan::of(batches)))).collect();
    }

    /// The most sequences that a batch of the stage has, if they are asked for.
    pub(super) fn longest(&self, stage: &str) -> u64 {
        self.plans.get(&Name::new(stage).bytes()).map_or(0, |plan| plan.longest())
    }

    /// What a worker of a stage does about its batches.
    pub(super) fn of(&self, stage: &str, worker: usize, workers: usize) -> WorkerBatches {
        let stage = Name::new(stage).bytes();
        WorkerBatches {
            stage,
            worker: worker as u64,
            workers: workers as u64,
            watcher: self.watcher.clone(),
            plan: self.plans.get(&stage).cloned(),
        }
    }
}

/// What a worker of a stage does about its batches.
pub(super) struct WorkerBatches {
    stage: [u8; 24],
    worker: u64,
    /// How many the stage has.
    workers: u64,
    watcher: Option<Watcher>,
    plan: Option<Arc<Plan>>,
}

impl WorkerBatches {
    /// Tells of a batch that begins.
    pub(super) fn tell(&self, from: Sequence, to: Sequence) -> Result<(), Cause> {
        let Some(watcher) = &self.watcher else { return Ok(()) };
        let batch = StageBatch { stage: self.stage, worker: self.worker, from: from.get(), to: to.get() };
        guarded(|| {
            watcher(batch);
            Ok(())
        })
    }

    /// How many sequences a batch has at most that begins with the event that was found: those of the batch that was asked for, or
    /// `otherwise`, and never more than `left`.
    ///
    /// A batch that was asked for is `Empty` until it is there whole, and so is one of a fellow worker. What lies between two batches is taken as it
    /// comes, up to where the next one begins.
    pub(super) fn most<R: RingRef>(
        &self,
        consumer: &mut Consumer<R>,
        found: Found,
        otherwise: u64,
        left: u64,
    ) -> Result<u64, TryRecvError> {
        let first = consumer.next_sequence().get();
        let Some(asked) = self.plan.as_ref().and_then(|plan| plan.at(first)) else { return Ok(otherwise.min(left)) };
        let most = (asked.to - first).min(left);
        // Nobody has seen that what lies between two batches becomes whole: others may wait for this stage meanwhile.
        let Some(worker) = asked.worker else { return Ok(most) };
        let is_fellows = worker != self.worker && worker < self.workers;
        if is_fellows || !consumer.has_whole(found, most) {
            consumer.show_released();
            thread::sleep(PAUSE);
            return Err(TryRecvError::Empty);
        }
        Ok(most)
    }
}

/// The batches that are asked of a stage.
struct Plan {
    /// By their first sequences, each of which is there once.
    batches: Vec<StageBatch>,
}

/// What is asked for at a sequence.
#[derive(Debug, PartialEq, Eq)]
struct Asked {
    /// The sequence behind the batch's last.
    to: u64,
    /// Whose it is; anybody's, where no batch begins.
    worker: Option<u64>,
}

impl Plan {
    fn of(mut batches: Vec<StageBatch>) -> Self {
        batches.retain(|batch| batch.from < batch.to);
        // One that was begun twice is what it was the last time.
        batches.reverse();
        batches.sort_by_key(|batch| batch.from);
        batches.dedup_by_key(|batch| batch.from);
        Plan { batches }
    }

    fn longest(&self) -> u64 {
        self.batches.iter().map(|batch| batch.to - batch.from).max().unwrap_or(0)
    }

    /// What is asked for at `sequence`: the batch that begins there, or events up to where the next batch begins or the last one ends. None behind
    /// them all.
    fn at(&self, sequence: u64) -> Option<Asked> {
        let behind = self.batches.partition_point(|batch| batch.from <= sequence);
        let before = behind.checked_sub(1).map(|last| self.batches[last]);
        if let Some(batch) = before.filter(|batch| batch.from == sequence) {
            return Some(Asked { to: batch.to, worker: Some(batch.worker) });
        }
        let ends = before.map(|batch| batch.to).filter(|to| *to > sequence);
        let begins = self.batches.get(behind).map(|batch| batch.from);
        ends.into_iter().chain(begins).min().map(|to| Asked { to, worker: None })
    }
}

/// Where two runs of a graph differ: the first batch of a stage that only one of them has.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BatchDifference {
    /// The stage.
    pub stage: String,
    /// The first run's batch; none, if it has no more.
    pub first: Option<StageBatch>,
    /// The second run's batch; none, if it has no more.
    pub second: Option<StageBatch>,
}

impl StageBatch {
    /// Returns where two runs differ, for each stage that they handled otherwise, in the order of the stages' names. Within a stage the order of the sequences
    /// counts; what came first of two stages, or of two workers, differs from run to run.
    pub fn differences(
        first: impl IntoIterator<Item = StageBatch>,
        second: impl IntoIterator<Item = StageBatch>,
    ) -> Vec<BatchDifference> {
        let mut stages = BTreeMap::<[u8; 24], [Vec<StageBatch>; 2]>::new();
        for batch in first {
            stages.entry(batch.stage).or_default()[0].push(batch);
        }
        for batch in second {
            stages.entry(batch.stage).or_default()[1].push(batch);
        }
        let difference = |(stage, mut runs): ([u8; 24], [Vec<StageBatch>; 2])| {
            runs.iter_mut().for_each(|run| run.sort_by_key(|batch| batch.from));
            let [first, second] = runs;
            let at = (0..first.len().max(second.len())).find(|&at| first.get(at) != second.get(at))?;
            Some(BatchDifference {
                stage: Name::from_bytes(stage).as_str().into(),
                first: first.get(at).copied(),
                second: second.get(at).copied(),
            })
        };
        stages.into_iter().filter_map(difference).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(worker: usize, from: u64, to: u64) -> StageBatch {
        StageBatch::new("stage", worker, Sequence::new(from), Sequence::new(to))
    }

    #[test]
    fn a_batch_says_what_it_is_of() {
        let batch = batch(3, 7, 9);
        assert_eq!((batch.stage().as_str(), batch.worker(), batch.from().get(), batch.to().get()), ("stage", 3, 7, 9));
        assert_eq!(format!("{batch:?}"), "StageBatch { stage: \"stage\", worker: 3, sequences: 7..9 }");
    }

    #[test]
    fn what_is_asked_for_is_the_batch_that_begins_or_what_lies_between_two() {
        let plan =
            Plan::of(vec![batch(1, 10, 20), batch(0, 30, 40), batch(9, 5, 5), batch(0, 15, 18), batch(2, 15, 16)]);
        let asked = |to, worker| Some(Asked { to, worker });
        assert_eq!(plan.at(10), asked(20, Some(1)));
        assert_eq!(plan.at(30), asked(40, Some(0)));
        assert_eq!(plan.at(15), asked(16, Some(2)), "the last of two that begin there");
        assert_eq!((plan.at(0), plan.at(5)), (asked(10, None), asked(10, None)), "an empty one is none");
        assert_eq!((plan.at(12), plan.at(17), plan.at(25)), (asked(15, None), asked(30, None), asked(30, None)));
        assert_eq!((plan.at(35), plan.at(40)), (asked(40, None), None));
        assert_eq!(plan.longest(), 10);
        assert_eq!((Plan::of(Vec::new()).at(0), Plan::of(Vec::new()).longest()), (None, 0));
    }

    #[test]
    fn runs_are_compared_stage_by_stage() {
        let other = |from, to| StageBatch::new("other", 0, Sequence::new(from), Sequence::new(to));
        let first = [batch(0, 0, 4), other(0, 1), batch(1, 4, 6)];
        assert_eq!(StageBatch::differences(first, [other(0, 1), batch(1, 4, 6), batch(0, 0, 4)]), []);
        let found = StageBatch::differences(first, [batch(0, 0, 4), batch(0, 4, 6), other(0, 1), other(1, 2)]);
        assert_eq!(
            found,
            [
                BatchDifference { stage: "other".into(), first: None, second: Some(other(1, 2)) },
                BatchDifference { stage: "stage".into(), first: Some(batch(1, 4, 6)), second: Some(batch(0, 4, 6)) },
            ]
        );
    }
}
