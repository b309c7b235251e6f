//! Reads what `docs/MEMORY-ORDERING.md` says of labels and mutants.
//!
//! A label is described where its name stands in bold: `**NAME**`. Two tables follow: `label | where |
//! mutation | model` names the model that is expected to fail, and `label | where | mutation | reason`
//! explains a mutant that survives.

use super::label::is_name;
use super::mutant::Mutant;
use anyhow::{bail, ensure};

/// The document, from the workspace's root.
pub(super) const DOCUMENT: &str = "docs/MEMORY-ORDERING.md";

#[derive(Debug, Default)]
pub(super) struct Document {
    /// The labels described, with the line.
    pub(super) labels: Vec<(String, usize)>,
    /// The model that is expected to kill a mutant.
    expected: Vec<Row>,
    /// Why a mutant survives.
    pub(super) survivors: Vec<Row>,
}

/// A row of either table.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) line: usize,
    label: String,
    place: String,
    change: String,
    /// The model, or the reason.
    pub(super) text: String,
}

impl Row {
    pub(super) fn is_about(&self, mutant: &Mutant) -> bool {
        self.label == mutant.labels.join(", ") && self.place == mutant.place() && self.change == mutant.change
    }

    pub(super) fn id(&self) -> String {
        format!("{} | {} | {}", self.label, self.place, self.change)
    }
}

impl Document {
    pub(super) fn parse(text: &str) -> anyhow::Result<Self> {
        let mut document = Self::default();
        let mut table: Option<Column> = None;
        for (line, said) in (1..).zip(text.lines()) {
            let Some(cells) = cells(said) else {
                table = None;
                let bold = said.split("**").skip(1).step_by(2).filter(|words| is_name(words));
                document.labels.extend(bold.map(|name| (name.to_owned(), line)));
                continue;
            };
            match (&table, &cells[..]) {
                (None, [a, b, c, last]) if [&a[..], b, c] == ["label", "where", "mutation"] => {
                    table = Some(match last.as_str() {
                        "model" => Column::Model,
                        "reason" => Column::Reason,
                        other => {
                            bail!("{DOCUMENT}:{line}: a table of mutants ends in `model` or `reason`, not `{other}`")
                        }
                    });
                }
                (Some(_), [rule, ..]) if rule.chars().all(|c| "-: ".contains(c)) => {}
                (Some(column), [label, place, change, text]) => {
                    let [label, place, change, text] = [label, place, change, text].map(String::clone);
                    ensure!(!text.is_empty(), "{DOCUMENT}:{line}: the last cell is empty");
                    let row = Row { line, label, place, change, text };
                    match column {
                        Column::Model => document.expected.push(row),
                        Column::Reason => document.survivors.push(row),
                    }
                }
                (Some(_), _) => bail!("{DOCUMENT}:{line}: a row of this table has four cells"),
                (None, _) => {}
            }
        }
        Ok(document)
    }

    /// The models that are likely to kill `mutant`, the likeliest first.
    pub(super) fn likely_models(&self, mutant: &Mutant) -> Vec<&str> {
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
    pub(super) fn explanation(&self, mutant: &Mutant) -> Option<&str> {
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
    use super::super::cover::find;
    use super::super::mutant::mutants;
    use super::*;

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
        mutants("a.rs", &find(&text).unwrap().sites).pop().unwrap()
    }

    #[test]
    fn items_and_tables_are_read() {
        let document = Document::parse(TEXT).unwrap();
        let labels: Vec<_> = document.labels.iter().map(|(name, line)| (&name[..], *line)).collect();
        assert_eq!(labels, [("SEEN", 1), ("ONE", 2), ("TWO", 2)]);
        assert_eq!(document.likely_models(&mutant("f")), ["models::a::it_is_seen"]);
        assert_eq!(document.explanation(&mutant("f")), None);
        assert_eq!(document.explanation(&mutant("g")), Some("invisible to loom"));
    }

    #[test]
    fn a_malformed_row_is_refused_with_its_line() {
        let text = TEXT.replace("| invisible to loom |", "|");
        let error = Document::parse(&text).unwrap_err().to_string();
        assert!(error.contains("MEMORY-ORDERING.md:11: "), "{error}");
    }
}
