use crate::debian::{self, PYTHON};
use crate::run::Run;
use crate::stage::{Stage, minutes};

pub(super) const STAGE: Stage = Stage {
    name: "mcap",
    about: "Python's reader of MCAP finds in recordings what was recorded, decoded by the schemas in them, and in unfinished ones what is whole",
    timeout: minutes(6),
    deep_timeout: None,
    check,
};

/// Python's reader, and its decoder of the schemas that recordings bring.
const READERS: [&str; 2] = ["mcap==1.6.0", "mcap-ros1-support==0.9.0"];

/// The tests that need these: elsewhere they are ignored.
const TESTS: usize = 3;

fn check(run: &Run<'_>) -> anyhow::Result<()> {
    debian::require(run, &[PYTHON])?;
    let environment = run.workspace.target.join("mcap");
    let python = environment.join("bin/python");
    // What is there stays, and is made whole if it was not.
    run.show(run.command(PYTHON.name).args(["-m", "venv"]).arg(&environment))?;
    run.show(
        run.command(&python).args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]).args(READERS),
    )?;
    let mut cargo = run.command("cargo");
    cargo.env("RUSTED_RING_MCAP_PYTHON", &python);
    cargo.args(["test", "--package", "rusted-ring-recording", "--locked", "--test", "recording"]);
    let said = run.read(cargo.args(["--", "--ignored", "foreign::"]))?;
    anyhow::ensure!(said.contains(&format!(" {TESTS} passed")), "not all {TESTS} tests ran:\n{said}");
    print!("{said}");
    Ok(())
}
