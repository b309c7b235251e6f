//! A copy of the project, in which mutants are built: the working tree is never touched.

use crate::copy::copy_afresh;
use crate::process;
use crate::project::Project;
use anyhow::{Context, bail};
use serde_json::Value;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How long a build may take.
const BUILD: Duration = Duration::from_secs(10 * 60);

pub(crate) struct Scratch<'p> {
    project: &'p Project,
    /// Everything that the command makes.
    pub(crate) home: PathBuf,
    pub(crate) tree: PathBuf,
}

/// The result of a build.
pub(crate) enum Built {
    /// The program with the models.
    Program(PathBuf),
    /// The compiler's output.
    Refused(String),
}

impl<'p> Scratch<'p> {
    /// Copies the project afresh.
    pub(crate) fn copy(project: &'p Project) -> anyhow::Result<Self> {
        let home = project.target.join("mutate");
        let tree = home.join("tree");
        copy_afresh(&project.root, &tree, &project.target)?;
        Ok(Self { project, home, tree })
    }

    /// Replaces the text of `file`, named from the directory of sources.
    pub(crate) fn write(&self, file: &str, text: &str) -> anyhow::Result<()> {
        let path = self.tree.join(&self.project.source).join(file);
        fs::write(&path, text).with_context(|| format!("writing {}", path.display()))
    }

    /// Builds the models.
    pub(crate) fn build(&self) -> anyhow::Result<Built> {
        let Project { tests, checker, .. } = self.project;
        let said = self.home.join("build.json");
        let mut cargo = Command::new("cargo");
        cargo.current_dir(&self.tree).env("RUSTFLAGS", checker.flag()).stdout(File::create(&said)?);
        cargo.args(tests).args(["--no-run", "--quiet"]);
        cargo.args(["--message-format", "json", "--target-dir"]).arg(self.home.join("build"));
        let result = process::run(&mut cargo, Instant::now() + BUILD);
        let messages = fs::read_to_string(&said)?;
        let messages: Vec<Value> = messages.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
        match result {
            Ok(()) => match &test_programs(&messages)[..] {
                [program] => Ok(Built::Program(program.into())),
                all => bail!("`cargo {}` built {} test programs, and must build one", tests.join(" "), all.len()),
            },
            Err(process::RunError::Failed(_)) => Ok(Built::Refused(errors(&messages))),
            Err(error) => Err(error).context("building a mutant"),
        }
    }

    /// A command that runs `program` where its models lie, each of them up to `bound`.
    pub(crate) fn command(&self, program: &Path, bound: u32) -> Command {
        let mut command = Command::new(program);
        command.env(&self.project.checker.effort, bound.to_string());
        command.current_dir(&self.tree).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }
}

/// The test programs among what cargo built; there may be others, such as those that they start.
fn test_programs(messages: &[Value]) -> Vec<&str> {
    let tests = messages.iter().filter(|message| message["profile"]["test"] == true);
    tests.filter_map(|message| message["executable"].as_str()).collect()
}

fn errors(messages: &[Value]) -> String {
    let errors = messages.iter().map(|message| &message["message"]).filter(|message| message["level"] == "error");
    errors.filter_map(|message| message["rendered"].as_str()).collect()
}
