//! What happened to the mutants, and the closing lines.

use crate::mutant::Mutant;
use std::fmt;

/// What happened to one mutant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Killed {
        model: String,
        bound: u32,
    },
    /// It survives, and the document says why.
    Explained(String),
    /// It survives, and nothing says why; `unseen` if no model is compiled with it.
    Unexplained {
        unseen: bool,
    },
    /// It is killed, and the document explains why it survives.
    KilledAndExplained {
        model: String,
    },
    /// The compiler's output.
    NotBuilt(String),
    /// The model that was running at the deadline.
    TimedOut(String),
}

impl fmt::Display for Fate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Killed { model, bound } => write!(f, "killed by {model}, bound {bound}"),
            Self::Explained(reason) => write!(f, "explained: {reason}"),
            Self::Unexplained { unseen: false } => write!(f, "SURVIVED"),
            Self::Unexplained { unseen: true } => write!(f, "SURVIVED: no model is compiled with it"),
            Self::KilledAndExplained { model } => write!(f, "KILLED by {model}, although explained as a survivor"),
            Self::NotBuilt(errors) => write!(f, "NOT BUILT:\n{errors}"),
            Self::TimedOut(model) => write!(f, "UNDECIDED: {model} was not done in time"),
        }
    }
}

/// Every judged mutant, with its fate. Its text form ends with the line that counts them.
pub(crate) struct Tally<'a> {
    /// The document's name.
    document: &'a str,
    fates: Vec<(&'a Mutant, Fate)>,
}

impl<'a> Tally<'a> {
    pub(crate) fn new(document: &'a str) -> Self {
        Self { document, fates: Vec::new() }
    }

    pub(crate) fn add(&mut self, mutant: &'a Mutant, fate: Fate) {
        self.fates.push((mutant, fate));
    }

    /// Whether every mutant was killed or explained, and not both.
    pub(crate) fn is_good(&self) -> bool {
        self.fates.iter().all(|(_, fate)| matches!(fate, Fate::Killed { .. } | Fate::Explained(_)))
    }

    /// The rows of the document's table of models.
    pub(crate) fn killed_rows(&self) -> String {
        let rows = self.fates.iter().filter_map(|(mutant, fate)| match fate {
            Fate::Killed { model, .. } => {
                let label = mutant.labels.join(", ");
                Some(format!("| {label} | `{}` | `{}` | `{model}` |\n", mutant.place(), mutant.change))
            }
            _ => None,
        });
        rows.collect()
    }

    fn count(&self, is: impl Fn(&Fate) -> bool) -> usize {
        self.fates.iter().filter(|(_, fate)| is(fate)).count()
    }
}

impl fmt::Display for Tally<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (mutant, fate) in &self.fates {
            let advice = match fate {
                Fate::Killed { .. } | Fate::Explained(_) => continue,
                Fate::Unexplained { .. } => "write a model that fails, weaken the ordering for good, or explain it in",
                Fate::KilledAndExplained { .. } => "remove the explanation from",
                Fate::NotBuilt(_) | Fate::TimedOut(_) => "it is not known whether a model needs this ordering; see",
            };
            writeln!(f, "{} ({}:{}): {advice} {}", mutant.id(), mutant.file, mutant.line, self.document)?;
        }
        let killed = self.count(|fate| matches!(fate, Fate::Killed { .. } | Fate::KilledAndExplained { .. }));
        let explained = self.count(|fate| matches!(fate, Fate::Explained(_)));
        let all = self.fates.len();
        write!(f, "{all} mutants, {killed} killed, {explained} explained, {} unexplained", all - killed - explained)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cover::find;
    use crate::mutant::mutants;
    use crate::project::Project;

    #[test]
    fn the_last_line_counts_and_a_survivor_is_told_what_to_do_about() {
        let text = "fn f() {\n// NAME: why\nx.swap(1, AcqRel);\n}";
        let project = Project::new("", "p");
        let all = mutants("a.rs", &find(text, &project).unwrap().sites, &project);
        let mut tally = Tally::new(&project.document);
        tally.add(&all[0], Fate::Killed { model: "models::m".to_owned(), bound: 1 });
        assert!(tally.is_good());
        tally.add(&all[1], Fate::Explained("because".to_owned()));
        assert!(tally.is_good());
        tally.add(&all[2], Fate::Unexplained { unseen: false });
        assert!(!tally.is_good());
        let said = tally.to_string();
        assert!(said.starts_with("NAME | a.rs f | AcqRel -> Relaxed (a.rs:3): write a model"), "{said}");
        assert!(said.ends_with("\n3 mutants, 1 killed, 1 explained, 1 unexplained"), "{said}");
        assert_eq!(tally.killed_rows(), "| NAME | `a.rs f` | `AcqRel -> Acquire` | `models::m` |\n");
    }
}
