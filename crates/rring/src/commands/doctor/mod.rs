//! What this machine is like for rings between processes.

mod heat;
mod machine;
mod round_trips;

use std::{
    fs,
    io::{Write, stdout},
};

use anyhow::Context;

use crate::{cli::Doctor, text};

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
    let mut findings = machine::findings();
    let rows: Vec<Vec<String>> =
        findings.iter().map(|finding| vec![finding.what.to_owned(), finding.fact.clone()]).collect();
    out.write_all(text::table(&rows).as_bytes())?;
    if doctor.rounds > 0 {
        let matrix = round_trips::measure(doctor.rounds).context("measuring from core to core")?;
        write!(out, "\n{}", heat::text(&matrix))?;
        findings.extend(matrix.finding());
        if let Some(path) = &doctor.svg {
            fs::write(path, heat::svg(&matrix)).with_context(|| format!("writing {}", path.display()))?;
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
