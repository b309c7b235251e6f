//! Orderings and the labels that cover them: neither without the other.

use crate::find::orderings;
use crate::label::{Label, labels};
use crate::project::Project;
use crate::site::{Role, Site, Strength};
use anyhow::{Context, ensure};

/// One source file: its orderings with the labels that cover them.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) sites: Vec<Site>,
    pub(crate) labels: Vec<Label>,
    /// What is wrong in this file: the line, and what to do.
    pub(crate) complaints: Vec<(usize, String)>,
}

/// Finds the orderings of `text`, and matches them with its labels.
pub(crate) fn find(text: &str, project: &Project) -> anyhow::Result<Found> {
    let (sites, skipped) = orderings(&syn::parse_file(text).context("parsing")?, project);
    for site in &sites {
        let name = text.get(site.bytes.clone()).unwrap_or_default();
        ensure!(name.ends_with(&site.strength.to_string()), "line {}: `{name}` is no ordering", site.line);
    }
    Ok(matched(sites, labels(text, &skipped)))
}

/// Gives each site the label that covers it, and complains of sites and labels without the other.
fn matched(mut sites: Vec<Site>, labels: Vec<Label>) -> Found {
    let mut complaints = Vec::new();
    let mut used = vec![false; labels.len()];
    for site in &mut sites {
        let relaxed = site.strength == Strength::Relaxed;
        let covers = |label: &Label| label.end + 1 >= site.statement && label.end < site.line.max(site.statement);
        let mut nearest = 0;
        for (index, label) in labels.iter().enumerate().filter(|(_, label)| covers(label)) {
            if label.relaxed != relaxed {
                continue;
            }
            used[index] = true;
            if label.end > nearest {
                nearest = label.end;
                site.labels.clear();
            }
            site.labels.extend(label.names.iter().cloned());
        }
        if !relaxed && site.labels.is_empty() {
            let what = match site.role {
                Role::Fence { .. } => format!("fence({})", site.strength),
                _ => site.strength.to_string(),
            };
            complaints.push((
                site.line,
                format!("{what} without a label: put `// NAME: why, with PARTNER` directly above its statement"),
            ));
        }
    }
    for (label, _) in labels.iter().zip(used).filter(|(_, used)| !used) {
        let what = if label.relaxed { "Relaxed access" } else { "ordering stronger than Relaxed" };
        complaints.push((
            label.line,
            format!("label {} stands above no {what}: move it there, or remove it", label.names.join(", ")),
        ));
    }
    sites.retain(|site| site.strength != Strength::Relaxed);
    complaints.sort();
    Found { sites, labels, complaints }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(body: &str) -> Found {
        find(&format!("fn f() {{\n{body}\n}}"), &Project::new("", "p")).unwrap()
    }

    /// The sites of a function's body: strength, and labels.
    fn sites(body: &str) -> Vec<(Strength, Vec<String>)> {
        found(body).sites.into_iter().map(|site| (site.strength, site.labels)).collect()
    }

    fn complaints(body: &str) -> Vec<String> {
        found(body).complaints.into_iter().map(|(line, what)| format!("{line}: {what}")).collect()
    }

    #[test]
    fn an_ordering_takes_the_label_above_its_statement() {
        let body = "// SEEN: Acquire, with SHOWN.\nif x.load(Acquire) == 1 {\n    x.store(0, Relaxed);\n}";
        assert_eq!(sites(body), [(Strength::Acquire, vec!["SEEN".into()])]);
        assert_eq!(complaints(body), [""; 0]);
        let many = "// ONE, TWO: why\nx.compare_exchange(0, 1, Ordering::AcqRel, sync::Acquire);";
        let both = || vec!["ONE".to_owned(), "TWO".to_owned()];
        assert_eq!(sites(many), [(Strength::AcqRel, both()), (Strength::Acquire, both())]);
    }

    #[test]
    fn a_label_may_stand_inside_a_statement_and_covers_no_inner_one() {
        let inside = "let y = x\n    // SEEN: why\n    .load(Acquire);";
        assert_eq!(sites(inside), [(Strength::Acquire, vec!["SEEN".into()])]);
        let inner = "// SEEN: why\nwhile x.load(Acquire) {\n    y.load(Acquire);\n}";
        assert_eq!(sites(inner)[1], (Strength::Acquire, vec![]));
        assert!(complaints(inner)[0].starts_with("4: Acquire without a label: put `// NAME:"));
        let arms = "match y {\n    // ONE: why\n    0 => x.load(Acquire),\n    _ => x.load(Acquire),\n}";
        assert_eq!(complaints(arms).len(), 1);
    }

    #[test]
    fn a_label_without_its_ordering_is_reported() {
        assert!(complaints("// GONE: why\nx.load(Relaxed);")[0].contains("label GONE stands above no ordering"));
        assert!(complaints("// GONE: why\n\nx.load(Acquire);").len() == 2, "an empty line between");
        assert!(complaints("// FREE: Relaxed, and why\nx.load(Acquire);").len() == 2);
        assert_eq!(complaints("// FREE: Relaxed, and why\nx.load(Relaxed);"), [""; 0]);
    }
}
