use crate::foreign::Compiler;
use crate::run::Run;
use crate::stage::{Stage, minutes};
use crate::workspace::LIBRARY;

pub(super) const STAGE: Stage = Stage {
    name: "other-targets",
    about: "the library, without std, compiles for a target with 32-bit words, and for a big-endian one",
    timeout: minutes(20),
    deep_timeout: None,
    check,
};

/// Words of 32 bits; the big end first.
const TARGETS: [&str; 2] = ["i686-unknown-linux-gnu", "s390x-unknown-linux-gnu"];

fn check(run: &Run<'_>) -> anyhow::Result<()> {
    let compiler = Compiler::unpacked(run)?;
    let directory = run.workspace.target_argument("other-targets")?;
    for target in TARGETS {
        // Debian has the standard library of neither for a new enough compiler: the needed part of it is compiled here.
        let mut check = compiler.cargo(&run.workspace.root);
        check.env("RUSTC_BOOTSTRAP", "1").args(["check", "-Zbuild-std=core,alloc", "--package", LIBRARY, "--locked"]);
        check.args(["--no-default-features", "--features", "alloc", "--target", target]);
        run.show(check.args(["--target-dir", &directory]))?;
    }
    Ok(())
}
