//! `cargo xtask mutate`: what is particular to the library where its orderings are weakened, and its labels checked.

use crate::checker::MODELS;
use crate::stages::{loom, shuttle};
use crate::workspace::{LIBRARY, Workspace};
use anyhow::Context;
use ordering_mutants::{Checker, Options, Project, interrupt};
use std::io;

/// The page that describes the labels.
const DOCUMENT: &str = "docs/MEMORY-ORDERING.md";

/// Runs what the command line asks for. `Ok(false)`: it ran, and found something wrong.
pub(crate) fn mutate(options: &Options) -> anyhow::Result<bool> {
    interrupt::listen()?;
    ordering_mutants::run(&project(&Workspace::load()?)?, options, &mut io::stdout())
}

/// The library, its models under loom as in every run of that stage, and its page.
pub(crate) fn project(workspace: &Workspace) -> anyhow::Result<Project> {
    let library =
        workspace.library()?.root.strip_prefix(&workspace.root).context("the library lies in the workspace")?;
    Ok(Project {
        target: workspace.target.clone(),
        decisive: vec![library.join("src")],
        source: library.join("src"),
        document: DOCUMENT.to_owned(),
        tests: MODELS.map(str::to_owned).into(),
        checker: Checker {
            cfg: loom::CHECKER.name.to_owned(),
            effort: loom::CHECKER.effort.to_owned(),
            bounds: [1, loom::CHECKER.quick],
        },
        ordering: "crate::sync::Ordering".to_owned(),
        not_shipped: vec![shuttle::CHECKER.name.to_owned()],
        ..Project::new(&workspace.root, LIBRARY)
    })
}
