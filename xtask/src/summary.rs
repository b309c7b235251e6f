//! What happened to each stage, and the closing table.

use std::fmt;
use std::time::Duration;

/// How one stage ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Passed,
    Failed,
}

/// The stages that ran, in order, and those that a failure prevented. Its text form ends
/// with the line `N passed, N failed`.
#[derive(Debug, Default)]
pub(crate) struct Summary {
    pub(crate) ran: Vec<(&'static str, Outcome, Duration)>,
    pub(crate) not_run: Vec<&'static str>,
}

impl Summary {
    /// Whether every stage ran and passed.
    pub(crate) fn all_passed(&self) -> bool {
        self.count(Outcome::Failed) == 0 && self.not_run.is_empty()
    }

    fn count(&self, outcome: Outcome) -> usize {
        self.ran.iter().filter(|(_, o, _)| *o == outcome).count()
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let total: Duration = self.ran.iter().map(|(_, _, took)| *took).sum();
        for (name, outcome, took) in &self.ran {
            let outcome = match outcome {
                Outcome::Passed => "passed",
                Outcome::Failed => "FAILED",
            };
            writeln!(f, "{name:<12} {outcome:<7} {:>8.1} s", took.as_secs_f64())?;
        }
        for name in &self.not_run {
            writeln!(f, "{name:<12} not run")?;
        }
        writeln!(f, "{:<12} {:<7} {:>8.1} s", "total", "", total.as_secs_f64())?;
        let (passed, failed) = (self.count(Outcome::Passed), self.count(Outcome::Failed));
        write!(f, "{passed} passed, {failed} failed")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_counts_the_stages() {
        let summary = Summary {
            ran: vec![
                ("fmt", Outcome::Passed, Duration::from_millis(1250)),
                ("clippy", Outcome::Failed, Duration::from_secs(61)),
            ],
            not_run: vec!["doc"],
        };
        let expected = "\
fmt          passed       1.2 s
clippy       FAILED      61.0 s
doc          not run
total                    62.2 s
1 passed, 1 failed";
        assert_eq!(summary.to_string(), expected);
        assert!(!summary.all_passed());
    }

    #[test]
    fn a_stage_that_did_not_run_has_not_passed() {
        let summary = Summary { not_run: vec!["doc"], ..Summary::default() };
        assert!(!summary.all_passed());
        assert!(Summary::default().all_passed());
    }
}
