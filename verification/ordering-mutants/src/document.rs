//! Reads what a project's document says of labels and mutants.
//!
//! A label is described where its name stands in bold: `**NAME**`. Two tables follow: `label | where |
//! mutation | model` names the model that is expected to fail, and `label | where | mutation | reason`
//! explains a mutant that survives.

use crate::label::is_name;
use crate::mutant::Mutant;
use anyhow::{bail, ensure};

#[derive(Debug)]
pub(crate) struct Document {
    /// From the project's root.
    pub(crate) name: String,
    /// The labels described, with the line.
    pub(crate) labels: Vec<(String, usize)>,
    /// The model that is expected to kill a mutant.
    expected: Vec<Row>,
    /// Why a mutant survives.
    pub(crate) survivors: Vec<Row>,
}

/// A row of either table.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) line: usize,
    label: String,
    place: String,
    change: String,
    /// The model, or the reason.
    pub(crate) text: String,
}

impl Row {
    pub(crate) fn is_about(&self, mutant: &Mutant) -> bool {
        self.label == mutant.labels.join(", ") && self.place == mutant.place() && self.change == mutant.change
    }

    pub(crate) fn id(&self) -> String {
        format!("{} | {} | {}", self.label, self.place, self.change)
    }
}

impl Document {
    pub(crate) fn parse(name: &str, text: &str) -> anyhow::Result<Self> {
        let (labels, expected, survivors) = (Vec::new(), Vec::new(), Vec::new());
        let mut document = Self { name: name.to_owned(), labels, expected, survivors };
        let mut table: Option<Column> = None;
        for (line, said) in (1..).zip(text.lines()) {
            let Some(cells) = cells(said) else {
                table = None;
                let bold = said.split("**").skip(1).step_by(2).filter(|words| is_name(words));
                document.labels.extend(bold.map(|label| (label.to_owned(), line)));
                continue;
            };
            match (&table, &cells[..]) {
                (None, [a, b, c, last]) if [&a[..], b, c] == ["label", "where", "mutation"] => {
                    table = Some(match last.as_str() {
                        "model" => Column::Model,
                        "reason" => Column::Reason,
                        other => {
                            bail!("{name}:{line}: a table of mutants ends in `model` or `reason`, not `{other}`")
                        }
                    });
                }
                (Some(_), [rule, ..]) if rule.chars().all(|c| "-: ".contains(c)) => {}
                (Some(column), [label, place, change, text]) => {
                    let [label, place, change, text] = [label, place, change, text].map(String::clone);
                    ensure!(!text.is_empty(), "{name}:{line}: the last cell is empty");
                    let row = Row { line, label, place, change, text };
                    match column {
                        Column::Model => document.expected.push(row),
                        Column::Reason => document.survivors.push(row),
                    }
                }
                (Some(_), _) => bail!("{name}:{line}: a row of this table has four cells"),
                (None, _) => {}
            }
        }
        Ok(document)
    }

    /// The models that are likely to kill `mutant`, the likeliest first.
    pub(crate) fn likely_models(&self, mutant: &Mutant) -> Vec<&str> {
        let exact = self.expected.iter().filter(|row| row.is_about(mutant));
        let same_label = self
            .expected
            .iter()
            .filter(|row| row.label.split(", ").any(|label| mutant.labels.iter().any(|l| l == label)));
        let same_file = self.expected.iter().filter(|row| row.place.starts_with(&mutant.file));
        let mut models: Vec<&str> = Vec::new();
        for row in exact.chain(same_label).chain(same_file) {
            if !models.contains(&row.text.as_str()) {
                models.push(&row.text);
            }
        }
        models
    }

    /// Why `mutant` survives, if the document says so.
    pub(crate) fn explanation(&self, mutant: &Mutant) -> Option<&str> {
        self.survivors.iter().find(|row| row.is_about(mutant)).map(|row| &row.text[..])
    }
}

enum Column {
    Model,
    Reason,
}

/// The cells of a table's row, without the marks of code.
fn cells(line: &str) -> Option<Vec<String>> {
    let inner = line.trim().strip_prefix('|')?.strip_suffix('|')?;
    Some(inner.split('|').map(|cell| cell.trim().replace('`', "")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cover::find;
    use crate::mutant::mutants;
    use crate::project::Project;

    const TEXT: &str = "\
- **SEEN** (Acquire): what it does; **bold** too.
- **ONE** (Release) and **TWO**
- a plain item

| label | where | mutation | model |
|---|---|---|---|
| SEEN | `a.rs f` | `Acquire -> Relaxed` | `models::a::it_is_seen` |

| label | where | mutation | reason |
|---|---|---|---|
| SEEN | `a.rs g` | `Acquire -> Relaxed` | invisible to loom |

| another | table |
|---|---|
| x | y |
";

    fn mutant(function: &str) -> Mutant {
        let text = format!("fn {function}() {{\n// SEEN: why\nx.load(Acquire);\n}}");
        let project = Project::new("", "p");
        mutants("a.rs", &find(&text, &project).unwrap().sites, &project).pop().unwrap()
    }

    #[test]
    fn items_and_tables_are_read() {
        let document = Document::parse("a.md", TEXT).unwrap();
        let labels: Vec<_> = document.labels.iter().map(|(name, line)| (&name[..], *line)).collect();
        assert_eq!(labels, [("SEEN", 1), ("ONE", 2), ("TWO", 2)]);
        assert_eq!(document.likely_models(&mutant("f")), ["models::a::it_is_seen"]);
        assert_eq!(document.explanation(&mutant("f")), None);
        assert_eq!(document.explanation(&mutant("g")), Some("invisible to loom"));
    }

    #[test]
    fn a_malformed_row_is_refused_with_its_line() {
        let text = TEXT.replace("| invisible to loom |", "|");
        let error = Document::parse("a.md", &text).unwrap_err().to_string();
        assert!(error.contains("a.md:11: "), "{error}");
    }
}
