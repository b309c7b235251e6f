use crate::run::Run;
use crate::sanitizer::{Programs, TARGET, cargo};
use crate::stage::{Stage, minutes};
use ordering_mutants::control::Alteration;
use std::path::Path;
use std::time::Duration;

pub(super) const STAGE: Stage = Stage {
    name: "tsan",
    about: "ThreadSanitizer finds no race in the gate, readers, batches and the ledger, and finds the planted ones",
    timeout: minutes(6),
    deep_timeout: None,
    check,
};

/// The standard library is not instrumented: it may be mixed with what is.
const FLAGS: &str = "-Zsanitizer=thread -Cunsafe-allow-abi-mismatch=sanitizer";
const OPTIONS: (&str, &str) = ("TSAN_OPTIONS", "halt_on_error=1");
const FINDING: &str = "SUMMARY: ThreadSanitizer: data race";
const LIMIT: Duration = minutes(2);

/// The programs that must not be reported, those of them that must be with a weaker gate, and the one that always must.
const PROGRAMS: [&str; 4] = ["tsan_gate", "tsan_readers", "tsan_values", "tsan_ledger"];
const GATED: [&str; 2] = ["tsan_gate", "tsan_values"];
const CONTROL: &str = "tsan_control";

/// The control for the gate: a Consumer shows its position without releasing its reads of what lies before it.
const WEAKENED: Alteration<'_> = Alteration {
    file: "crates/rusted-ring/src/ring/protocol/entry.rs",
    was: "lines.gate.0.released.store(position, Release);",
    is: "lines.gate.0.released.store(position, Relaxed);",
};

fn check(run: &Run<'_>) -> anyhow::Result<()> {
    let programs = build(run, &run.workspace.root, "tsan/sound", &[&PROGRAMS[..], &[CONTROL]].concat())?;
    for program in PROGRAMS {
        programs.passes(program, LIMIT)?;
    }
    programs.is_caught(CONTROL, FINDING, LIMIT)?;
    let weakened = run.workspace.copy("tsan/weakened", &[WEAKENED])?;
    let programs = build(run, &weakened, "tsan/weakened-build", &GATED)?;
    for program in GATED {
        programs.is_caught(program, FINDING, LIMIT)?;
    }
    println!("no race in {}; three controls were caught", PROGRAMS.join(", "));
    Ok(())
}

/// Builds `programs` of the workspace in `root`.
fn build<'a>(run: &'a Run<'a>, root: &Path, into: &'a str, programs: &[&str]) -> anyhow::Result<Programs<'a>> {
    let mut build = cargo(run, FLAGS);
    build.current_dir(root.join("verification/sanitizers")).args(["build", "--locked", "--target", TARGET]);
    build.args(["--target-dir", &run.workspace.target_argument(into)?]);
    for program in programs {
        build.args(["--bin", program]);
    }
    run.show(&mut build)?;
    Ok(Programs { run, built_in: into, profile: "debug", options: OPTIONS })
}
