//! The stages, one a file, in the order in which they run: quick ones and those most often broken come
//! first. A new stage is a new file and a new row here.

mod arm;
mod arrows;
mod asan;
mod attack;
mod bench_smoke;
mod browser;
mod c;
mod c_install;
mod clean_tree;
mod clippy;
mod cpp;
mod crash;
mod dart;
mod doc;
mod doc_tests;
mod examples;
mod features;
mod fmt;
mod fuzz;
mod go;
mod interop;
mod labels;
pub(crate) mod loom;
mod machines;
mod mcap;
mod metrics;
mod no_std;
mod other_targets;
mod package;
mod page;
mod python;
mod readme;
pub(crate) mod shuttle;
mod stress;
mod tsan;
mod unit;

use crate::bench;
use crate::stage::Stage;

pub(crate) const ALL: &[Stage] = &[
    fmt::STAGE,
    arrows::STAGE,
    labels::STAGE,
    clippy::STAGE,
    doc::STAGE,
    no_std::STAGE,
    package::STAGE,
    unit::STAGE,
    crash::STAGE,
    metrics::STAGE,
    mcap::STAGE,
    c::STAGE,
    cpp::STAGE,
    go::STAGE,
    python::STAGE,
    dart::STAGE,
    interop::STAGE,
    machines::STAGE,
    doc_tests::STAGE,
    features::STAGE,
    stress::STAGE,
    loom::STAGE,
    shuttle::STAGE,
    tsan::STAGE,
    asan::STAGE,
    fuzz::STAGE,
    arm::STAGE,
    other_targets::STAGE,
    examples::STAGE,
    readme::STAGE,
    bench_smoke::STAGE,
    page::STAGE,
    browser::STAGE,
    attack::STAGE,
    clean_tree::STAGE,
];

/// The project on which `ordering-mutants` is shown and tested.
const MUTATED: &str = "verification/ordering-mutants/example/Cargo.toml";

/// The `Cargo.toml` of every workspace of the repository, from its root.
pub(crate) fn manifests() -> impl Iterator<Item = String> {
    let apart = [
        no_std::MANIFEST,
        asan::MANIFEST,
        fuzz::MANIFEST,
        machines::MANIFEST,
        metrics::PUSHES,
        python::MANIFEST,
        MUTATED,
    ]
    .map(str::to_owned);
    ["Cargo.toml".to_owned()].into_iter().chain(apart).chain(bench::SUITES.iter().map(|suite| suite.manifest()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn names_are_unique_and_easy_to_type() {
        let names: HashSet<_> = ALL.iter().map(|stage| stage.name).collect();
        assert_eq!(names.len(), ALL.len());
        for name in names {
            assert!(name.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{name}");
        }
    }

    #[test]
    fn the_tree_is_looked_at_last() {
        assert_eq!(ALL.last().unwrap().name, "clean-tree");
    }
}
