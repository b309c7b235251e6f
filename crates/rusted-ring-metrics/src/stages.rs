//! What is shown of one topology: its stages now, and counters that survive the stages that were removed.

use rusted_ring::{
    RingRef,
    topology::{StageStatus, Status, Watch},
};

use crate::account::OTHER;

/// A topology, whatever its ring is.
pub(crate) trait Watched: Send {
    fn status(&self) -> Option<Status>;
}

impl<R: RingRef + Send + Sync> Watched for Watch<R> {
    fn status(&self) -> Option<Status> {
        Watch::status(self)
    }
}

/// A topology's figures, as of the last scrape.
#[derive(Debug, Default)]
pub(crate) struct Stages {
    /// In the order in which they were first seen.
    pub(crate) series: Vec<StageSeries>,
    /// What the last scrape saw of each stage.
    seen: Vec<(String, Counts)>,
}

/// The stages of one name, one after another.
#[derive(Debug, Default)]
pub(crate) struct StageSeries {
    pub(crate) stage: String,
    pub(crate) totals: Counts,
    pub(crate) workers: u64,
    pub(crate) lag: u64,
}

/// What a stage counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    began: u64,
    pub(crate) finished: u64,
    pub(crate) failed: u64,
    pub(crate) restarts: u64,
}

impl Counts {
    fn of(stage: &StageStatus) -> Self {
        let began = stage.began.get();
        let finished = stage.finished.get().saturating_sub(began);
        Counts { began, finished, failed: stage.failed, restarts: stage.restarts }
    }

    /// Whether `later` may be the same stage.
    fn is_continued_by(&self, later: &Counts) -> bool {
        self.began == later.began
            && self.finished <= later.finished
            && self.failed <= later.failed
            && self.restarts <= later.restarts
    }

    /// What was counted since `before`; all of it, if that was another stage.
    fn since(self, before: Option<Counts>) -> Self {
        let before = before.filter(|before| before.is_continued_by(&self)).unwrap_or_default();
        Counts {
            finished: self.finished - before.finished,
            failed: self.failed - before.failed,
            restarts: self.restarts - before.restarts,
            ..self
        }
    }
}

impl Stages {
    /// Takes over what the topology says now; a topology that has ended has no stages. At most `max_stages` have series of their own.
    pub(crate) fn update(&mut self, status: Option<&Status>, max_stages: usize) {
        self.series.iter_mut().for_each(|series| (series.workers, series.lag) = (0, 0));
        let before = std::mem::take(&mut self.seen);
        for stage in status.iter().flat_map(|status| &status.stages) {
            let counts = Counts::of(stage);
            let known = before.iter().find(|(name, _)| *name == stage.name).map(|(_, counts)| *counts);
            let news = counts.since(known);
            self.seen.push((stage.name.clone(), counts));
            let series = self.series_of(&stage.name, max_stages);
            series.totals.finished += news.finished;
            series.totals.failed += news.failed;
            series.totals.restarts += news.restarts;
            series.workers += stage.workers as u64;
            series.lag = series.lag.max(stage.lag);
        }
    }

    /// The series of stages of this name; if there are as many as there may be, the one of all others, which comes last.
    fn series_of(&mut self, stage: &str, max_stages: usize) -> &mut StageSeries {
        let own = self.series.iter().take(max_stages).position(|series| series.stage == stage);
        let at = own.unwrap_or(self.series.len().min(max_stages));
        if at == self.series.len() {
            let stage = if at < max_stages { stage } else { OTHER };
            self.series.push(StageSeries { stage: stage.to_owned(), ..StageSeries::default() });
        }
        &mut self.series[at]
    }
}
