//! Which core each thread of a graph was given.

use core::fmt;
use std::{collections::BTreeMap, string::String, vec, vec::Vec};

use super::{builder::Spec, resolve};
use crate::{
    RingRef,
    placement::{Placement, is_usable},
    ring::TABLE_LEN,
};

/// Who pins a thread to its core.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pinning {
    /// The graph, to a core that was chosen.
    Chosen,
    /// The graph, to the core that the stage's description names.
    Named,
    /// Whoever has the thread.
    ByUser,
}

/// One thread.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Thread {
    /// Its stage; none for the publisher's.
    stage: Option<String>,
    core: Option<usize>,
    pinning: Pinning,
}

/// The cores of a graph's threads, chosen when it [started](super::Topology::placed); shown by `Display`.
///
/// Stages that were added while the graph runs are not among them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    threads: Vec<Thread>,
}

impl Placed {
    /// The core for the thread that publishes, which pins itself, by [`pin_thread`](crate::placement::pin_thread). None, if there is no
    /// core to choose.
    pub fn publisher(&self) -> Option<usize> {
        self.threads.iter().find(|thread| thread.stage.is_none())?.core
    }

    /// The cores of a stage's threads, one for each worker: none for one that no core was left for, which runs on any. The core of a stage
    /// that is polled is that which its user's thread may pin itself to. Empty, if there is no such stage.
    pub fn stage(&self, name: &str) -> Vec<Option<usize>> {
        self.threads.iter().filter(|thread| thread.stage.as_deref() == Some(name)).map(|thread| thread.core).collect()
    }

    /// How many threads have no core, because there were too few.
    pub fn without_core(&self) -> usize {
        self.threads.iter().filter(|thread| thread.core.is_none()).count()
    }
}

impl fmt::Display for Placed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |thread: &Thread| thread.stage.clone().unwrap_or_else(|| "(publisher)".into());
        let width = self.threads.iter().map(|thread| name(thread).chars().count()).max().unwrap_or(0);
        for (line, thread) in self.threads.iter().enumerate() {
            let end = if line == 0 { "" } else { "\n" };
            write!(f, "{end}{:<width$}  ", name(thread))?;
            match (thread.core, thread.pinning) {
                (None, _) => f.write_str("any core, for none was left")?,
                (Some(core), Pinning::Chosen) => write!(f, "core {core}")?,
                (Some(core), Pinning::Named) => write!(f, "core {core}, as its description says")?,
                (Some(core), Pinning::ByUser) => write!(f, "core {core}, if its user pins it")?,
            }
        }
        Ok(())
    }
}

/// Chooses cores for the threads of `stages` and for a publisher, of those of `placement` that this process may use. None if the stages are
/// in no order, or more than can read a ring, for which they will be refused.
pub(super) fn place<R: RingRef>(placement: &Placement, stages: &mut [Spec<R>]) -> Option<Placed> {
    let named: Vec<(&str, &[String])> = stages.iter().map(|stage| (&*stage.name, &*stage.after)).collect();
    let order = resolve::order(&named, |_| false).ok()?;
    if stages.iter().map(Spec::threads).fold(0, usize::saturating_add) > TABLE_LEN {
        return None;
    }
    // The members of the choice: the publisher, and then each stage's threads in a row.
    let (mut upstream, mut fixed) = (vec![Vec::new()], vec![None]);
    let mut members: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for index in &order {
        let stage = &stages[*index];
        let before: Vec<usize> = match &stage.after[..] {
            [] => vec![0],
            after => after.iter().flat_map(|name| members[&**name].iter().copied()).collect(),
        };
        let first = fixed.len();
        for worker in 0..stage.threads() {
            upstream.push(before.clone());
            fixed.push(stage.cores.get(worker).copied());
        }
        members.insert(&stage.name, (first..fixed.len()).collect());
    }
    let chosen = placement.only(is_usable).choose(&upstream, &fixed);
    let members: Vec<Vec<usize>> = stages.iter().map(|stage| members[&*stage.name].clone()).collect();

    let mut threads = vec![Thread { stage: None, core: chosen[0], pinning: Pinning::ByUser }];
    for (stage, members) in stages.iter_mut().zip(members) {
        stage.chosen = members.iter().map(|member| chosen[*member]).collect();
        let pinning = match &stage.work {
            None => Pinning::ByUser,
            Some(_) if stage.cores.is_empty() => Pinning::Chosen,
            Some(_) => Pinning::Named,
        };
        threads.extend(stage.chosen.iter().map(|core| Thread {
            stage: Some(stage.name.clone()),
            core: *core,
            pinning,
        }));
    }
    Some(Placed { threads })
}

#[cfg(test)]
mod tests {
    use std::string::ToString;

    use super::*;

    #[test]
    fn each_thread_has_a_line() {
        let thread = |stage: Option<&str>, core, pinning| Thread { stage: stage.map(Into::into), core, pinning };
        let placed = Placed {
            threads: vec![
                thread(None, Some(0), Pinning::ByUser),
                thread(Some("journal"), Some(2), Pinning::Chosen),
                thread(Some("work"), Some(3), Pinning::Named),
                thread(Some("work"), Some(1), Pinning::Named),
                thread(Some("gui"), None, Pinning::ByUser),
            ],
        };
        assert_eq!(
            placed.to_string(),
            "(publisher)  core 0, if its user pins it\n\
             journal      core 2\n\
             work         core 3, as its description says\n\
             work         core 1, as its description says\n\
             gui          any core, for none was left"
        );
        assert_eq!(
            (placed.publisher(), placed.stage("work"), placed.without_core()),
            (Some(0), vec![Some(3), Some(1)], 1)
        );
        assert!(placed.stage("none").is_empty());
    }
}
