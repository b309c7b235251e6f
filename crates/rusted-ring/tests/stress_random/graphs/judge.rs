//! What a case comes to: its books against the ledger's at rest, and against the report at the end.

use std::{
    collections::BTreeMap,
    mem,
    sync::{Arc, atomic::Ordering::SeqCst},
    thread,
    time::{Duration, Instant},
};

use rusted_ring::{
    Sequence,
    ledger::Ledger,
    topology::{Cause, Graph, GraphError, Report, StageEnd, StageReport},
};

use super::{
    Numbers, Play,
    book::Desk,
    plan::{End, Kind},
};
use crate::case::lock;

impl<R: Numbers> Play<R> {
    /// After the last event every stage comes to the end, and the ledger's books are those of the case.
    pub(super) fn rests(&self, graph: &Graph<R>) {
        let claimed = self.claimed();
        let all = |graph: &Graph<R>| graph.status().stages.iter().all(|stage| stage.finished.get() >= claimed);
        let rests = || all(graph) || self.is_halted(graph) || self.case.has_failed();
        if !self.case.wait_until(&format!("all stages to come to {claimed}"), rests) {
            return self.case.fault(graph.status());
        }
        if self.is_halted(graph) {
            return;
        }
        // A failure is booked after its batch.
        let books = || {
            let mut sums = BTreeMap::<String, (u64, u64, u64)>::new();
            for reader in Ledger::of(&self.ring).readers() {
                let sum = sums.entry(reader.name.as_str().into()).or_default();
                *sum = (sum.0 + reader.received, sum.1 + reader.failed, sum.2 + reader.restarts);
            }
            sums
        };
        for desk in self.book.desks().iter().filter(|desk| !desk.leaves.load(SeqCst)) {
            let name = desk.plan.name();
            if desk.plan.kind == Kind::Polled && !self.polled.is_there(desk.plan.id) {
                continue;
            }
            let (finished, begun) = (|| desk.finished(), Instant::now());
            let right = || {
                let sums = books();
                let Some(&(received, failed, _)) = sums.get(&name) else { return false };
                let failures = desk.failed_range();
                received == finished() && (failures.0..=failures.1).contains(&failed)
            };
            let mut is_right = right();
            while !is_right && begun.elapsed() < Duration::from_secs(1) {
                thread::sleep(Duration::from_millis(1));
                is_right = right();
            }
            self.case.check(is_right || self.is_halted(graph), || {
                let (sums, failures) = (books(), desk.failed_range());
                let own = sums.get(&name);
                format!("{name} has finished {}, failed {failures:?}, and the ledger says {own:?}", finished())
            });
        }
        for reader in Ledger::of(&self.ring).readers() {
            let sum = reader.joined + reader.received + reader.lost + reader.holes + reader.shared + reader.ahead;
            let right = sum.get() == self.claimed() && reader.lost == 0;
            self.case.check(right, || format!("of {claimed}, the books of {reader:?}"));
        }
    }

    /// Judges the end of the graph.
    pub(super) fn judge(&self, outcome: Option<Result<Report, GraphError>>, claimed: u64) {
        let (case, desks) = (&self.case, self.book.desks());
        let halting: Vec<_> = desks
            .iter()
            .flat_map(|desk| {
                lock(&desk.halting).iter().map(|cause| (desk.plan.name(), cause.clone())).collect::<Vec<_>>()
            })
            .collect();
        let is_good = matches!(outcome, Some(Ok(_)));
        let reports = match &outcome {
            Some(Ok(report)) => {
                case.check(halting.is_empty(), || format!("it ended well, in spite of {halting:?}"));
                report.stages.clone()
            }
            Some(Err(GraphError::Failed { failure, report })) => {
                let text = match &failure.cause {
                    Cause::Error(error) => error.to_string(),
                    Cause::Panic(text) => text.clone(),
                    _ => String::new(),
                };
                let sequence = failure.sequence.map(Sequence::get);
                let right = halting.iter().any(|(stage, (cause, at))| {
                    let same = *at == sequence || *at == Some(u64::MAX) && sequence.is_some();
                    *stage == failure.stage && (cause.is_empty() || *cause == text) && same
                });
                case.check(right, || format!("it failed by {failure}, which is none of {halting:?}"));
                report.stages.clone()
            }
            Some(Err(error)) => {
                case.fault(format_args!("{:?} says {error}\n{}", self.plan.end, error.report()));
                return;
            }
            None => Vec::new(),
        };
        let ends = outcome.is_some();
        let drained = is_good && matches!(self.plan.end, End::Drain | End::DrainMeanwhile | End::Close);
        for desk in &desks {
            if desk.begins.1.load(SeqCst) == u64::MAX {
                continue;
            }
            let leaves = desk.leaves.load(SeqCst);
            let at_rest = self.plan.end != End::DrainMeanwhile;
            let all =
                drained && !leaves && (desk.plan.threads() > 0 || (at_rest && self.polled.has_ended(desk.plan.id)));
            desk.judge(&self.book, claimed, all);
            if ends && desk.plan.threads() > 0 {
                self.judge_report(desk, &reports);
            }
            self.judge_life(desk);
        }
        // Its error may panic when it is dropped.
        mem::forget(outcome);
        if drained && self.plan.end == End::Close {
            self.judge_total(claimed);
        }
        self.book.agrees();
        for report in lock(&self.removed).iter().filter(|_| ends) {
            let right = reports.iter().any(|other| other == report);
            case.check(right, || format!("removed with {report:?}, which is not in the report"));
        }
    }

    /// A stage that received all received as many as were published.
    fn judge_total(&self, claimed: u64) {
        let published = self.book.ring.published.load(SeqCst);
        let begun = |desk: &&Arc<Desk>| desk.begins.1.load(SeqCst) == 0 && desk.plan.threads() > 0;
        for desk in self.book.desks().iter().filter(begun).filter(|desk| !desk.leaves.load(SeqCst)) {
            let given = (0..claimed).filter(|sequence| desk.was_given(*sequence)).count() as u64;
            let right = given == published;
            self.case.check(right, || format!("{} was given {given} of {published}", desk.plan.name()));
        }
    }

    fn judge_report(&self, desk: &Desk, reports: &[StageReport]) {
        let (case, name) = (&self.case, desk.plan.name());
        let leaves = desk.leaves.load(SeqCst);
        let mut own = reports.iter().filter(|report| report.name == name);
        let (Some(report), None) = (own.next(), own.next()) else {
            return case.check(leaves, || format!("{name} is not in the report once: {reports:?}"));
        };
        let (processed, failures) = (desk.processed(), desk.failed_range());
        let right = report.processed == processed
            && report.workers.iter().sum::<u64>() == report.processed
            && report.workers.len() as u64 == desk.plan.threads()
            && (failures.0..=failures.1).contains(&report.failed);
        case.check(right, || format!("{name} has processed {processed}, failed {failures:?}, and reports {report:?}"));
        let made = desk.made.load(SeqCst);
        let begun = desk.plan.threads() - desk.never_made.load(SeqCst);
        let counted = !matches!(desk.plan.kind, Kind::Given | Kind::Transform(_));
        let right = !counted || report.restarts + begun == made;
        case.check(right, || format!("{name} made {made} handlers, and reports {report:?}"));
        let halts = self.book.desks().iter().any(|desk| !lock(&desk.halting).is_empty());
        let ends: &[StageEnd] = match self.plan.end {
            _ if !lock(&desk.halting).is_empty() => &[StageEnd::Failed],
            _ if leaves && halts => &[StageEnd::Removed, StageEnd::Halted, StageEnd::Completed],
            _ if leaves && self.plan.changes_late => &[StageEnd::Removed, StageEnd::Completed],
            _ if leaves => &[StageEnd::Removed],
            _ if halts => &[StageEnd::Halted, StageEnd::Drained, StageEnd::Completed],
            End::Drain | End::DrainMeanwhile => &[StageEnd::Drained],
            End::Close => &[StageEnd::Completed],
            End::Halt | End::HaltMeanwhile | End::Drop => &[StageEnd::Halted],
        };
        case.check(ends.contains(&report.end), || format!("{name} should have ended by {ends:?}: {report:?}"));
    }

    /// Every handler is shut down and dropped once, except those that others replaced.
    fn judge_life(&self, desk: &Desk) {
        let counts = || [&desk.made, &desk.dropped, &desk.shut].map(|count| count.load(SeqCst));
        let right = || {
            let [made, dropped, shut] = counts();
            let ended = shut + desk.unmade.load(SeqCst);
            made == dropped && (made == 0 || ended == desk.plan.threads())
        };
        let begun = Instant::now();
        while !right() && begun.elapsed() < Duration::from_secs(2) {
            thread::yield_now();
        }
        let name = desk.plan.name();
        self.case.check(right(), || format!("{name} made, dropped and shut down {:?} handlers", counts()));
    }
}
