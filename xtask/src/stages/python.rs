use super::c::{built, same_stroke};
use crate::debian::{self, PYTHON};
use crate::header;
use crate::run::Run;
use crate::stage::{Stage, minutes};
use anyhow::{Context, bail, ensure};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

pub(super) const STAGE: Stage = Stage {
    name: "python",
    about: "the wheel installs and does what it promises, alone and beside processes in Rust; its stubs are true; strokes are the same as in Rust",
    timeout: minutes(10),
    deep_timeout: None,
    check,
};

/// The package, with a workspace of its own.
pub(super) const MANIFEST: &str = "bindings/python/Cargo.toml";
const PACKAGE: &str = "bindings/python";
const STROKE: &str = "examples/stroke/stroke.py";

/// What the package does not call: what lends memory to write in; reads that wait, in whose place it waits by wait sets, so that no other thread
/// has the caller's memory meanwhile; names of statuses, which are classes; and compression, which programs ask for in Rust or C.
const UNCALLED: [&str; 5] =
    ["rusted_ring_abandon", "rusted_ring_claim", "rusted_ring_commit", "rusted_ring_read", "rusted_ring_status_name"];

fn check(run: &Run<'_>) -> anyhow::Result<()> {
    debian::require(run, &[PYTHON])?;
    every_function_is_called(run)?;
    let python = Python::installed(run)?;
    let tool = |name: &str, arguments: &[&str]| run.show(python.command(name).args(arguments));
    tool("ruff", &["check", ".", &above(STROKE)])?;
    tool("ruff", &["format", "--check", ".", &above(STROKE)])?;
    run.cargo(&["build", "--locked", "--package", "rring"])?;
    let mut clippy = run.command("cargo");
    clippy.args(["clippy", "--locked", "--manifest-path", MANIFEST, "--all-targets", "--target-dir", &target(run)?]);
    run.show(clippy.env("PYO3_PYTHON", python.program("python")).args(["--", "-D", "warnings"]))?;
    python.install_wheel()?;
    tool("pytest", &["--quiet", "-p", "no:cacheprovider"])?;
    tool("mypy", &["--package", "rusted_ring"])?;
    tool("mypy", &["tests", &above(STROKE)])?;
    tool("python", &["-m", "mypy.stubtest", "rusted_ring", "--concise"])?;
    same_stroke(run, python.command("python").arg(above(STROKE)))
}

/// Where cargo builds the package.
fn target(run: &Run<'_>) -> anyhow::Result<String> {
    run.workspace.target_argument("python/cargo")
}

/// A path from the root, as one from the package.
fn above(path: &str) -> String {
    format!("../../{path}")
}

/// The package calls every function of the header but some.
fn every_function_is_called(run: &Run<'_>) -> anyhow::Result<()> {
    let header = fs::read_to_string(header::path(run.workspace)?)?;
    let source = run.workspace.root.join(PACKAGE).join("src");
    let mut calls = String::new();
    for file in ["abi.rs", "abi/journal.rs", "abi/packed.rs", "lib.rs"] {
        calls += &fs::read_to_string(source.join(file))?;
    }
    for name in header::functions(&header) {
        let called = calls.contains(&format!("::{name}(")) || calls.contains(&format!("::{name};"));
        ensure!(called != UNCALLED.contains(&name), "{PACKAGE}/src calls {name}, or does not, against the stage");
    }
    Ok(())
}

/// An environment of the repository's own, in the target directory, with the tools of the package's requirements.
pub(super) struct Python<'a> {
    run: &'a Run<'a>,
    home: PathBuf,
}

impl<'a> Python<'a> {
    /// With the package as it is now.
    pub(super) fn with_wheel(run: &'a Run<'a>) -> anyhow::Result<Self> {
        debian::require(run, &[PYTHON])?;
        let python = Self::installed(run)?;
        python.install_wheel()?;
        Ok(python)
    }

    fn installed(run: &'a Run<'a>) -> anyhow::Result<Self> {
        let python = Self { run, home: run.workspace.target.join("python") };
        let requirements = run.workspace.root.join(PACKAGE).join("requirements.txt");
        let (wanted, mark) = (fs::read_to_string(&requirements)?, python.home.join("installed"));
        if fs::read_to_string(&mark).is_ok_and(|found| found == wanted) {
            return Ok(python);
        }
        let environment = python.home.join("environment");
        run.show(run.command(PYTHON.name).args(["-m", "venv", "--clear"]).arg(&environment))?;
        let mut pip = python.command("python");
        run.show(pip.args(["-m", "pip", "install", "--quiet", "--requirement"]).arg(&requirements))?;
        fs::write(&mark, wanted).with_context(|| format!("writing {}", mark.display()))?;
        Ok(python)
    }

    pub(super) fn program(&self, name: &str) -> PathBuf {
        self.home.join("environment/bin").join(name)
    }

    /// A program of the environment, in the package's directory, which leaves nothing there.
    fn command(&self, name: &str) -> Command {
        let mut command = self.run.command(self.program(name));
        command.current_dir(self.run.workspace.root.join(PACKAGE));
        command.env("VIRTUAL_ENV", self.home.join("environment")).env("PYTHONDONTWRITEBYTECODE", "1");
        command.env("MYPY_CACHE_DIR", self.home.join("mypy")).env("RUFF_CACHE_DIR", self.home.join("ruff"));
        command.env("RUSTED_RING_RRING", built(self.run).join("rring"));
        command
    }

    fn install_wheel(&self) -> anyhow::Result<()> {
        let wheel = self.wheel(&target(self.run)?)?;
        let mut pip = self.command("python");
        self.run.show(pip.args(["-m", "pip", "install", "--quiet", "--force-reinstall", "--no-deps", &wheel]))
    }

    /// Builds the wheel, and returns its path.
    fn wheel(&self, target: &str) -> anyhow::Result<String> {
        let wheels = self.home.join("wheels");
        if wheels.exists() {
            fs::remove_dir_all(&wheels).context("removing an old wheel")?;
        }
        let mut maturin = self.command("maturin");
        maturin.args(["build", "--locked", "--quiet", "--target-dir", target, "--interpreter"]);
        self.run.show(maturin.arg(self.program("python")).arg("--out").arg(&wheels))?;
        let mut found = fs::read_dir(&wheels)?.map(|entry| entry.map(|entry| entry.path()));
        match (found.next().transpose()?.as_deref().and_then(Path::to_str), found.next()) {
            (Some(wheel), None) => Ok(wheel.to_owned()),
            _ => bail!("{} does not hold one wheel", wheels.display()),
        }
    }
}
