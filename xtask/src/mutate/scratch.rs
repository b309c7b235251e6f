//! A copy of the workspace, in which mutants are built: the working tree is never touched.

use crate::stages::loom;
use crate::workspace::{LIBRARY, Workspace};
use crate::{altered, process};
use anyhow::{Context, bail};
use serde_json::Value;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How long a build may take.
const BUILD: Duration = Duration::from_secs(10 * 60);

pub(super) struct Scratch {
    /// Everything that the command makes.
    pub(super) home: PathBuf,
    pub(super) tree: PathBuf,
    /// The library's `src` in the copy.
    pub(super) source: PathBuf,
}

/// The result of a build.
pub(super) enum Built {
    /// The program with the models.
    Program(PathBuf),
    /// The compiler's output.
    Refused(String),
}

impl Scratch {
    /// Copies the workspace afresh.
    pub(super) fn copy(workspace: &Workspace) -> anyhow::Result<Self> {
        let home = workspace.target.join("mutate");
        let tree = home.join("tree");
        if tree.exists() {
            fs::remove_dir_all(&tree).with_context(|| format!("removing {}", tree.display()))?;
        }
        altered::copy_directory(&workspace.root, &tree, &workspace.target)?;
        let library = workspace.library()?;
        let inside = library.root.strip_prefix(&workspace.root).context("the library lies in the workspace")?;
        let source = tree.join(inside).join("src");
        Ok(Self { home, tree, source })
    }

    /// Replaces the text of `file`, named from the library's `src`.
    pub(super) fn write(&self, file: &str, text: &str) -> anyhow::Result<()> {
        let path = self.source.join(file);
        fs::write(&path, text).with_context(|| format!("writing {}", path.display()))
    }

    /// Builds the library's models.
    pub(super) fn build(&self) -> anyhow::Result<Built> {
        let said = self.home.join("build.json");
        let mut cargo = Command::new("cargo");
        cargo.current_dir(&self.tree).env("RUSTFLAGS", loom::CHECKER.flag()).stdout(File::create(&said)?);
        cargo.args(["test", "--package", LIBRARY, "--lib", "--all-features", "--release", "--locked"]);
        cargo.args(["--no-run", "--quiet"]);
        cargo.args(["--message-format", "json", "--target-dir"]).arg(self.home.join("build"));
        let result = process::run(&mut cargo, Instant::now() + BUILD);
        let messages = fs::read_to_string(&said)?;
        let messages: Vec<Value> = messages.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
        match result {
            Ok(()) => match messages.iter().find_map(|message| message["executable"].as_str()) {
                Some(program) => Ok(Built::Program(program.into())),
                None => bail!("cargo built no test program of {LIBRARY}"),
            },
            Err(process::RunError::Failed(_)) => Ok(Built::Refused(errors(&messages))),
            Err(error) => Err(error).context("building a mutant"),
        }
    }

    /// A command that runs `program` where its models lie.
    pub(super) fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.tree).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }
}

fn errors(messages: &[Value]) -> String {
    let errors = messages.iter().map(|message| &message["message"]).filter(|message| message["level"] == "error");
    errors.filter_map(|message| message["rendered"].as_str()).collect()
}
