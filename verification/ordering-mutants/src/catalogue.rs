//! Every mutant of a crate, and everything that is wrong with its labels.

use crate::cover::find;
use crate::document::Document;
use crate::label::Label;
use crate::mutant::{Mutant, mutants};
use crate::project::Project;
use crate::source::read_crate;
use anyhow::Context;
use std::collections::HashSet;
use std::fs;
use std::path::Path;

pub(crate) struct Catalogue {
    /// The files with mutants or labels, named from the directory of sources, and their texts.
    files: Vec<(String, String)>,
    pub(crate) mutants: Vec<Mutant>,
    /// `file:line: what is wrong and what to do`.
    pub(crate) complaints: Vec<String>,
}

impl Catalogue {
    /// Reads the crate of `project` as it is in `root`: the project's own, or that of a copy.
    pub(crate) fn read(project: &Project, root: &Path, document: &Document) -> anyhow::Result<Self> {
        let source = &root.join(&project.source);
        let mut files = Vec::new();
        for file in read_crate(&source.join("lib.rs"))? {
            let text = fs::read_to_string(&file.path).with_context(|| format!("reading {}", file.path.display()))?;
            let name = file.path.strip_prefix(source).context("a module lies in the source directory")?;
            files.push((name.to_str().context("a file's name is UTF-8")?.to_owned(), text));
        }
        Self::of(files, project, document)
    }

    fn of(files: Vec<(String, String)>, project: &Project, document: &Document) -> anyhow::Result<Self> {
        let mut catalogue = Self { files: Vec::new(), mutants: Vec::new(), complaints: Vec::new() };
        let mut labels: Vec<(String, Label)> = Vec::new();
        for (name, text) in files {
            let shown = project.source.join(&name).display().to_string();
            let found = find(&text, project).with_context(|| shown.clone())?;
            let complaints = found.complaints.into_iter().map(|(line, what)| format!("{shown}:{line}: {what}"));
            catalogue.complaints.extend(complaints);
            catalogue.mutants.extend(mutants(&name, &found.sites, project));
            labels.extend(found.labels.into_iter().map(|label| (shown.clone(), label)));
            catalogue.files.push((name, text));
        }
        catalogue.complaints.extend(unknown_partners(&labels));
        catalogue.complaints.extend(against_document(&labels, &catalogue.mutants, document));
        Ok(catalogue)
    }

    pub(crate) fn text(&self, file: &str) -> &str {
        let found = self.files.iter().find(|(name, _)| name == file);
        found.map(|(_, text)| &text[..]).expect("a mutant is of a file that was read")
    }
}

fn unknown_partners(labels: &[(String, Label)]) -> Vec<String> {
    let known: HashSet<&String> = labels.iter().flat_map(|(_, label)| &label.names).collect();
    let mut complaints = Vec::new();
    for (file, label) in labels {
        for partner in label.partners.iter().filter(|partner| !known.contains(partner)) {
            let name = label.names.join(", ");
            complaints.push(format!("{file}:{}: {name} is with {partner}, and nothing has that label", label.line));
        }
    }
    complaints
}

/// The differences between the document and the source.
fn against_document(labels: &[(String, Label)], mutants: &[Mutant], document: &Document) -> Vec<String> {
    let page = &document.name;
    let mut complaints = Vec::new();
    let described: HashSet<&String> = document.labels.iter().map(|(name, _)| name).collect();
    let mut seen = HashSet::new();
    for (file, label) in labels {
        for name in label.names.iter().filter(|name| !described.contains(name)) {
            if seen.insert(name) {
                let what = format!("{page} does not describe {name}: do so there, with **{name}** in bold");
                complaints.push(format!("{file}:{}: {what}", label.line));
            }
        }
    }
    let known: HashSet<&String> = labels.iter().flat_map(|(_, label)| &label.names).collect();
    for (name, line) in document.labels.iter().filter(|(name, _)| !known.contains(name)) {
        complaints.push(format!("{page}:{line}: nothing has the label {name}: remove its description"));
    }
    for row in &document.survivors {
        if !mutants.iter().any(|mutant| row.is_about(mutant)) {
            complaints.push(format!("{page}:{}: there is no mutant `{}`: remove the row", row.line, row.id()));
        }
    }
    complaints
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaints(source: &str, document: &str) -> Vec<String> {
        let files = vec![("a.rs".to_owned(), source.to_owned())];
        let document = Document::parse("a.md", document).unwrap();
        Catalogue::of(files, &Project::new("", "p"), &document).unwrap().complaints
    }

    const SOURCE: &str =
        "fn f() {\n// SEEN: with SHOWN.\nx.load(Acquire);\n// SHOWN: with SEEN.\nx.store(1, Release);\n}";
    const DOCUMENTED: &str = "- **SEEN** and **SHOWN** why\n";

    #[test]
    fn source_and_document_agree() {
        assert_eq!(complaints(SOURCE, DOCUMENTED), [""; 0]);
    }

    #[test]
    fn a_label_lacks_its_partner_or_its_description() {
        let lonely = SOURCE.replace("// SHOWN: with SEEN.", "// SHOWED: with SEEN.");
        let found = complaints(&lonely, "**SEEN**, **SHOWED**, **GONE**\n");
        assert_eq!(found[0], "src/a.rs:2: SEEN is with SHOWN, and nothing has that label");
        assert!(found[1].starts_with("a.md:1: nothing has the label GONE"), "{found:?}");
        assert!(complaints(SOURCE, "- **SEEN**\n")[0].starts_with("src/a.rs:4: a.md does not"));
    }

    #[test]
    fn an_explanation_is_of_a_mutant_that_exists() {
        let table = "| label | where | mutation | reason |\n|---|---|---|---|\n";
        let row = |change: &str| format!("{DOCUMENTED}\n{table}| SEEN | `a.rs f` | `{change}` | why |\n");
        assert_eq!(complaints(SOURCE, &row("Acquire -> Relaxed")), [""; 0]);
        assert!(complaints(SOURCE, &row("AcqRel -> Relaxed"))[0].contains("there is no mutant"));
    }
}
