use crate::header::FFI;
use crate::run::Run;
use crate::stage::{Stage, minutes};
use crate::workspace::LIBRARY;
use anyhow::{Context, bail, ensure};
use std::env;
use std::fs;
use std::path::PathBuf;

pub(super) const STAGE: Stage = Stage {
    name: "package",
    about: "the packages of the library and of what stands on it build by themselves, and contain what they should and nothing else",
    timeout: minutes(5),
    deep_timeout: None,
    check,
};

fn check(run: &Run<'_>) -> anyhow::Result<()> {
    // A change may be checked before it is committed.
    let mut package = vec!["package", "--locked", "--allow-dirty"];
    // Together, for one is built from the other's package.
    package.extend(PUBLISHED.iter().flat_map(|name| ["--package", name]));
    forget_unpacked(run)?;
    forget_built(run)?;
    run.cargo(&package)?;
    PUBLISHED.iter().try_for_each(|name| is_whole(run, name))
}

/// Removes what cargo unpacked when these packages were last built from one another: it would take that again, for their versions are the
/// same. The registry that it unpacks from lies in the target directory and has no host, so its name begins with a dash.
fn forget_unpacked(run: &Run<'_>) -> anyhow::Result<()> {
    let home = env::var_os("CARGO_HOME").map(PathBuf::from).or_else(|| Some(env::home_dir()?.join(".cargo")));
    let sources = home.context("looking for cargo's home: set CARGO_HOME or HOME")?.join("registry/src");
    let Ok(registries) = fs::read_dir(&sources) else { return Ok(()) };
    for registry in registries {
        let registry = registry.with_context(|| format!("reading {}", sources.display()))?;
        if !registry.file_name().as_encoded_bytes().starts_with(b"-") {
            continue;
        }
        for name in PUBLISHED {
            let package = run.workspace.package(name)?;
            let unpacked = registry.path().join(format!("{}-{}", package.name, package.version));
            if unpacked.exists() {
                fs::remove_dir_all(&unpacked).with_context(|| format!("removing {}", unpacked.display()))?;
            }
        }
    }
    Ok(())
}

/// Removes cargo's marks of having built these packages, for the same reason.
fn forget_built(run: &Run<'_>) -> anyhow::Result<()> {
    let marks = run.workspace.target.join("debug/.fingerprint");
    let Ok(entries) = fs::read_dir(&marks) else { return Ok(()) };
    for entry in entries {
        let mark = entry.with_context(|| format!("reading {}", marks.display()))?;
        let is_ours = |name: &str| name.rsplit_once('-').is_some_and(|(package, _)| PUBLISHED.contains(&package));
        if mark.file_name().to_str().is_some_and(is_ours) {
            fs::remove_dir_all(mark.path()).with_context(|| format!("removing {}", mark.path().display()))?;
        }
    }
    Ok(())
}

fn is_whole(run: &Run<'_>, name: &str) -> anyhow::Result<()> {
    let mut list = run.command("cargo");
    let listed =
        run.read(list.args(["package", "--list", "--quiet", "--locked", "--allow-dirty", "--package", name]))?;
    let listed: Vec<&str> = listed.lines().collect();
    for needed in ["Cargo.toml", "LICENSE", "README.md"] {
        ensure!(listed.contains(&needed), "the package {name} lacks {needed}");
    }
    let has_root = ["src/lib.rs", "src/main.rs"].iter().any(|root| listed.contains(root));
    ensure!(has_root, "the package {name} has neither a library nor a program");
    let junk: Vec<&str> = listed.into_iter().filter(|path| !belongs(path)).collect();
    ensure!(junk.is_empty(), "the package {name} holds what does not belong there: {}", junk.join(", "));
    files_are_whole(run, name)
}

/// What others can depend on, or install.
pub(super) const PUBLISHED: [&str; 8] = [
    LIBRARY,
    "rusted-ring-shm",
    "rusted-ring-compression",
    "rusted-ring-journal",
    "rusted-ring-metrics",
    "rusted-ring-recording",
    FFI,
    "rring",
];

/// Whether a file of this path may be in the package: beside the sources, what cargo and the read-me need, which may show pictures, and what
/// Prometheus and Grafana are given.
fn belongs(path: &str) -> bool {
    match path.split_once('/') {
        Some((folder, _)) => {
            ["src", "tests", "examples", "benches", "include", "cmake", "prometheus", "grafana"].contains(&folder)
        }
        None if path.ends_with(".svg") => true,
        None => [
            ".cargo_vcs_info.json",
            "Cargo.lock",
            "Cargo.toml",
            "Cargo.toml.orig",
            "LICENSE",
            "README.md",
            // How the header of the C ABI is generated.
            "cbindgen.toml",
        ]
        .contains(&path),
    }
}

/// In the repository the license and the library's read-me are links to the root's; in the package they must
/// be the files.
fn files_are_whole(run: &Run<'_>, name: &str) -> anyhow::Result<()> {
    let package = run.workspace.package(name)?;
    let unpacked = format!("package/{}-{}", package.name, package.version);
    let unpacked = run.workspace.target.join(unpacked);
    for name in ["LICENSE", "README.md"] {
        let packaged = unpacked.join(name);
        let kind = fs::symlink_metadata(&packaged).with_context(|| format!("looking at {}", packaged.display()))?;
        if !kind.is_file() || fs::read(&packaged)? != fs::read(package.root.join(name))? {
            bail!("in the package, {name} is not the file that the repository shows");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_belong_and_strays_do_not() {
        assert!(belongs("src/ring/storage/heap.rs"));
        assert!(belongs("LICENSE") && belongs("top.svg"));
        assert!(!belongs("notes.txt"));
        assert!(!belongs("target/debug/x"));
        assert!(!belongs("src"));
    }
}
