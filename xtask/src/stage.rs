//! Stages, and how they are chosen by name.

use crate::run::Run;
use std::fmt;
use std::time::Duration;

/// One named check. It passes when `check` returns `Ok`. A stage that lacks a tool it needs fails
/// and says what to do; it is never skipped.
pub(crate) struct Stage {
    pub(crate) name: &'static str,
    /// One line for `--list` and the heading.
    pub(crate) about: &'static str,
    /// When everything that the stage started is killed. A guard against hangs, not a budget.
    pub(crate) timeout: Duration,
    /// The timeout under `--deep`, for a stage that then does more.
    pub(crate) deep_timeout: Option<Duration>,
    pub(crate) check: fn(&Run<'_>) -> anyhow::Result<()>,
}

impl Stage {
    pub(crate) fn timeout(&self, deep: bool) -> Duration {
        match self.deep_timeout {
            Some(timeout) if deep => timeout,
            _ => self.timeout,
        }
    }
}

#[cfg(test)]
impl Stage {
    /// A stage that does nothing and passes.
    pub(crate) const fn named(name: &'static str) -> Self {
        Self { name, about: "", timeout: minutes(1), deep_timeout: None, check: |_| Ok(()) }
    }
}

/// The stages of `all` that `names` asks for, in the order of `all`; every stage when `names` is
/// empty.
pub(crate) fn select<'a>(all: &'a [Stage], names: &[String]) -> Result<Vec<&'a Stage>, UnknownStage> {
    if let Some(name) = names.iter().find(|name| all.iter().all(|s| s.name != **name)) {
        return Err(UnknownStage { name: name.clone(), valid: all.iter().map(|s| s.name).collect() });
    }
    let wanted = |s: &&Stage| names.is_empty() || names.iter().any(|name| name == s.name);
    Ok(all.iter().filter(wanted).collect())
}

/// A name given to `--only` is no stage.
#[derive(Debug)]
pub(crate) struct UnknownStage {
    name: String,
    valid: Vec<&'static str>,
}

impl fmt::Display for UnknownStage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no stage is called `{}`; the stages are: {}", self.name, self.valid.join(", "))
    }
}

impl std::error::Error for UnknownStage {}

/// `n` minutes, for the tables of timeouts.
pub(crate) const fn minutes(n: u64) -> Duration {
    Duration::from_secs(60 * n)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: &[Stage] = &[Stage::named("first"), Stage::named("second"), Stage::named("third")];

    fn selected(names: &[&str]) -> Result<Vec<&'static str>, UnknownStage> {
        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        Ok(select(ALL, &names)?.iter().map(|s| s.name).collect())
    }

    #[test]
    fn no_name_selects_every_stage() {
        assert_eq!(selected(&[]).unwrap(), ["first", "second", "third"]);
    }

    #[test]
    fn the_order_is_fixed_and_a_repeated_name_runs_once() {
        assert_eq!(selected(&["third", "first", "third"]).unwrap(), ["first", "third"]);
    }

    #[test]
    fn an_unknown_name_lists_the_valid_ones() {
        let error = selected(&["first", "fourth"]).unwrap_err().to_string();
        assert_eq!(error, "no stage is called `fourth`; the stages are: first, second, third");
    }

    #[test]
    fn the_deep_timeout_counts_only_under_deep() {
        let stage = Stage { deep_timeout: Some(minutes(90)), ..Stage::named("long") };
        assert_eq!(stage.timeout(false), minutes(1));
        assert_eq!(stage.timeout(true), minutes(90));
        assert_eq!(ALL[0].timeout(true), minutes(1));
    }
}
