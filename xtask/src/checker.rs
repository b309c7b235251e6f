//! A model checker that the library can be built on, and the run of all its models.

use crate::run::Run;
use crate::workspace::LIBRARY;
use anyhow::Context;
use ordering_mutants::models_in;
use std::env;
use std::process::Command;

/// The arguments of cargo for the program that consists of the models; the flag of a checker makes it that.
pub(crate) const MODELS: [&str; 7] = ["test", "--package", LIBRARY, "--lib", "--all-features", "--release", "--locked"];

pub(crate) struct Checker {
    /// The `--cfg` that selects it, and where the models are built in the target directory: the flag would rebuild
    /// everything in place.
    pub(crate) name: &'static str,
    /// The variable that sets how far the models are explored.
    pub(crate) effort: &'static str,
    pub(crate) quick: u32,
    pub(crate) deep: u32,
}

impl Checker {
    /// The flag under which the library is built on this checker.
    pub(crate) fn flag(&self) -> String {
        format!("--cfg {}", self.name)
    }

    /// A cargo that runs the models.
    pub(crate) fn test(&self, run: &Run<'_>) -> anyhow::Result<Command> {
        let target = run.workspace.target_argument(self.name)?;
        let mut cargo = run.command("cargo");
        cargo.env("RUSTFLAGS", self.flag());
        cargo.args(MODELS).args(["--target-dir", &target]);
        Ok(cargo)
    }

    /// Explores every model, and returns their names. Keeps an effort that is set in the environment.
    pub(crate) fn explore(&self, run: &Run<'_>) -> anyhow::Result<Vec<String>> {
        let mut cargo = self.test(run)?;
        if env::var_os(self.effort).is_none() {
            let effort = if run.deep { self.deep } else { self.quick };
            cargo.env(self.effort, effort.to_string());
        }
        run.show(&mut cargo)?;
        models_in(&run.read(cargo.args(["--", "--list"]))?, "").context(LIBRARY)
    }
}
