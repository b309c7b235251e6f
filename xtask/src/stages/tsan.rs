use crate::altered::{self, Alteration};
use crate::run::Run;
use crate::sanitizer::{Programs, TARGET, cargo};
use crate::stage::{Stage, minutes};
use std::path::Path;
use std::time::Duration;

pub(super) const STAGE: Stage = Stage {
    name: "tsan",
    about: "ThreadSanitizer finds no race in the gate, the readers and the ledger, and finds those made for it",
    timeout: minutes(6),
    deep_timeout: None,
    check,
};

/// The standard library is not instrumented: it may be mixed with what is.
const FLAGS: &str = "-Zsanitizer=thread -Cunsafe-allow-abi-mismatch=sanitizer";
const OPTIONS: (&str, &str) = ("TSAN_OPTIONS", "halt_on_error=1");
const FINDING: &str = "SUMMARY: ThreadSanitizer: data race";
const LIMIT: Duration = minutes(2);

/// The programs that must not be reported, and the one that must.
const GATE: &str = "tsan_gate";
const PROGRAMS: [&str; 3] = [GATE, "tsan_readers", "tsan_ledger"];
const CONTROL: &str = "tsan_control";

/// LLVM leaves `fetch_max` without instrumentation, so that ThreadSanitizer does not see what one writer hands to the next
/// by it, and reports a race. As a loop of exchanges, which is how x86-64 does it, it orders and stores the same.
const VISIBLE: [Alteration; 2] = [
    Alteration {
        file: "crates/rusted-ring/src/ring/gate.rs",
        was: "gate.horizon.fetch_max(wanted, Acquire);",
        is: "_ = gate.horizon.fetch_update(Acquire, Acquire, |horizon| Some(horizon.max(wanted)));",
    },
    Alteration {
        file: "crates/rusted-ring/src/ring/gate.rs",
        was: "gate.limit.fetch_max(granted, AcqRel).max(granted)",
        is: "gate.limit.fetch_update(AcqRel, Acquire, |limit| Some(limit.max(granted))).map_or(granted, |limit| limit.max(granted))",
    },
];

/// The control for the gate: a Consumer shows its position without handing on that it has read what lies before it.
const WEAKENED: Alteration = Alteration {
    file: "crates/rusted-ring/src/ring/table.rs",
    was: "self.entries[index].gate.0.released.store(position, Release);",
    is: "self.entries[index].gate.0.released.store(position, Relaxed);",
};

fn check(run: &Run<'_>) -> anyhow::Result<()> {
    let sound = altered::copy(run.workspace, "tsan/sound", &VISIBLE)?;
    let programs = build(run, &sound, "tsan/sound-build", &[&PROGRAMS[..], &[CONTROL]].concat())?;
    for program in PROGRAMS {
        programs.passes(program, LIMIT)?;
    }
    programs.is_caught(CONTROL, FINDING, LIMIT)?;
    let [horizon, limit] = VISIBLE;
    let weakened = altered::copy(run.workspace, "tsan/weakened", &[horizon, limit, WEAKENED])?;
    build(run, &weakened, "tsan/weakened-build", &[GATE])?.is_caught(GATE, FINDING, LIMIT)?;
    println!("no race in {}; two controls were caught", PROGRAMS.join(", "));
    Ok(())
}

fn build<'a>(run: &'a Run<'a>, copy: &Path, into: &'a str, programs: &[&str]) -> anyhow::Result<Programs<'a>> {
    let mut build = cargo(run, FLAGS);
    build.current_dir(copy.join("verification/sanitizers")).args(["build", "--locked", "--target", TARGET]);
    build.args(["--target-dir", &run.workspace.target_argument(into)?]);
    for program in programs {
        build.args(["--bin", program]);
    }
    run.show(&mut build)?;
    Ok(Programs { run, built_in: into, profile: "debug", options: OPTIONS })
}
