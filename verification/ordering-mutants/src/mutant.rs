//! Mutants: the source with one ordering weakened.

use crate::project::Project;
use crate::site::{Role, Site, Strength};
use std::ops::Range;

/// One change to one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mutant {
    /// The labels of the ordering.
    pub(crate) labels: Vec<String>,
    /// The file, from the directory of sources.
    pub(crate) file: String,
    pub(crate) function: String,
    pub(crate) line: usize,
    /// The change: `Acquire -> Relaxed`.
    pub(crate) change: String,
    /// Whether no model is compiled with it, so that none can fail.
    pub(crate) unseen: bool,
    bytes: Range<usize>,
    replacement: String,
}

impl Mutant {
    /// The place's name in the documents: `ring/protocol/gate.rs permits`.
    pub(crate) fn place(&self) -> String {
        format!("{} {}", self.file, self.function)
    }

    /// An id that distinguishes it from every other mutant, whatever the lines around it do.
    pub(crate) fn id(&self) -> String {
        format!("{} | {} | {}", self.labels.join(", "), self.place(), self.change)
    }

    /// The mutated text of the file.
    pub(crate) fn apply(&self, text: &str) -> String {
        format!("{}{}{}", &text[..self.bytes.start], self.replacement, &text[self.bytes.end..])
    }
}

/// Every mutant of `file`, which has `sites`.
pub(crate) fn mutants(file: &str, sites: &[Site], project: &Project) -> Vec<Mutant> {
    let mut mutants: Vec<Mutant> = Vec::new();
    for site in sites {
        for (change, bytes, replacement) in changes(site, &project.ordering) {
            let mut mutant = Mutant {
                labels: site.labels.clone(),
                file: file.to_owned(),
                function: site.function.clone(),
                line: site.line,
                change: change.clone(),
                unseen: site.unseen,
                bytes,
                replacement,
            };
            let mut count = 1;
            while mutants.iter().any(|other| other.id() == mutant.id()) {
                count += 1;
                mutant.change = format!("{change} (no. {count})");
            }
            mutants.push(mutant);
        }
    }
    mutants
}

/// Every change to `site`, with the bytes that it replaces, and by what; `ordering` is the path of the orderings' type.
fn changes(site: &Site, ordering: &str) -> Vec<(String, Range<usize>, String)> {
    let mut changes = Vec::new();
    for weaker in weaker(site.strength, &site.role) {
        let change = match site.role {
            Role::Fence { .. } => format!("fence({}) -> fence({weaker})", site.strength),
            _ => format!("{} -> {weaker}", site.strength),
        };
        changes.push((change, site.bytes.clone(), format!("{ordering}::{weaker}")));
    }
    match &site.role {
        Role::Fence { call } => {
            changes.push((format!("fence({}) removed", site.strength), call.clone(), "()".to_owned()));
        }
        Role::Unchanging { method, call } => changes.push((
            format!("{method}(0, {}) -> load(Acquire)", site.strength),
            call.clone(),
            format!("load({ordering}::Acquire)"),
        )),
        _ => {}
    }
    changes
}

/// Every weaker ordering that is allowed where `role` stands.
fn weaker(strength: Strength, role: &Role) -> &'static [Strength] {
    use Strength::*;
    match (strength, role) {
        (Relaxed, _) | (Acquire | Release, Role::Fence { .. }) => &[],
        (AcqRel, Role::Fence { .. }) => &[Acquire, Release],
        (SeqCst, Role::Fence { .. }) => &[AcqRel],
        (Acquire | Release, _) => &[Relaxed],
        (AcqRel, _) => &[Acquire, Release, Relaxed],
        (SeqCst, Role::Load | Role::Failure) => &[Acquire, Relaxed],
        (SeqCst, Role::Store) => &[Release, Relaxed],
        (SeqCst, _) => &[AcqRel, Acquire, Release, Relaxed],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cover::find;

    /// The changes to a statement, each with the resulting statement.
    fn mutated(statement: &str) -> Vec<(String, String)> {
        let text = format!("fn f() {{\n// NAME: why\n{statement}\n}}");
        let project = Project { ordering: "crate::sync::Ordering".to_owned(), ..Project::new("", "p") };
        let found = find(&text, &project).unwrap();
        let all = mutants("a.rs", &found.sites, &project);
        all.iter()
            .map(|mutant| (mutant.change.clone(), mutant.apply(&text).lines().nth(2).unwrap().to_owned()))
            .collect()
    }

    fn is(mutated: &[(String, String)], expected: &[(&str, &str)]) {
        let expected: Vec<_> = expected.iter().map(|(a, b)| (a.to_string(), b.to_string())).collect();
        assert_eq!(mutated, expected);
    }

    #[test]
    fn each_ordering_is_weakened_alone() {
        is(
            &mutated("x.compare_exchange(a, b, Acquire, Ordering::Acquire);"),
            &[
                ("Acquire -> Relaxed", "x.compare_exchange(a, b, crate::sync::Ordering::Relaxed, Ordering::Acquire);"),
                ("Acquire -> Relaxed (no. 2)", "x.compare_exchange(a, b, Acquire, crate::sync::Ordering::Relaxed);"),
            ],
        );
    }

    #[test]
    fn an_ordering_of_both_sides_loses_either_and_both() {
        let changes: Vec<String> = mutated("x.swap(1, AcqRel);").into_iter().map(|(change, _)| change).collect();
        assert_eq!(changes, ["AcqRel -> Acquire", "AcqRel -> Release", "AcqRel -> Relaxed"]);
    }

    #[test]
    fn a_fence_is_removed() {
        is(&mutated("fence(Release);"), &[("fence(Release) removed", "();")]);
        is(
            &mutated("sync::fence(SeqCst);"),
            &[
                ("fence(SeqCst) -> fence(AcqRel)", "sync::fence(crate::sync::Ordering::AcqRel);"),
                ("fence(SeqCst) removed", "();"),
            ],
        );
    }

    #[test]
    fn an_exchange_for_its_order_alone_becomes_a_load() {
        let last = mutated("let é = y.x.fetch_add(0, AcqRel);").pop().unwrap();
        assert_eq!(last.0, "fetch_add(0, AcqRel) -> load(Acquire)");
        assert_eq!(last.1, "let é = y.x.load(crate::sync::Ordering::Acquire);");
    }

    #[test]
    fn mutants_are_told_apart_by_label_place_and_change() {
        let text = "fn f() {\n// NAME: why\nx.load(Acquire);\n// NAME: why\nx.load(Acquire);\n}";
        let project = Project::new("", "p");
        let all = mutants("a.rs", &find(text, &project).unwrap().sites, &project);
        assert_eq!(all[0].id(), "NAME | a.rs f | Acquire -> Relaxed");
        assert_eq!(all[1].id(), "NAME | a.rs f | Acquire -> Relaxed (no. 2)");
    }
}
