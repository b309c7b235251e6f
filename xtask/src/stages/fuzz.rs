use crate::debian::{self, CXX};
use crate::run::Run;
use crate::sanitizer::{self, Programs, TARGET, cargo};
use crate::stage::{Stage, minutes};
use anyhow::Context;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

pub(super) const STAGE: Stage = Stage {
    name: "fuzz",
    about: "the fuzz targets find nothing in their time, and the one with a planted mistake finds it",
    timeout: minutes(8),
    deep_timeout: Some(minutes(3 * 60)),
    check,
};

/// The targets: a workspace of its own, for its flags and libFuzzer.
pub(super) const MANIFEST: &str = "fuzz/Cargo.toml";
/// The inputs with which each target begins.
const CORPUS: &str = "fuzz/corpus";

struct Target {
    name: &'static str,
    /// Bytes of the longest input that is tried.
    longest: u32,
    /// The mebibytes that it may take at once, if it is about memory: more than it says itself, so that a failure can be shown.
    at_once: Option<u32>,
}

const TARGETS: [Target; 10] = [
    Target { name: "event_api", longest: 400, at_once: None },
    Target { name: "ring_ops", longest: 600, at_once: None },
    Target { name: "names_and_words", longest: 600, at_once: None },
    Target { name: "shared_rings", longest: 1_500, at_once: None },
    Target { name: "blocks", longest: 2_000, at_once: Some(16) },
    Target { name: "frames", longest: 21_000, at_once: None },
    Target { name: "mirror", longest: 2_000, at_once: None },
    Target { name: "records", longest: 2_000, at_once: None },
    Target { name: "stores", longest: 4_000, at_once: None },
    Target { name: "pictures", longest: 2_000, at_once: None },
];

/// `ring_ops`, with a planted mistake.
const CONTROL: Target = Target { name: "control", longest: 300, at_once: None };
/// The message about it.
const FINDING: &str = "a reader answers otherwise than the model";

/// How long each target is fuzzed.
const QUICK: Duration = Duration::from_secs(6);
const DEEP: Duration = minutes(30);
/// The time within which the mistake must be found.
const CONTROL_TIME: Duration = minutes(1);
/// How long a target may take beyond its time, for the last input.
const GRACE: Duration = Duration::from_secs(30);

/// AddressSanitizer, and for libFuzzer the counters of edges and the operands of comparisons.
const FLAGS: &str = "-Zsanitizer=address -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
                     -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
                     -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1 --cfg fuzzing";

fn check(run: &Run<'_>) -> anyhow::Result<()> {
    // libFuzzer is C++, and built from its source.
    debian::require(run, &[CXX])?;
    let directory = run.workspace.target_argument("fuzz")?;
    let mut build = cargo(run, FLAGS);
    build.args(["build", "--release", "--locked", "--manifest-path", MANIFEST]);
    run.show(build.args(["--target", TARGET, "--target-dir", &directory]))?;
    let programs = Programs { run, built_in: "fuzz", profile: "release", options: ("ASAN_OPTIONS", "detect_leaks=1") };

    let failures = empty(run, "fuzz/failed", &CONTROL)?;
    let mut control = CONTROL.fuzzing(&programs, CONTROL_TIME, &failures)?;
    sanitizer::is_caught(run, &mut control, FINDING, CONTROL_TIME + GRACE)?;

    let time = if run.deep { DEEP } else { QUICK };
    for target in TARGETS {
        let failures = empty(run, "fuzz/failed", &target)?;
        let mut fuzzing = target.fuzzing(&programs, time, &failures)?;
        fuzzing.arg(run.workspace.root.join(CORPUS).join(target.name));
        let result = run.show_within(&mut fuzzing, time + GRACE);
        result.with_context(|| advice(&programs, &target, &failures))?;
    }
    Ok(())
}

impl Target {
    /// Fuzzes for `time`. New inputs stay in the target directory: the corpus in the repository is small,
    /// and chosen.
    fn fuzzing(&self, programs: &Programs<'_>, time: Duration, failures: &Path) -> anyhow::Result<Command> {
        let mut fuzzing = programs.command(self.name);
        fuzzing.arg(format!("-max_total_time={}", time.as_secs()));
        fuzzing.arg(format!("-max_len={}", self.longest)).arg("-len_control=0");
        fuzzing.args(["-timeout=10", "-verbosity=0", "-print_funcs=0", "-print_final_stats=1"]);
        fuzzing.args(self.at_once.map(|most| format!("-malloc_limit_mb={most}")));
        fuzzing.arg(format!("-artifact_prefix={}/", failures.display()));
        fuzzing.arg(empty(programs.run, "fuzz/found", self)?);
        Ok(fuzzing)
    }
}

/// A directory of `target`'s own in `kind`, empty.
fn empty(run: &Run<'_>, kind: &str, target: &Target) -> anyhow::Result<PathBuf> {
    let place = run.workspace.target.join(kind).join(target.name);
    if place.exists() {
        fs::remove_dir_all(&place).with_context(|| format!("removing {}", place.display()))?;
    }
    fs::create_dir_all(&place).with_context(|| format!("making {}", place.display()))?;
    Ok(place)
}

/// How to see a failure again.
fn advice(programs: &Programs<'_>, target: &Target, failures: &Path) -> String {
    let inputs = fs::read_dir(failures).into_iter().flatten().flatten().map(|entry| entry.path());
    match inputs.last() {
        Some(input) => format!("to see it again: {}", programs.run.as_typed(programs.command(target.name).arg(input))),
        None => format!("{} left no input behind", target.name),
    }
}
