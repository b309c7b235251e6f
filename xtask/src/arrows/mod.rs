//! Which part may use which, checked against the source.
//!
//! The rules are the tables below. Five things are checked. A module of the library names only
//! modules of its own layer or of a lower one. `unsafe` occurs only in the modules that may hold it, in the packages that stand on the library, too.
//! A package of the workspace depends only on the packages it may, and the library on few others.
//! The map of the library's files in docs/ARCHITECTURE.md is true, and so are the paths of an event there. Test code
//! (`#[cfg(test)]`) is free of the first two rules; so is the library's root, which re-exports
//! everything.

mod imports;
mod map;
mod packages;
mod paths;
mod uses;

use crate::workspace::Workspace;
use anyhow::Context;
use ordering_mutants::source::read_crate;
use std::fmt;
use std::fs;
use std::path::PathBuf;

/// The library's modules, lowest layer first. A module may use its own layer and those before it.
const LAYERS: &[&[&str]] = &[
    &["sync"],
    &["corrupt", "foreign", "sequence", "span", "wait", "words"],
    &["permit", "placement", "tuning"],
    &["stamp"],
    &["ring"],
    &["join", "latest", "ledger", "reader", "start"],
    &["publisher", "subscriber", "consumer"],
    &["future", "pool", "topology"],
    &["compat"],
];

/// Modules of one layer that must not use each other.
const APART: &[[&str; 2]] = &[["subscriber", "consumer"]];

/// The modules that may hold `unsafe`.
const UNSAFE_HOMES: &[&str] = &["words", "ring"];

/// The same, of the packages that stand on the library.
const UNSAFE_HOMES_ABOVE: &[(&str, &[&str])] = &[
    ("interop", &[]),
    ("rring", &[]),
    ("rusted-ring-compression", &[]),
    ("rusted-ring-journal", &[]),
    ("rusted-ring-gateway", &[]),
    ("rusted-ring-ffi", &["api", "caller", "exclusive", "handles"]),
    ("rusted-ring-metrics", &[]),
    ("rusted-ring-python", &["abi", "bytes", "fork", "interpreter", "loan"]),
    ("rusted-ring-recording", &[]),
    ("rusted-ring-shm", &["latest", "lock", "memory", "ring", "statics"]),
    ("stroke", &[]),
    ("whiteboard", &["shared"]),
];

/// The packages, each with those it may depend on.
const PACKAGES: &[(&str, &[&str])] = &[
    ("interop", &["rusted-ring", "rusted-ring-journal", "rusted-ring-shm"]),
    ("ordering-mutants", &[]),
    (
        "rring",
        &["rusted-ring", "rusted-ring-journal", "rusted-ring-metrics", "rusted-ring-recording", "rusted-ring-shm"],
    ),
    ("rusted-ring", &[]),
    ("rusted-ring-compression", &["rusted-ring"]),
    ("rusted-ring-gateway", &["rusted-ring", "rusted-ring-journal", "rusted-ring-shm"]),
    ("rusted-ring-journal", &["rusted-ring", "rusted-ring-compression"]),
    ("rusted-ring-ffi", &["rusted-ring", "rusted-ring-compression", "rusted-ring-journal", "rusted-ring-shm"]),
    ("rusted-ring-metrics", &["rusted-ring", "rusted-ring-journal", "rusted-ring-shm"]),
    ("rusted-ring-python", &["rusted-ring-ffi"]),
    ("rusted-ring-recording", &[]),
    ("rusted-ring-shm", &["rusted-ring"]),
    ("rusted-ring-tests", &["rusted-ring"]),
    ("stroke", &["rusted-ring"]),
    ("whiteboard", &["rusted-ring", "rusted-ring-journal", "rusted-ring-metrics", "rusted-ring-shm"]),
    ("xtask", &["ordering-mutants"]),
];

/// Where workspaces of their own have packages that are judged as those of this one.
const APART_FROM_IT: [&str; 2] = ["bindings/python", "crates/rusted-ring-gateway"];

/// Other people's packages on which the library may depend, tests included: building an example compiles those, too.
const FOREIGN: &[&str] = &["bytemuck", "futures-core", "loom", "rustix", "shuttle"];

/// Every break of the rules in the workspace.
pub(crate) fn violations(workspace: &Workspace) -> anyhow::Result<Vec<Violation>> {
    let source = workspace.library()?.root.join("src");
    let files = read_crate(&source.join("lib.rs"))?;
    let page = fs::read_to_string(workspace.root.join(map::PAGE)).context(map::PAGE)?;
    let mut packages = workspace.packages.clone();
    for apart in APART_FROM_IT {
        packages.extend(Workspace::around(&workspace.root.join(apart))?.packages);
    }
    let mut found = packages::violations(&packages);
    found.extend(imports::violations(&files));
    for (name, homes) in UNSAFE_HOMES_ABOVE {
        let package = packages.iter().find(|package| package.name == *name);
        let source = package.with_context(|| format!("there is no package `{name}`"))?.root.join("src");
        let roots = ["lib.rs", "main.rs"].map(|root| source.join(root));
        let root = roots.iter().find(|root| root.is_file()).with_context(|| format!("`{name}` has no root file"))?;
        found.extend(imports::unsafe_outside(homes, &read_crate(root)?));
    }
    found.extend(map::violations(&files, &source, &page));
    found.extend(paths::violations(&files, &source, &page));
    for violation in &mut found {
        if let Ok(file) = violation.file.strip_prefix(&workspace.root) {
            violation.file = file.to_owned();
        }
    }
    Ok(found)
}

/// One break of a rule: where, what, and which rule.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Violation {
    pub(crate) file: PathBuf,
    pub(crate) line: usize,
    pub(crate) what: String,
    pub(crate) rule: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, what, rule } = self;
        write!(f, "{}:{line}: {what}; the rule: {rule}", file.display())
    }
}
