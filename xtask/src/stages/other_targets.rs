use super::arm::with_tests;
use crate::foreign::{Compiler, I686, S390X};
use crate::run::Run;
use crate::stage::{Stage, minutes};
use crate::workspace::LIBRARY;

pub(super) const STAGE: Stage = Stage {
    name: "other-targets",
    about: "the library compiles where a word has 32 bits, and where the big end comes first; deep, its tests run there",
    timeout: minutes(20),
    deep_timeout: Some(minutes(3 * 60)),
    check,
};

fn check(run: &Run<'_>) -> anyhow::Result<()> {
    let compiler = Compiler::unpacked(run)?;
    let directory = run.workspace.target_argument("other-targets")?;
    for machine in [I686, S390X] {
        // Debian has the standard library of neither for a compiler that is new enough.
        let mut check = compiler.cargo(&run.workspace.root);
        check.env("RUSTC_BOOTSTRAP", "1").args(["check", "-Zbuild-std=core,alloc", "--package", LIBRARY, "--locked"]);
        check.args(["--no-default-features", "--features", "alloc", "--target", machine.target]);
        run.show(check.args(["--target-dir", &directory]))?;
    }
    if run.deep {
        for machine in [I686, S390X] {
            machine.require(run)?;
            let mut test = machine.cargo(&compiler, &run.workspace.root, "test");
            run.show(with_tests(run, &mut test)?.args(["--target-dir", &directory]))?;
        }
    }
    Ok(())
}
