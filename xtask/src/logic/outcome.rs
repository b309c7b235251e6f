//! The results that cargo-mutants wrote about each mutant.

use anyhow::{Context, bail};
use serde_json::Value;
use std::fmt;

/// What happened to a mutant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Killed,
    /// A test did not end, which counts as noticed.
    TimedOut,
    /// It does not compile.
    NotBuilt,
    Survived,
}

/// One change. Its text form is its name, as [`Mutant::named`] takes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mutant {
    /// From the library's sources.
    pub(super) file: String,
    /// Line and column.
    pub(super) place: String,
    pub(super) change: String,
    pub(super) fate: Fate,
}

impl Mutant {
    /// The mutants in the file `outcomes.json`, of sources in the directory `source`.
    pub(super) fn parse(outcomes: &str, source: &str) -> anyhow::Result<Vec<Self>> {
        let outcomes: Value = serde_json::from_str(outcomes)?;
        let outcomes = outcomes["outcomes"].as_array().context("no outcomes")?;
        let mut mutants = Vec::new();
        for outcome in outcomes {
            // The unchanged sources, which cargo-mutants tries first, are no mutant.
            let Some(name) = outcome["scenario"]["Mutant"]["name"].as_str() else { continue };
            let summary = outcome["summary"].as_str().context("an outcome without a summary")?;
            let fate = match summary {
                "CaughtMutant" => Fate::Killed,
                "Timeout" => Fate::TimedOut,
                "Unviable" => Fate::NotBuilt,
                "MissedMutant" => Fate::Survived,
                other => bail!("`{name}` ended as `{other}`"),
            };
            let inside = name.strip_prefix(source).and_then(|name| name.strip_prefix('/'));
            mutants.push(Self::named(inside.with_context(|| format!("`{name}` is not in {source}"))?, fate)?);
        }
        Ok(mutants)
    }

    /// The mutant with this name, which begins at the library's sources.
    pub(super) fn named(name: &str, fate: Fate) -> anyhow::Result<Self> {
        let parts = name.split_once(": ").and_then(|(place, change)| Some((place.split_once(':')?, change)));
        let ((file, place), change) = parts.with_context(|| format!("`{name}` is not FILE:LINE:COLUMN: CHANGE"))?;
        Ok(Self { file: file.to_owned(), place: place.to_owned(), change: change.to_owned(), fate })
    }
}

impl fmt::Display for Mutant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, place, change, .. } = self;
        write!(f, "{file}:{place}: {change}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mutants_are_read_and_the_baseline_is_none() {
        let outcomes = r#"{"outcomes": [
            {"scenario": "Baseline", "summary": "Success"},
            {"scenario": {"Mutant": {"name": "l/src/pool/a.rs:7:9: replace A::f -> u8 with 1"}}, "summary": "MissedMutant"}]}"#;
        let mutants = Mutant::parse(outcomes, "l/src").unwrap();
        let [mutant] = &mutants[..] else { panic!("{mutants:?}") };
        assert_eq!((&mutant.file[..], &mutant.place[..]), ("pool/a.rs", "7:9"));
        assert_eq!((&mutant.change[..], mutant.fate), ("replace A::f -> u8 with 1", Fate::Survived));
        assert_eq!(mutant.to_string(), "pool/a.rs:7:9: replace A::f -> u8 with 1");
        assert!(Mutant::parse(&outcomes.replace("Missed", "Strange"), "l/src").is_err());
        assert!(Mutant::parse(outcomes, "elsewhere").is_err());
    }
}
