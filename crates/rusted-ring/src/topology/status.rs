//! How far the stages of a running graph have come.

use core::{
    fmt::{self, Write},
    time::Duration,
};
use std::{string::String, time::Instant, vec::Vec};

use crate::Sequence;

/// How far every stage of a graph has come. `Display` prints it as a table.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Status {
    /// The number of the ring's slots.
    pub capacity: usize,
    /// The next sequence to be claimed.
    pub claimed: Sequence,
    /// The stages, in the order in which they were described.
    pub stages: Vec<StageStatus>,
}

/// How far one stage has come.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct StageStatus {
    /// The stage's name.
    pub name: String,
    /// The stages that it comes after; none if it receives events as they are published.
    pub after: Vec<String>,
    /// The number of its threads; 1 for a stage that its user polls.
    pub workers: usize,
    /// The sequence at which it began.
    pub began: Sequence,
    /// The sequence below which it has finished everything.
    pub finished: Sequence,
    /// The number of claimed sequences that it has not finished.
    pub lag: u64,
    /// Sequences finished per second, since the stage began, or [since](Status::since) an earlier status.
    pub rate: f64,
    /// The number of events at which its handler failed; 0 for a stage that its user polls.
    pub failed: u64,
    /// How often its handler was replaced after a failure; 0 for a stage that its user polls.
    pub restarts: u64,
    pub(super) at: Instant,
}

/// `count` per second of `time`.
pub(super) fn rate(count: u64, time: Duration) -> f64 {
    if time.is_zero() { 0.0 } else { count as f64 / time.as_secs_f64() }
}

impl Status {
    /// Returns the same status, with rates since `earlier`. A stage that was not there then keeps its rate.
    ///
    /// ```
    /// use rusted_ring::{HeapTypedRing, topology::Topology};
    ///
    /// let graph = Topology::over(HeapTypedRing::<u64>::new(64)).stage("journal").each(|_, _| ()).start()?;
    /// let earlier = graph.status();
    /// let status = graph.status().since(&earlier);
    /// assert_eq!(status.stages[0].rate, 0.0, "nothing was published in between");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use = "the status with these rates is returned"]
    pub fn since(mut self, earlier: &Status) -> Self {
        for stage in &mut self.stages {
            if let Some(before) = earlier.stages.iter().find(|before| before.name == stage.name) {
                let finished = stage.finished.get().saturating_sub(before.finished.get());
                stage.rate = rate(finished, stage.at.saturating_duration_since(before.at));
            }
        }
        self
    }

    /// The graph in the language of Graphviz, which `dot -Tsvg` draws.
    pub fn dot(&self) -> Dot<'_> {
        Dot(self)
    }
}

/// The name of the publishers in a table.
const PUBLISHERS: &str = "publishers";

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let after = |stage: &StageStatus| match &*stage.after {
            [] => String::from(PUBLISHERS),
            names => names.join(", "),
        };
        let widest = |of: &dyn Fn(&StageStatus) -> usize, title: &str| {
            self.stages.iter().map(of).max().unwrap_or(0).max(title.len())
        };
        let name_width = widest(&|stage| stage.name.chars().count(), "stage");
        let after_width = widest(&|stage| after(stage).chars().count(), "after");
        write!(
            f,
            "{} claimed, {} slots\n{:<name_width$}  {:<after_width$}",
            self.claimed, self.capacity, "stage", "after"
        )?;
        write!(f, "  {:>7}  {:>12}  {:>10}  {:>12}", "threads", "finished", "lag", "a second")?;
        for stage in &self.stages {
            write!(f, "\n{:<name_width$}  {:<after_width$}", stage.name, after(stage))?;
            write!(f, "  {:>7}  {:>12}  {:>10}  {:>12.0}", stage.workers, stage.finished.get(), stage.lag, stage.rate)?;
        }
        Ok(())
    }
}

/// A [`Status`] in the language of Graphviz: see [`Status::dot`].
#[derive(Clone, Copy, Debug)]
pub struct Dot<'a>(&'a Status);

impl fmt::Display for Dot<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("digraph stages {\n  rankdir=LR;\n  node [shape=box];\n")?;
        writeln!(f, "  ring [shape=cylinder, label=\"{} claimed\\n{} slots\"];", self.0.claimed, self.0.capacity)?;
        for (index, stage) in self.0.stages.iter().enumerate() {
            write!(f, "  s{index} [label=\"")?;
            escaped(f, &stage.name)?;
            if stage.workers > 1 {
                write!(f, " x {}", stage.workers)?;
            }
            writeln!(f, "\\nlag {}\\n{:.0} a second\"];", stage.lag, stage.rate)?;
            let before = |name: &String| self.0.stages.iter().position(|other| other.name == *name);
            match &*stage.after {
                [] => writeln!(f, "  ring -> s{index};")?,
                after => {
                    after.iter().filter_map(before).try_for_each(|other| writeln!(f, "  s{other} -> s{index};"))?
                }
            }
        }
        f.write_str("}")
    }
}

/// Writes `text` as it must stand in a quoted string of Graphviz.
fn escaped(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    text.chars().try_for_each(|char| match char {
        '"' | '\\' => write!(f, "\\{char}"),
        '\n' => f.write_str("\\n"),
        char => f.write_char(char),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(at: Instant, finished: [(&str, u64); 2]) -> Status {
        let stages = finished.map(|(name, finished)| StageStatus {
            name: name.into(),
            after: Vec::new(),
            workers: 1,
            began: Sequence::new(0),
            finished: Sequence::new(finished),
            lag: 0,
            rate: 0.5,
            failed: 0,
            restarts: 0,
            at,
        });
        Status { capacity: 16, claimed: Sequence::new(100), stages: stages.into() }
    }

    #[test]
    fn rates_are_of_what_each_stage_finished_in_the_time_between_two_statuses() {
        let begun = Instant::now();
        let earlier = status(begun, [("first", 20), ("second", 0)]);
        let later = status(begun + Duration::from_secs(4), [("new", 70), ("first", 50)]);
        let rates: Vec<_> = later.since(&earlier).stages.iter().map(|stage| stage.rate).collect();
        assert_eq!(rates, [0.5, 7.5], "one that was not there before keeps its own");
        assert_eq!(earlier.clone().since(&earlier).stages[0].rate, 0.0, "in no time");
    }
}
