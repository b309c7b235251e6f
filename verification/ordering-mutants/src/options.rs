//! The options of the command line.

use crate::mutant::Mutant;
use anyhow::ensure;
use clap::Args;
use std::path::Path;

/// What a run is to do. As arguments of a command line (`clap::Args`) it can be a part of a larger one.
#[derive(Clone, Debug, Default, Args)]
pub struct Options {
    /// Only mutants of this file, by the end of its path: `gate.rs`; may be given several times
    #[arg(long, value_name = "FILE")]
    pub only: Vec<String>,

    /// Only mutants of orderings with this label; may be given several times
    #[arg(long, value_name = "LABEL")]
    pub label: Vec<String>,

    /// Keep what earlier runs found, if the library's code is the same
    #[arg(long)]
    pub resume: bool,

    /// Check the labels, name the mutants, and run nothing
    #[arg(long)]
    pub list: bool,
}

impl Options {
    /// Those of `mutants` that are asked for; all if none is named.
    pub(crate) fn chosen<'a>(&self, mutants: &'a [Mutant]) -> anyhow::Result<Vec<&'a Mutant>> {
        let in_file = |mutant: &Mutant, file: &str| {
            Path::new(file).ends_with(&mutant.file) || Path::new(&mutant.file).ends_with(file)
        };
        for file in &self.only {
            let is_known = mutants.iter().any(|mutant| in_file(mutant, file));
            ensure!(is_known, "no ordering is in `{file}`; `--list` names them");
        }
        for label in &self.label {
            ensure!(mutants.iter().any(|mutant| mutant.labels.contains(label)), "no ordering has the label `{label}`");
        }
        let chosen = mutants.iter().filter(|mutant| {
            (self.only.is_empty() || self.only.iter().any(|file| in_file(mutant, file)))
                && (self.label.is_empty() || self.label.iter().any(|label| mutant.labels.contains(label)))
        });
        Ok(chosen.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cover::find;
    use crate::mutant::mutants;
    use crate::project::Project;

    #[test]
    fn mutants_are_chosen_by_file_and_label_and_what_does_not_exist_is_refused() {
        let project = Project::new("", "p");
        let text = "fn f() {\n// ONE: why\nx.load(Acquire);\n// TWO: why\nx.store(1, Release);\n}";
        let sites = find(text, &project).unwrap().sites;
        let all = [mutants("a/b.rs", &sites, &project), mutants("c.rs", &sites, &project)].concat();
        let count = |only: &[&str], label: &[&str]| {
            let [only, label] = [only, label].map(|names| names.iter().map(ToString::to_string).collect());
            Options { only, label, ..Options::default() }.chosen(&all).map(|chosen| chosen.len())
        };
        assert_eq!(count(&[], &[]).unwrap(), 4);
        assert_eq!(count(&["b.rs"], &[]).unwrap(), 2);
        assert_eq!(count(&["src/a/b.rs", "c.rs"], &["ONE"]).unwrap(), 2);
        assert!(count(&["d.rs"], &[]).unwrap_err().to_string().contains("no ordering is in `d.rs`"));
        assert!(count(&[], &["THREE"]).unwrap_err().to_string().contains("the label `THREE`"));
    }
}
