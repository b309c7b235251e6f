//! The workspace as cargo describes it.

use anyhow::{Context, bail};
use ordering_mutants::control::{self, Alteration};
use ordering_mutants::process::capture;
use serde_json::Value;
use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// The library's package.
pub(crate) const LIBRARY: &str = "rusted-ring";

/// The package of the library's tests that need more than the library.
pub(crate) const TESTS: &str = "rusted-ring-tests";

/// The library's feature sets, as arguments of cargo: default, none, the heap alone, and all.
pub(crate) const FEATURE_SETS: [&[&str]; 4] =
    [&[], &["--no-default-features"], &["--no-default-features", "--features", "alloc"], &["--all-features"]];

pub(crate) struct Workspace {
    pub(crate) root: PathBuf,
    /// Cargo's target directory; the environment may have moved it out of the root.
    pub(crate) target: PathBuf,
    pub(crate) packages: Vec<Package>,
}

/// A member of the workspace.
#[derive(Clone)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) root: PathBuf,
    /// The names of the packages it depends on, in any way: normal, development, build.
    pub(crate) dependencies: Vec<String>,
    /// The names of its integration tests.
    pub(crate) tests: Vec<String>,
    /// The names of its examples.
    pub(crate) examples: Vec<String>,
    /// Whether docs.rs documents it with all its features.
    pub(crate) is_documented_whole: bool,
}

impl Workspace {
    /// Asks cargo about the workspace from which cargo ran this command, or, run without cargo, about
    /// the one around the current directory.
    pub(crate) fn load() -> anyhow::Result<Self> {
        Self::around(Path::new(&env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| ".".into())))
    }

    /// Asks cargo about the workspace around a directory.
    pub(crate) fn around(here: &Path) -> anyhow::Result<Self> {
        let deadline = Instant::now() + Duration::from_secs(60);
        let mut cargo = Command::new("cargo");
        cargo.args(["metadata", "--locked", "--no-deps", "--format-version", "1"]).current_dir(here);
        let metadata = capture(&mut cargo, deadline).context("cargo metadata")?;
        Self::parse(&metadata).context("reading the output of cargo metadata")
    }

    fn parse(metadata: &str) -> anyhow::Result<Self> {
        let metadata: Value = serde_json::from_str(metadata)?;
        Ok(Self {
            root: text(&metadata, "workspace_root")?.into(),
            target: text(&metadata, "target_directory")?.into(),
            packages: list(&metadata, "packages")?.iter().map(Package::parse).collect::<anyhow::Result<_>>()?,
        })
    }

    pub(crate) fn library(&self) -> anyhow::Result<&Package> {
        self.package(LIBRARY)
    }

    pub(crate) fn package(&self, name: &str) -> anyhow::Result<&Package> {
        let found = self.packages.iter().find(|package| package.name == name);
        found.with_context(|| format!("the workspace has no package `{name}`"))
    }

    /// Copies the workspace afresh to `name` in the target directory, alters the copy, and returns its root.
    pub(crate) fn copy(&self, name: &str, alterations: &[Alteration<'_>]) -> anyhow::Result<PathBuf> {
        let root = self.target.join(name);
        control::copy(&self.root, &root, &self.target, alterations)?;
        Ok(root)
    }

    /// A directory in the target directory, as an argument of a command.
    pub(crate) fn target_argument(&self, name: &str) -> anyhow::Result<String> {
        let path = self.target.join(name);
        match path.to_str() {
            Some(path) => Ok(path.to_owned()),
            None => bail!("the path {} is not UTF-8", path.display()),
        }
    }
}

impl Package {
    fn parse(package: &Value) -> anyhow::Result<Self> {
        let manifest = Path::new(text(package, "manifest_path")?);
        Ok(Self {
            name: text(package, "name")?.to_owned(),
            version: text(package, "version")?.to_owned(),
            root: manifest.parent().context("a manifest lies in a directory")?.to_owned(),
            dependencies: list(package, "dependencies")?
                .iter()
                .map(|dependency| text(dependency, "name").map(str::to_owned))
                .collect::<anyhow::Result<_>>()?,
            tests: targets(package, "test")?,
            examples: targets(package, "example")?,
            is_documented_whole: package["metadata"]["docs"]["rs"]["all-features"] == true,
        })
    }
}

fn targets(package: &Value, kind: &str) -> anyhow::Result<Vec<String>> {
    let mut names = Vec::new();
    for target in list(package, "targets")? {
        if list(target, "kind")?.iter().any(|k| k == kind) {
            names.push(text(target, "name")?.to_owned());
        }
    }
    Ok(names)
}

fn text<'a>(value: &'a Value, key: &str) -> anyhow::Result<&'a str> {
    value[key].as_str().with_context(|| format!("`{key}` is no string"))
}

fn list<'a>(value: &'a Value, key: &str) -> anyhow::Result<&'a Vec<Value>> {
    value[key].as_array().with_context(|| format!("`{key}` is no list"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_workspace_holds_the_library_and_this_command() {
        let workspace = Workspace::load().unwrap();
        let root = &workspace.library().unwrap().root;
        assert_eq!(*root, workspace.root.join("crates/rusted-ring"));
        assert!(workspace.packages.iter().any(|package| package.name == "xtask"));
    }

    #[test]
    fn targets_are_sorted_by_kind() {
        let metadata = r#"{"workspace_root": "/w", "target_directory": "/t", "packages": [{
            "name": "a", "version": "1.2.3", "manifest_path": "/w/a/Cargo.toml",
            "dependencies": [{"name": "b"}],
            "targets": [{"name": "a", "kind": ["lib"]}, {"name": "t", "kind": ["test"]},
                        {"name": "e", "kind": ["example"]}]}]}"#;
        let workspace = Workspace::parse(metadata).unwrap();
        let package = &workspace.packages[0];
        assert_eq!(package.root, Path::new("/w/a"));
        assert_eq!(package.dependencies, ["b"]);
        assert_eq!((&package.tests[..], &package.examples[..]), (&["t".into()][..], &["e".into()][..]));
        assert!(!package.is_documented_whole);
        assert!(workspace.library().is_err());
    }
}
