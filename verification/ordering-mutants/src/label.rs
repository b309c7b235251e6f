//! Labels: the comments that name an ordering and say what it is for.

use std::ops::RangeInclusive;

/// `// NAME: why` or `// NAME, OTHER: why`, directly above the statement with the ordering it names.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Label {
    pub(crate) names: Vec<String>,
    /// The line it begins on, counted from 1.
    pub(crate) line: usize,
    /// The last line of the comment it stands in; another label may follow it there.
    pub(crate) end: usize,
    /// The labels that its text names as the other side: `with A, B and C`.
    pub(crate) partners: Vec<String>,
    /// It says `Relaxed`: it explains why no ordering is needed.
    pub(crate) relaxed: bool,
}

/// Not the name of an ordering.
const SAFETY: &str = "SAFETY";

/// Every label in `text` outside the lines of `skipped`, in order.
pub(crate) fn labels(text: &str, skipped: &[RangeInclusive<usize>]) -> Vec<Label> {
    let mut labels = Vec::new();
    let mut comment: Vec<(usize, &str)> = Vec::new();
    for (number, line) in (1..).zip(text.lines().chain([""])) {
        match comment_line(line) {
            Some(said) if !skipped.iter().any(|lines| lines.contains(&number)) => comment.push((number, said)),
            _ => labels.extend(labels_of(&std::mem::take(&mut comment))),
        }
    }
    labels
}

/// The text of a line that is an ordinary comment and nothing else.
fn comment_line(line: &str) -> Option<&str> {
    let said = line.trim_start().strip_prefix("//")?;
    if said.starts_with(['/', '!']) { None } else { Some(said.trim()) }
}

/// The labels in one comment, given as its lines.
fn labels_of(comment: &[(usize, &str)]) -> Vec<Label> {
    let mut labels: Vec<Label> = Vec::new();
    let mut texts: Vec<String> = Vec::new();
    let end = comment.last().map_or(0, |(number, _)| *number);
    for &(line, said) in comment {
        match split_label(said) {
            Some((names, text)) => {
                let relaxed = text.starts_with("Relaxed");
                labels.push(Label { names, line, end, partners: Vec::new(), relaxed });
                texts.push(text.to_owned());
            }
            None => {
                if let Some(text) = texts.last_mut() {
                    text.push(' ');
                    text.push_str(said);
                }
            }
        }
    }
    for (label, text) in labels.iter_mut().zip(&texts) {
        label.partners = partners(text);
    }
    labels
}

/// `A, B: text` as the names and the text.
fn split_label(said: &str) -> Option<(Vec<String>, &str)> {
    let (names, text) = said.split_once(':')?;
    let names: Vec<String> = names.split(", ").map(str::to_owned).collect();
    (names.iter().all(|name| is_name(name)) && names[0] != SAFETY).then_some((names, text.trim()))
}

/// Capitals and digits, in words joined by hyphens.
pub(crate) fn is_name(word: &str) -> bool {
    word.len() > 1
        && word.starts_with(|c: char| c.is_ascii_uppercase())
        && word
            .split('-')
            .all(|part| !part.is_empty() && part.chars().all(|c: char| c.is_ascii_uppercase() || c.is_ascii_digit()))
}

/// The names after `with`, as far as they go on: `with A`, `with A and B`, `with A, B and C`.
fn partners(text: &str) -> Vec<String> {
    let mut partners = Vec::new();
    let mut words = text.split_whitespace().peekable();
    while let Some(word) = words.next() {
        if word != "with" {
            continue;
        }
        while let Some(next) = words.peek() {
            let name = next.trim_end_matches([',', ':', '.', ';']);
            if is_name(name) {
                partners.push(name.to_owned());
            } else if *next != "and" {
                break;
            }
            words.next();
        }
    }
    partners
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<(Vec<String>, usize, usize)> {
        labels(text, &[]).into_iter().map(|label| (label.names, label.line, label.end)).collect()
    }

    #[test]
    fn a_label_is_a_comment_that_begins_with_names_and_a_colon() {
        assert_eq!(names("// PUBLISH: Release.\nx();"), [(vec!["PUBLISH".into()], 1, 1)]);
        assert_eq!(names("\n  // A-1, CD: why\n  // and more\nx();"), [(vec!["A-1".into(), "CD".into()], 2, 3)]);
        assert_eq!(names("/// PUBLISH: a doc comment\n//! PUBLISH: another\nx(); // PUBLISH: behind code"), []);
        assert_eq!(names("// SAFETY: a proof\n// Acquire: a word\n// NOT ONE: two words"), []);
    }

    #[test]
    fn labels_may_stand_in_one_comment_and_end_with_it() {
        let text = "// ONE: why\n// TWO: why\nx();";
        assert_eq!(names(text), [(vec!["ONE".into()], 1, 2), (vec!["TWO".into()], 2, 2)]);
    }

    #[test]
    fn partners_are_what_the_text_names_after_with() {
        let partners = |text: &str| labels(text, &[])[0].partners.clone();
        assert_eq!(partners("// NAME: Acquire, with ONE, TWO-A and THREE: why with care"), ["ONE", "TWO-A", "THREE"]);
        assert_eq!(partners("// NAME: exchanged with the other; see DONE"), [""; 0]);
        assert_eq!(partners("// NAME: this goes with\n// OTHER-SIDE."), ["OTHER-SIDE"]);
    }

    #[test]
    fn a_relaxed_label_says_so_and_skipped_lines_have_none() {
        assert!(labels("// SKIP: Relaxed; nothing is handed over.\nx();", &[])[0].relaxed);
        assert_eq!(labels("// SKIP: Relaxed.\nx();", &[1..=2]), []);
    }
}
