//! What this machine is like for rings between processes.

mod heat;
mod machine;

use std::{
    fs,
    io::{Write, stdout},
    time::Duration,
};

use anyhow::Context;
use rusted_ring::placement::{Machine, Placement};

use crate::{cli::Doctor, text};

/// For so long cores are measured at most.
const WITHIN: Duration = Duration::from_secs(20);

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Finding {
    what: &'static str,
    fact: String,
    /// What to do, if something is amiss.
    advice: Option<String>,
}

impl Finding {
    fn new(what: &'static str, fact: impl Into<String>) -> Self {
        Finding { what, fact: fact.into(), advice: None }
    }

    /// The same, with `advice`, if it is `needed`.
    fn advise(self, needed: bool, advice: impl Into<String>) -> Self {
        Finding { advice: needed.then(|| advice.into()), ..self }
    }
}

pub(crate) fn run(doctor: &Doctor) -> anyhow::Result<()> {
    let mut out = stdout().lock();
    let mut findings = machine::findings(&Machine::look());
    let rows: Vec<Vec<String>> =
        findings.iter().map(|finding| vec![finding.what.to_owned(), finding.fact.clone()]).collect();
    out.write_all(text::table(&rows).as_bytes())?;
    if doctor.rounds > 0 {
        let placement = Placement::measure_with(doctor.rounds, WITHIN).context("measuring from core to core")?;
        writeln!(out, "\n{placement}")?;
        findings.extend(distances(&placement));
        if let Some(path) = &doctor.svg {
            fs::write(path, heat::svg(&placement)).with_context(|| format!("writing {}", path.display()))?;
            writeln!(out, "drawn in {}", path.display())?;
        }
    }
    let advice: Vec<_> = findings.iter().filter_map(|finding| Some((finding.what, finding.advice.as_ref()?))).collect();
    writeln!(out)?;
    if advice.is_empty() {
        writeln!(out, "nothing is amiss")?;
    }
    for (what, advice) in advice {
        writeln!(out, "{what}: {advice}")?;
    }
    Ok(())
}

/// What to do, where cores are unlike each other.
fn distances(placement: &Placement) -> Option<Finding> {
    let [(one, other, quickest), (far, away, slowest)] = placement.extremes()?;
    Some(Finding::new("cores", "").advise(
        slowest > 2.0 * quickest,
        format!(
            "it takes {slowest:.0} ns from core {far} to {away} and back, and {quickest:.0} ns from {one} to {other}: give a publisher \
             and the reader that matters most cores that are close, as by `taskset`, or by the library's `Topology::placed`"
        ),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_distances_that_differ_are_worth_an_advice() {
        let placement = |far| {
            Placement::from_figures([0, 2, 5], move |one, other| match (one, other) {
                (0, 2) => 80.0,
                (0, 5) => far,
                _ => 100.0,
            })
        };
        assert!(distances(&placement(300.0)).unwrap().advice.unwrap().contains("300 ns from core 0 to 5"));
        assert_eq!(distances(&placement(120.0)).unwrap().advice, None);
        assert_eq!(distances(&Placement::from_figures([3], |_, _| 0.0)), None);
    }
}
