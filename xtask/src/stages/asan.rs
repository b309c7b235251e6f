use super::stress::is_stress_test;
use crate::run::Run;
use crate::sanitizer::{Programs, TARGET, cargo};
use crate::stage::{Stage, minutes};
use crate::workspace::{LIBRARY, TESTS};
use std::process::Command;

pub(super) const STAGE: Stage = Stage {
    name: "asan",
    about: "AddressSanitizer finds nothing in the library's tests, and finds the planted faults",
    timeout: minutes(8),
    deep_timeout: None,
    check,
};

/// The controls, and the programs of the stage `tsan`: a workspace of its own, for its flags.
pub(super) const MANIFEST: &str = "verification/sanitizers/Cargo.toml";

const FLAGS: &str = "-Zsanitizer=address";
const OPTIONS: &str = "ASAN_OPTIONS";
/// The library itself must say that there is no memory.
const WITH_LEAKS: &str = "detect_leaks=1:allocator_may_return_null=1";
const WITHOUT_LEAKS: &str = "detect_leaks=0:allocator_may_return_null=1";

/// Each does one thing that must be reported.
const CONTROLS: [(&str, &str); 3] = [
    ("asan_overflow", "SUMMARY: AddressSanitizer: heap-buffer-overflow"),
    ("asan_use_after_free", "SUMMARY: AddressSanitizer: heap-use-after-free"),
    ("asan_leak", "ERROR: LeakSanitizer: detected memory leaks"),
];

/// A test that runs the compiler, and so nothing instrumented or built for another processor.
pub(super) const RUNS_THE_COMPILER: &str = "compiler";
/// These forget Consumers, or leak rings because statics are lacking; so do the unit tests.
const LEAKING: [&str; 2] = ["consumer_contract", "oracle"];

fn check(run: &Run<'_>) -> anyhow::Result<()> {
    let controls = ["build", "--locked", "--manifest-path", MANIFEST, "--target", TARGET];
    let target = run.workspace.target_argument("asan/controls")?;
    let mut build = cargo(run, FLAGS);
    build.args(controls).args(["--target-dir", &target]);
    for (name, _) in CONTROLS {
        build.args(["--bin", name]);
    }
    run.show(&mut build)?;
    let programs = Programs { run, built_in: "asan/controls", profile: "debug", options: (OPTIONS, WITH_LEAKS) };
    for (name, finding) in CONTROLS {
        programs.is_caught(name, finding, minutes(1))?;
    }
    let tests = [run.workspace.package(LIBRARY)?, run.workspace.package(TESTS)?].map(|package| &package.tests);
    let (clean, leaking): (Vec<&str>, Vec<&str>) = tests
        .into_iter()
        .flatten()
        .map(String::as_str)
        .filter(|test| !is_stress_test(test) && *test != RUNS_THE_COMPILER)
        .partition(|test| !LEAKING.contains(test));
    run.show(test(run, WITHOUT_LEAKS, &leaking)?.arg("--lib"))?;
    run.show(&mut test(run, WITH_LEAKS, &clean)?)
}

fn test(run: &Run<'_>, leaks: &str, tests: &[&str]) -> anyhow::Result<Command> {
    let target = run.workspace.target_argument("asan/tests")?;
    let mut cargo = cargo(run, FLAGS);
    cargo.env(OPTIONS, leaks);
    cargo.args(["test", "--package", LIBRARY, "--package", TESTS, "--all-features", "--locked"]);
    cargo.args(["--target", TARGET, "--target-dir", &target]);
    for test in tests {
        cargo.args(["--test", test]);
    }
    Ok(cargo)
}
