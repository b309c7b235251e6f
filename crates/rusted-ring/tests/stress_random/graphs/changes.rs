//! Changes of a graph that runs.

use std::{
    sync::{Arc, atomic::Ordering::SeqCst},
    thread,
};

use rusted_ring::{
    ledger::Ledger,
    topology::{BuildError, Graph, RemoveError, StageReport, each},
};

use super::{
    Numbers, Play,
    plan::{Change, Kind},
};
use crate::case::{lock, message};

impl<R: Numbers> Play<R> {
    pub(super) fn change(&self, graph: &Arc<Graph<R>>, change: Change) {
        let case = &self.case;
        match change {
            Change::Add(stage) => {
                let name = stage.name();
                let desk = self.book.open(stage.clone(), self.claimed(), u64::MAX);
                let builder = self.set_up(&stage, graph.stage(&name));
                let added = if stage.kind == Kind::Polled {
                    builder.polled().map(|consumer| self.polled.serve(&self.book, &desk, consumer))
                } else {
                    add!(self, &stage, builder)
                };
                desk.begins.1.store(self.claimed(), SeqCst);
                match added {
                    Ok(()) => {}
                    Err(BuildError::Halted { .. } | BuildError::Unknown { .. }) if self.is_halted(graph) => {
                        desk.leaves.store(true, SeqCst);
                        desk.begins.1.store(u64::MAX, SeqCst);
                    }
                    // It comes after one that has left on its own.
                    Err(BuildError::Unknown { after, .. }) => {
                        let gone =
                            self.book.desks().iter().any(|desk| desk.plan.name() == after && desk.leaves.load(SeqCst));
                        case.check(gone || self.plan.changes.len() > 1, || {
                            format!("{name} was not added, as if there were no {after}")
                        });
                        desk.leaves.store(true, SeqCst);
                        desk.begins.1.store(u64::MAX, SeqCst);
                    }
                    Err(error) => case.fault(format_args!("{name} was not added: {error}")),
                }
            }
            Change::Remove(id, twice) => self.remove(graph, id, twice),
            Change::Leave(id) => {
                if let Some(desk) = self.book.desk(id) {
                    desk.leaves.store(true, SeqCst);
                    // Another thread may be adding it: the graph has it before anybody polls it, and leaves.
                    let was_served = self.polled.is_served(id);
                    case.wait_until("a polled stage to leave", || self.polled.has_left(id));
                    let name = desk.plan.name();
                    let there = graph.status().stages.iter().any(|stage| stage.name == name);
                    case.check(!(was_served && there), || format!("{name} has left, and is in the status"));
                }
            }
            Change::Refused => {
                let unknown = graph.stage("x").after(["nobody"]).each(|_, _| ());
                case.check(unknown.is_err(), || "a stage after nobody was added".into());
                let gone = graph.remove("nobody");
                case.check(matches!(gone, Err(RemoveError::Unknown { .. })), || format!("removed nobody: {gone:?}"));
            }
            Change::Crowd => {
                let crowd = graph.stage("crowd").workers(65, |_| each(|_, _| ()));
                let refused = matches!(crowd, Err(BuildError::TooManyReaders { .. }));
                case.check(refused || self.is_halted(graph), || format!("65 workers were added: {crowd:?}"));
                let left = Ledger::of(&self.ring).readers().any(|reader| reader.name.as_str() == "crowd");
                case.check(!left, || "workers that were refused are in the ledger".into());
                let status = graph.status();
                let there = status.stages.iter().any(|stage| stage.name == "crowd");
                case.check(!there, || "a stage that was refused is in the status".into());
            }
            Change::Look => self.look(graph),
        }
    }

    fn remove(&self, graph: &Arc<Graph<R>>, id: usize, twice: bool) {
        let Some(desk) = self.book.desk(id) else { return };
        let (name, case) = (desk.plan.name(), &self.case);
        let there = || graph.status().stages.iter().any(|stage| stage.name == name);
        if desk.begins.1.load(SeqCst) == u64::MAX || !there() {
            return;
        }
        desk.leaves.store(true, SeqCst);
        let second = twice.then(|| {
            let (graph, name) = (Arc::clone(graph), name.clone());
            thread::spawn(move || graph.remove(&name))
        });
        let mut outcomes = vec![graph.remove(&name)];
        if let Some(second) = second {
            outcomes.push(second.join().unwrap_or_else(|payload| panic!("{}", message(&*payload))));
        }
        let reports: Vec<&StageReport> = outcomes.iter().flatten().collect();
        let unknown = |outcome: &Result<_, _>| matches!(outcome, Ok(_) | Err(RemoveError::Unknown { .. }));
        let right =
            !reports.is_empty() && reports.iter().all(|other| *other == reports[0]) && outcomes.iter().all(unknown);
        case.check(right, || format!("{name} was removed: {outcomes:?}"));
        lock(&self.removed).extend(reports.first().map(|report| (*report).clone()));
        let status = graph.status();
        let left = status.stages.iter().any(|stage| stage.name == name || stage.after.contains(&name));
        case.check(!left, || format!("{name} was removed, and is in the status:\n{status}"));
    }

    fn look(&self, graph: &Graph<R>) {
        let before = graph.status();
        let after = graph.status();
        for stage in &after.stages {
            let right = stage.finished <= after.claimed && stage.lag == after.claimed.get() - stage.finished.get();
            self.case.check(right, || format!("a status of {} claimed: {stage:?}", after.claimed));
            let earlier = before.stages.iter().find(|other| other.name == stage.name);
            let back = earlier.is_some_and(|earlier| earlier.finished > stage.finished);
            self.case.check(!back, || format!("{} went back to {}", stage.name, stage.finished));
            let known = |name: &String| after.stages.iter().any(|other| other.name == *name);
            self.case.check(stage.after.iter().all(known), || format!("{} comes after {:?}", stage.name, stage.after));
        }
        for reader in Ledger::of(&self.ring).readers() {
            let sum = reader.joined + reader.received + reader.lost + reader.holes + reader.shared;
            self.case.check(sum == reader.position && reader.lost == 0, || format!("the books of {reader:?}"));
        }
    }
}
