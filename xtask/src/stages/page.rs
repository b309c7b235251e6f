use crate::debian::{self, NODE, NPM};
use crate::run::Run;
use crate::stage::{Stage, minutes};
use anyhow::{Context, bail};
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::path::Path;

pub(super) const STAGE: Stage = Stage {
    name: "page",
    about: "the whiteboard's page is type-checked, and what is checked in is what it compiles to",
    timeout: minutes(5),
    deep_timeout: None,
    check,
};

/// The page, a package of npm.
const PAGE: &str = "apps/whiteboard/page";
/// The compiler's output in it, checked in, so that building the whiteboard needs no Node.
const BUILT: &str = "built";
/// The line that makes the two equal again.
const MEND: &str = "cd apps/whiteboard/page && npm ci && rm -r built && npm run build";

fn check(run: &Run<'_>) -> anyhow::Result<()> {
    debian::require(run, &[NODE, NPM])?;
    let page = run.workspace.root.join(PAGE);
    let fresh = run.workspace.target.join("page");
    if fresh.exists() {
        fs::remove_dir_all(&fresh).with_context(|| fresh.display().to_string())?;
    }
    run.show(run.command("npm").args(["ci", "--no-audit", "--no-fund"]).current_dir(&page))?;
    let mut build = run.command("npm");
    build.args(["run", "build", "--", "--outDir"]).arg(&fresh).current_dir(&page);
    run.show(&mut build)?;
    let differing = differing(&page.join(BUILT), &fresh)?;
    if !differing.is_empty() {
        bail!("{PAGE}/{BUILT} is not what its sources compile to: {}; mend it with\n    {MEND}", differing.join(", "));
    }
    Ok(())
}

/// The names of the files that are not in both directories with the same content.
fn differing(one: &Path, other: &Path) -> anyhow::Result<Vec<String>> {
    let names: BTreeSet<OsString> = names(one)?.union(&names(other)?).cloned().collect();
    let same = |name: &OsString| match (fs::read(one.join(name)), fs::read(other.join(name))) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    };
    Ok(names.iter().filter(|name| !same(name)).map(|name| name.to_string_lossy().into_owned()).collect())
}

fn names(directory: &Path) -> anyhow::Result<BTreeSet<OsString>> {
    let entries = fs::read_dir(directory).with_context(|| directory.display().to_string())?;
    entries.map(|entry| Ok(entry?.file_name())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_added_and_changed_files_are_found() {
        let root = std::env::temp_dir().join(format!("page-stage-{}", std::process::id()));
        let (one, other) = (root.join("one"), root.join("other"));
        for (directory, files) in
            [(&one, ["same", "changed", "only-here"]), (&other, ["same", "changed", "only-there"])]
        {
            fs::create_dir_all(directory).unwrap();
            for file in files {
                let content = if file == "changed" { directory.to_str().unwrap() } else { file };
                fs::write(directory.join(file), content).unwrap();
            }
        }
        let found = differing(&one, &other).unwrap();
        fs::remove_dir_all(&root).unwrap();
        assert_eq!(found, ["changed", "only-here", "only-there"]);
    }
}
